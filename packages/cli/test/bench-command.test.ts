/** `keepwarm bench` as its users have it: a process, its exit code, and what it writes. */
import { expect, test } from 'vitest'
import { runCommandLine } from '../src/program.ts'
import { run, start } from './support/run.ts'
import { testSurroundings } from './support/surroundings.ts'
import { authority, startHttp, startHttp2, startRaw, rawHello } from './support/target-servers.ts'

const short = ['--duration', '600ms', '--rounds', '6', '--warm-up', '50ms']

interface Output {
  readonly schema: string
  readonly interrupted: boolean
  readonly answer: object
  readonly settings: Readonly<Record<string, unknown>>
  readonly environment: Readonly<Record<string, unknown>>
  readonly arms: readonly {
    readonly name: string
    readonly requests: number
    readonly failures: Readonly<Record<string, number>>
    readonly latency: Readonly<Record<string, { median: number; lower: number; upper: number }>>
    readonly connections: number
    readonly rounds: readonly {
      readonly requests: number
      readonly connections: number
      readonly tookMs: number
    }[]
  }[]
  readonly comparisons: readonly { arm: string; other: string; decided: boolean; verdict: string }[]
  readonly thresholds: readonly { text: string; value: number | null; failed: boolean }[]
}

async function json(...args: string[]): Promise<Output> {
  const { code, stdout, stderr } = await run(['bench', ...short, ...args, '--json'])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return JSON.parse(stdout) as Output
}

test('pooled opens few connections, unpooled one for each request, as the server counts them', async () => {
  await using server = await startHttp()
  const output = await json(`${server.origin}/x`, '--seed', '7')
  const [pooled, unpooled] = output.arms
  expect(output).toMatchObject({
    schema: 'keepwarm-cli-bench/1',
    interrupted: false,
    method: 'GET',
    url: `${server.origin}/x`,
    answer: { status: 200, protocol: 'HTTP/1.1', bytes: 5 },
    settings: {
      concurrency: 10,
      rate: null,
      openLoop: false,
      rounds: 6,
      roundMs: 100,
      warmUpMs: 50,
      seed: 7,
    },
    environment: { node: process.versions.node },
    thresholds: [],
  })
  expect(pooled).toMatchObject({ name: 'pooled', failures: {} })
  expect(unpooled).toMatchObject({ name: 'unpooled', failures: {} })
  expect(pooled!.connections).toBeLessThanOrEqual(10)
  expect(unpooled!.connections).toBeGreaterThanOrEqual(unpooled!.requests)
  expect(server.sockets.total).toBeGreaterThanOrEqual(unpooled!.connections)
  expect(server.requests.length).toBeGreaterThanOrEqual(pooled!.requests + unpooled!.requests)
  expect(new Set(server.requests)).toEqual(new Set(['GET /x']))
  for (const { rounds, requests, latency } of output.arms) {
    expect(rounds.length).toBe(6)
    expect(rounds.reduce((sum, round) => sum + round.requests, 0)).toBe(requests)
    const { lower, median, upper } = latency['p50']!
    expect(lower > 0 && lower <= median && median <= upper).toBe(true)
  }
  expect(output.comparisons).toMatchObject([{ arm: 'pooled', other: 'unpooled' }])
  expect(output.comparisons[0]!.verdict).toMatch(/^pooled (is|shows) /)
}, 60_000)

test('settings are held against each other, and the limit that matters is found', async () => {
  await using server = await startHttp({}, (_, response) => void setTimeout(() => response.end('ok'), 10))
  const arms = ['-c', 'maxConnections=1', '-c', 'MAX_CONNECTIONS=5', '-c', 'new-client connectTimeout=5s']
  const output = await json(server.origin, ...arms, '--duration', '2400ms')
  expect(output.arms.map(({ name }) => name)).toEqual([
    'maxConnections=1',
    'MAX_CONNECTIONS=5',
    'new-client connectTimeout=5s',
  ])
  expect(output.arms[0]!.connections).toBeLessThanOrEqual(1)
  expect(output.arms[1]!.connections).toBeLessThanOrEqual(5)
  expect(output.arms[2]!.connections).toBeGreaterThanOrEqual(output.arms[2]!.requests)
  expect(output.comparisons.map(({ other }) => other)).toEqual(output.arms.slice(1).map(({ name }) => name))
  expect(output.comparisons[0]!.verdict).toMatch(/^maxConnections=1 is .*slower than MAX_CONNECTIONS=5/)
}, 60_000)

test('HTTP/2 is spoken where the server has it, and its authority is believed', async () => {
  await using server = await startHttp2()
  const output = await json(server.origin, '--ca', authority, '-c', 'pooled')
  expect(output.answer).toMatchObject({ protocol: 'HTTP/2', status: 200 })
  expect(server.sockets.total).toBe(1)
  const { code, stderr } = await run(['bench', server.origin, ...short]) // without it
  expect({ code, stderr }).toMatchObject({ code: 69, stderr: expect.stringMatching(/certificate/i) })
}, 60_000)

test('failures are told by kind', async () => {
  let all = 0
  await using server = await startRaw((socket) => {
    const turn = all++ % 4
    if (turn === 1) socket.write('HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n')
    else if (turn === 3) socket.end(rawHello().slice(0, -2))
    else socket.write(rawHello())
  })
  const output = await json(server.origin, '-c', 'pooled', '-n', '2')
  const { failures, requests } = output.arms[0]!
  expect(requests).toBeGreaterThan(0)
  expect(failures['status 503']).toBeGreaterThan(0)
  expect(Object.keys(failures).some((kind) => kind.startsWith('reset'))).toBe(true)
}, 60_000)

