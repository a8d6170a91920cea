/** `keepwarm probe` as its users have it, against servers whose ways are known. */
import { writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Socket } from 'node:net'
import { describe, expect, test } from 'vitest'
import { runCommandLine } from '../src/program.ts'
import { needsNginx, startNginx } from './support/nginx.ts'
import { run, start } from './support/run.ts'
import { testSurroundings } from './support/surroundings.ts'
import {
  authority,
  rawHello,
  startHttp,
  startHttp2,
  startHttps,
  startRaw,
  testOnly,
} from './support/target-servers.ts'

interface Output {
  readonly schema: string
  readonly protocol: string
  readonly idle: {
    readonly kind: string
    readonly after: number
    readonly most: number
    readonly [name: string]: unknown
  }
  readonly limit: {
    readonly answered: number
    readonly reached: boolean
    readonly by?: string
    readonly again?: number
  }
  readonly race: { readonly answered: number; readonly lost: number; readonly late: number } | undefined
  readonly hint: { readonly timeout?: number; readonly max?: number }
  readonly handshake: {
    readonly tcp: number
    readonly tls?: number
    readonly resumed?: number
    readonly firstByte: { readonly cold: number; readonly warm?: number }
  }
  readonly certificate: Readonly<Record<string, unknown>> | undefined
  readonly methods: Readonly<Record<string, unknown>>
  readonly maxStreams?: number
  readonly connections: number
  readonly env: string
  readonly recommendations: readonly {
    readonly variable: string
    readonly value: string
    readonly reason: string
  }[]
}

async function json(...args: string[]): Promise<Output> {
  const { code, stdout, stderr } = await run(['probe', ...args, '--json'])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return JSON.parse(stdout) as Output
}

/** A machine that is busy sees ends late, and beginnings too. */
function expectEndAfter({ idle }: Output, milliseconds: number): void {
  expect(idle.kind).toBe('closed')
  expect(idle.after).toBeGreaterThan(milliseconds * 0.4)
  expect(idle.after).toBeLessThan(milliseconds + 4_000)
}

function valueOf({ recommendations }: Output, variable: string): string | undefined {
  return recommendations.find((one) => one.variable === variable)?.value
}

describe.concurrent('a server of Node', () => {
  test('its timeout and its limit of requests are found, and how it says so', async () => {
    await using server = await startHttp({
      keepAliveTimeout: 1_000,
      keepAliveTimeoutBuffer: 0,
      maxRequestsPerSocket: 7,
    })
    const output = await json(`${server.origin}/x`, '--max-idle', '30s')
    expect(output).toMatchObject({
      schema: 'keepwarm-cli-probe/1',
      protocol: 'http/1.1',
      hint: { timeout: 1, max: 7 },
    })
    expectEndAfter(output, 1_000)
    expect(output.idle['by']).toBe('fin')
    expect(output.limit).toEqual({ answered: 7, reached: true, by: 'connection: close', again: 7 })
    expect(output.methods).toEqual({ GET: 200, HEAD: 200, OPTIONS: 200 })
    expect(valueOf(output, 'KEEPALIVE_EXPIRY')).toMatch(/^\d+ms$|^[12](\.\d)?s$/)
    expect(output.handshake.tcp).toBeGreaterThan(0)
    expect(output.certificate).toBeUndefined()
    const { answered, lost, late } = output.race!
    expect(answered + lost + late).toBe(6)
    expect(server.sockets.total).toBe(output.connections)
    expect(server.sockets.total).toBeLessThanOrEqual(30)
    expect(server.sockets.peak).toBeLessThanOrEqual(12)
    expect(server.requests.length).toBeLessThan(70)
  }, 60_000)

  test('one that keeps nothing is told to keep nothing', async () => {
    await using server = await startHttp({}, (_, response) =>
      response.setHeader('connection', 'close').end('x'),
    )
    const output = await json(server.origin)
    expect(output.idle).toEqual({ kind: 'never' })
    expect(valueOf(output, 'KEEPALIVE_EXPIRY')).toBeUndefined()
  }, 60_000)

  test('one that keeps connections for longer than is waited is tried at the end', async () => {
    await using server = await startHttp()
    const output = await json(server.origin, '--max-idle', '2s', '--max-requests', '20')
    expect(output.idle.kind).toBe('kept')
    expect(output.idle['answeredAfter']).toBeGreaterThan(1_999)
    expect(output.limit).toEqual({ answered: 20, reached: false })
    expect(output.race).toBeUndefined()
  }, 60_000)

  test('over TLS the handshake, its resumption and the certificate are told', async () => {
    await using server = await startHttps({ keepAliveTimeout: 500, keepAliveTimeoutBuffer: 0 })
    const output = await json(server.origin, '--ca', authority, '--max-idle', '20s')
    expect(output.protocol).toBe('http/1.1')
    expect(output.handshake.tls).toBeGreaterThan(0)
    expect(output.handshake.resumed).toBeGreaterThan(0)
    expect(output.certificate).toMatchObject({
      ...{
        tls: 'TLSv1.3',
        subject: 'keepwarm test only',
        issuer: 'keepwarm test only',
        chain: 1,
        validTo: '2120-01-01',
      },
    })
    expect(output.certificate!['daysLeft']).toBeGreaterThan(30_000)
    expectEndAfter(output, 500)
  }, 60_000)

  test('a certificate that is not trusted ends it before anything is sent, and is told', async () => {
    await using server = await startHttps()
    const { code, stdout, stderr } = await run(['probe', server.origin, '-H', 'authorization: hush'])
    expect({ code, stdout }).toEqual({ code: 69, stdout: '' })
    expect(stderr).toContain('keepwarm test only')
    expect(stderr).toMatch(/not trusted: .*self.signed/i)
    expect(stderr).toContain('--insecure')
    expect(server.requests).toEqual([])
    const output = await json(server.origin, '--insecure', '--max-idle', '300ms', '--max-requests', '2')
    expect(output.certificate!['problem']).toMatch(/self.signed/i)
  }, 60_000)
})

describe.concurrent('HTTP/2', () => {
  test('streams, and the end of a session that rests', async () => {
    const settings = { maxConcurrentStreams: 17 }
    await using server = await startHttp2({ settings }, (session) =>
      session.setTimeout(700, () => session.close()),
    )
    const output = await json(server.origin, '--ca', authority, '--max-idle', '20s', '--max-requests', '10')
    expect(output).toMatchObject({ protocol: 'h2', maxStreams: 17 })
    expectEndAfter(output, 700)
    expect(output.idle['by']).toBe('goaway')
    expect(output.limit).toEqual({ answered: 10, reached: false })
    expect(output.methods).toEqual({ GET: 200, HEAD: 200, OPTIONS: 200 })
  }, 60_000)

  test('it is left out where that is asked for', async () => {
    await using server = await startHttp2({ allowHTTP1: true })
    const args = ['--ca', authority, '--http1', '--max-idle', '300ms', '--max-requests', '2']
    expect((await json(server.origin, ...args)).protocol).toBe('http/1.1')
  }, 60_000)
})

describe.concurrent('servers with other ways', () => {
  const later = (socket: Socket, delay: number, end: () => void): void => {
    const timer = setTimeout(end, delay)
    socket.once('data', () => clearTimeout(timer)).once('close', () => clearTimeout(timer))
  }

  test('a reset in place of an end', async () => {
    await using server = await startRaw((socket) => {
      socket.write(rawHello())
      later(socket, 600, () => socket.resetAndDestroy())
    })
    const output = await json(server.origin, '--max-idle', '20s', '--max-requests', '5')
    expectEndAfter(output, 600)
    expect(output.idle['by']).toBe('rst')
  }, 60_000)

  test('a 408 before the end', async () => {
    await using server = await startRaw((socket) => {
      socket.write(rawHello())
      later(socket, 600, () => socket.end('HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\n\r\n'))
    })
    const output = await json(server.origin, '--max-idle', '20s', '--max-requests', '5')
    expectEndAfter(output, 600)
    expect(output.idle['unasked']).toBe(true)
  }, 60_000)

  test('a connection that is forgotten on the way: no end, and no answer', async () => {
    const last = new WeakMap<Socket, number>()
    await using server = await startRaw((socket) => {
      const rested = performance.now() - (last.get(socket) ?? performance.now())
      if (rested > 1_500) return void socket.resetAndDestroy()
      last.set(socket, performance.now())
      socket.write(rawHello())
    })
    const output = await json(server.origin, '--max-idle', '4s', '--max-requests', '5')
    expect(output.idle.kind).toBe('forgotten')
    expect(output.idle['lostAfter']).toBeGreaterThan(1_500)
    expect(valueOf(output, 'KEEPALIVE_EXPIRY')).toBe('1s')
  }, 60_000)

  test('a limit of requests that nobody announces', async () => {
    await using server = await startRaw((socket, _, number) => {
      if (number < 5) socket.write(rawHello())
      else socket.end(rawHello())
    })
    const output = await json(server.origin, '--max-idle', '500ms')
    expect(output.limit).toEqual({ answered: 5, reached: true, by: 'fin', again: 5 })
    expect(valueOf(output, 'MAX_REQUESTS_PER_CONNECTION')).toBe('5')
  }, 60_000)

  test('one that dies at OPTIONS', async () => {
    await using server = await startRaw((socket, head) => {
      if (head.startsWith('OPTIONS')) socket.destroy()
      else socket.write(head.startsWith('HEAD') ? rawHello().slice(0, -5) : rawHello())
    })
    const output = await json(server.origin, '--max-idle', '300ms', '--max-requests', '2')
    expect(output.methods).toEqual({ GET: 200, HEAD: 200, OPTIONS: 'no answer' })
  }, 60_000)
})