test('a missed threshold is exit code 1, and is told', async () => {
  await using server = await startHttp()
  const held = await run(['bench', server.origin, ...short, '--fail-if', 'p99>60s', '--fail-if', 'errors>0'])
  expect(held).toMatchObject({ code: 0, stderr: '' })
  const missed = await run([
    'bench',
    server.origin,
    ...short,
    '--fail-if',
    'p50>0.001ms',
    '--fail-if',
    'errors>0',
  ])
  expect(missed.code).toBe(1)
  expect(missed.stdout).toMatch(/✗ p50>0\.001ms: it is [\d.]+ ms$/m)
  expect(missed.stdout).not.toContain('✗ errors')
}, 60_000)

test('an open load is sent at its rate', async () => {
  await using server = await startHttp()
  const output = await json(server.origin, '--rate', '200', '-c', 'pooled', '--warm-up', '0s')
  expect(output.settings).toMatchObject({ openLoop: true, rate: 200, requestsPerRound: 20 })
  expect(output.arms[0]!.requests).toBe(120)
  expect(server.requests.length).toBe(121)
}, 60_000)

test('a body is sent where that is meant, and what may be secret is not written anywhere', async () => {
  const seen: string[] = []
  await using server = await startHttp({}, (request, response) => {
    seen.push(`${request.method} ${request.headers.authorization}`)
    request.resume().on('end', () => response.end())
  })
  const secrets = ['--header', 'Authorization: Bearer hush', '--body', '{"password":"hush"}', '--unsafe']
  for (const form of ['--json', '--markdown', '--quiet']) {
    const args = ['bench', `${server.origin}/?key=hush`, ...short, ...secrets, form, '-c', 'pooled']
    const { code, stdout, stderr } = await run(args)
    expect(code).toBe(0)
    expect(stdout + stderr).not.toContain('hush')
  }
  expect(new Set(seen)).toEqual(new Set(['POST Bearer hush']))
}, 60_000)

test.each([
  [['http://127.0.0.1:1', '--compare', 'unpoled'], 2, 'Did you mean unpooled?'],
  [['http://127.0.0.1:1', '--fail-if', 'p99'], 2, 'is no threshold'],
  [['http://127.0.0.1:1', '-X', 'DELETE'], 2, 'add --unsafe'],
  [['http://127.0.0.1:1', '--rounds', 'x'], 2, 'a whole number from 1 to 1000'],
  [['http://127.0.0.1:1', '--roundz', '3'], 2, '--rounds'],
  [['http://127.0.0.1:1', '--body', 'x', '--body-file', 'y'], 2, 'one of them'],
  [['http://127.0.0.1:1', '-H', 'hush'], 2, 'a name and a value'],
  [['ftp://127.0.0.1:1'], 2, 'http or https'],
  [[], 2, "missing required argument 'url'"],
  [['https://api.example.invalid', '-n', '500'], 2, '--allow-load api.example.invalid'],
  [['http://127.0.0.1:1'], 69, 'ECONNREFUSED'],
  [['https://api.example.invalid'], 69, 'api.example.invalid'],
  [['http://127.0.0.1:1', '--compare', 'maxConections=5'], 78, 'maxConnections'],
  [['http://127.0.0.1:1', '--compare', 'MAX_CONNECTIONS=many'], 78, 'HTTP_CLIENT_MAX_CONNECTIONS'],
])(
  '%j ends with %d',
  async (args, code, text) => {
    const ended = await run(['bench', ...args])
    expect(ended).toMatchObject({ code, stdout: '' })
    expect(ended.stderr).toContain(text)
    expect(ended.stderr).not.toMatch(/^\s+at /m)
  },
  30_000,
)

test('interrupted, it tells what was measured until then', async () => {
  await using server = await startHttp()
  const args = ['bench', server.origin, '--duration', '60s', '--rounds', '300', '--warm-up', '0s', '--json']
  await using running = start(args)
  while (server.requests.length < 3_000) await new Promise((resolve) => setTimeout(resolve, 20))
  // Long enough for some rounds, however fast the machine is.
  await new Promise((resolve) => setTimeout(resolve, 1_000))
  running.child.kill('SIGINT')
  const { code, stdout } = await running.ended
  expect(code).toBe(130)
  const output = JSON.parse(stdout) as Output
  expect(output.interrupted).toBe(true)
  const [pooled, unpooled] = output.arms.map(({ rounds }) => rounds.length)
  expect(pooled).toBeGreaterThan(0)
  expect(unpooled).toBe(pooled)
  // The round that was under way is left out.
  const { roundMs } = output.settings
  for (const { tookMs } of output.arms.flatMap(({ rounds }) => rounds))
    expect(tookMs).toBeGreaterThan(Number(roundMs) * 0.95)
}, 60_000)

test('on a terminal it is drawn how far it is, in a pipe there is neither that nor colour', async () => {
  await using server = await startHttp()
  const shown = testSurroundings({ tty: true })
  expect(await runCommandLine(['bench', server.origin, ...short], shown)).toBe(0)
  expect(shown.stderr.text).toContain('▏')
  expect(shown.stderr.text).toMatch(/(pooled|unpooled) · round [1-6] of 6/)
  const piped = testSurroundings()
  expect(await runCommandLine(['bench', server.origin, ...short], piped)).toBe(0)
  expect(piped.stderr.text).toBe('')
  expect(piped.stdout.text).not.toContain('\x1b')
  expect(piped.stdout.text.trim().split('\n').at(-1)).toMatch(/^pooled (is|shows) /)
}, 60_000)