describe.runIf(needsNginx())('nginx', () => {
  const limits = 'keepalive_timeout 2s; keepalive_requests 50; location / { return 200 "hello"; }'

  test('its keepalive_timeout and its keepalive_requests are found', async () => {
    await using nginx = await startNginx(limits)
    const output = await json(`http://127.0.0.1:${nginx.port}/`, '--max-idle', '30s')
    expectEndAfter(output, 2_000)
    expect(output.limit).toEqual({ answered: 50, reached: true, by: 'connection: close', again: 50 })
    expect(output.hint).toEqual({})
  }, 60_000)

  test('a header that promises more than it keeps is found out', async () => {
    await using nginx = await startNginx('location / { keepalive_timeout 1s 9s; return 200 "hello"; }')
    const url = `http://127.0.0.1:${nginx.port}/`
    const { code, stdout } = await run(['probe', url, '--max-idle', '30s', '--max-requests', '5'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/^Idle .* Keep-Alive: timeout=9, which is more than it keeps$/m)
    expect(stdout).toContain('though its Keep-Alive header promises 9 s')
  }, 60_000)

  test('over HTTP/2, too', async () => {
    await using folder = await temporaryFolder()
    writeFileSync(join(folder.path, 'key.pem'), testOnly.key)
    const tls = `ssl_certificate ${authority}; ssl_certificate_key ${folder.path}/key.pem;`
    await using nginx = await startNginx(`${tls} http2_max_concurrent_streams 33; ${limits}`, ' ssl http2')
    const output = await json(`https://127.0.0.1:${nginx.port}/`, '--ca', authority, '--max-idle', '30s')
    expect(output).toMatchObject({
      protocol: 'h2',
      maxStreams: 33,
      limit: { answered: 50, by: 'goaway', again: 50 },
    })
    expectEndAfter(output, 2_000)
  }, 60_000)
})

test('its block of settings is one that `keepwarm config --check` has nothing against', async () => {
  await using server = await startHttp({ keepAliveTimeout: 600, keepAliveTimeoutBuffer: 0 })
  await using folder = await temporaryFolder()
  const args = ['--max-requests', '5', '--prefix', 'ORDERS_HTTP_CLIENT', '--env']
  const { stdout: block } = await run(['probe', server.origin, ...args])
  expect(block).toMatch(/^ORDERS_HTTP_CLIENT_KEEPALIVE_EXPIRY=\d/m)
  expect(block).toMatch(/^(# .+\n\w+=\w+(\.\d\w+)?\n)+$/)
  const file = join(folder.path, 'orders.env')
  writeFileSync(file, block)
  const checked = await run(['config', '--check', '--env-file', file])
  expect(checked).toMatchObject({ code: 0 })
  writeFileSync(file, block.replace('EXPIRY', 'EXPIRI'))
  expect(await run(['config', '--check', '--env-file', file])).toMatchObject({ code: 1 })
}, 60_000)

test.each([
  [['http://127.0.0.1:1'], 69, 'ECONNREFUSED'],
  [['http://nobody.invalid'], 69, 'ENOTFOUND'],
  [['http://127.0.0.1:1', '--max-idle', 'soon'], 2, 'such as 500ms'],
  [['http://127.0.0.1:1', '--ca', '/nowhere.pem'], 2, '--ca /nowhere.pem cannot be read'],
  [['127.0.0.1:99999'], 2, 'http or https'],
  [[], 2, "missing required argument 'url'"],
])(
  '%j ends with %d',
  async (args, code, text) => {
    const ended = await run(['probe', ...args])
    expect(ended).toMatchObject({ code, stdout: '' })
    expect(ended.stderr).toContain(text)
    expect(ended.stderr).not.toMatch(/^\s+at /m)
  },
  30_000,
)

test('interrupted, it tells what it knows', async () => {
  await using server = await startHttp()
  await using running = start(['probe', server.origin, '--json', '--max-requests', '10000'])
  while (server.requests.length < 60) await new Promise((resolve) => setTimeout(resolve, 20))
  running.child.kill('SIGINT')
  const { code, stdout } = await running.ended
  expect(code).toBe(130)
  expect(JSON.parse(stdout)).toMatchObject({
    interrupted: true,
    idle: { kind: 'unknown' },
    limit: { reached: false },
    methods: { GET: 200 },
  })
}, 60_000)

test('a proxy of the environment is not used, and that is told', async () => {
  await using server = await startHttp()
  const args = ['probe', server.origin, '--max-idle', '300ms', '--max-requests', '2']
  const { code, stdout } = await run(args, { env: { http_proxy: 'http://127.0.0.1:1' } })
  expect(code).toBe(0)
  expect(stdout).toMatch(/^Proxy .*though HTTP_PROXY is set/m)
}, 60_000)

test('on a terminal it says what it waits for', async () => {
  await using server = await startHttp()
  const shown = testSurroundings({ tty: true })
  const args = ['probe', server.origin, '--max-idle', '900ms', '--max-requests', '2']
  expect(await runCommandLine(args, shown)).toBe(0)
  expect(shown.stderr.text).toContain('connections rest for 0 s')
  expect(shown.stdout.text).toContain('Idle')
}, 60_000)

async function temporaryFolder(): Promise<{ readonly path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), 'keepwarm-probe-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}
