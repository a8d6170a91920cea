/** Hooks: in which order they run, what they are told, what they may do; and that nothing is left over by one that fails. */
import { setTimeout as sleep } from 'node:timers/promises'
import { Readable } from 'node:stream'
import { inspect } from 'node:util'
import { fetch as undiciFetch } from 'undici'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { HttpClient } from '../src/client/http-client.ts'
import type { HttpClientOptions } from '../src/client/options.ts'
import type { EndedCall, HookFacts, Hooks } from '../src/exchange/hooks.ts'
import { ExchangeBench, Listener } from './support/client-exchange-bench.ts'
import { bodyOf, clientOf, failureOf } from './support/client-tools.ts'
import { startHttp, type TestServer } from './support/servers.ts'
import { eventually } from './support/wait.ts'

/** Answers with these statuses in turn, then with 200; says what it was asked with. */
function answering(...statuses: number[]): Promise<TestServer> {
  return startHttp(async (incoming, response) => {
    await bodyOf(incoming)
    response.statusCode = statuses.shift() ?? 200
    response.end(String(incoming.headers['x-token'] ?? 'none'))
  })
}

function hooked(server: TestServer, hooks: Hooks, options: HttpClientOptions = {}): HttpClient {
  return clientOf(server, { name: 'orders', hooks, ...options })
}

const warnings = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
afterEach(() => warnings.mockClear())

describe('the order', () => {
  test('of one call with a retry: before, after, before, after, end; those of the client before those of the call', async () => {
    await using server = await answering(503)
    const told: string[] = []
    const log = (who: string): Hooks => ({
      beforeRequest: ({ attempt }) => void told.push(`${who} before ${attempt}`),
      afterResponse: ({ attempt, status }) => void told.push(`${who} after ${attempt}: ${status}`),
      afterCall: ({ attempt, status }) => void told.push(`${who} end ${attempt}: ${status}`),
    })
    await using client = hooked(server, log('client'))
    await client.get('/', { hooks: log('call') }).text()
    expect(told).toEqual([
      ...['client before 1', 'call before 1', 'client after 1: 503', 'call after 1: 503'],
      ...['client before 2', 'call before 2', 'client after 2: 200', 'call after 2: 200'],
      ...['client end 2: 200', 'call end 2: 200'],
    ])
  })

  test('of several of one kind: as they are listed, each when the one before it is done', async () => {
    await using server = await answering()
    const told: number[] = []
    const slow = (n: number) => async (): Promise<void> => {
      await sleep(20 - 5 * n)
      told.push(n)
    }
    await using client = hooked(server, { beforeRequest: [slow(1), () => void told.push(2), slow(3)] })
    await client.get('/').text()
    expect(told).toEqual([1, 2, 3])
  })
})

describe('what a hook is told', () => {
  test('who, what, where, how often, for how long; no query, and nothing secret when it is printed', async () => {
    await using server = await answering()
    const heard: HookFacts[] = []
    const hear = (facts: HookFacts): void => void heard.push(facts)
    await using client = hooked(server, { beforeRequest: hear, afterResponse: hear, afterCall: hear })
    await client.post('/p?key=secret', { json: { secret: 1 }, headers: { 'x-token': 'secret' } }).text()
    const common = {
      client: 'orders',
      method: 'POST',
      origin: server.origin,
      path: '/p',
      attempt: 1,
      maxAttempts: 3,
    }
    expect(heard).toMatchObject([common, common, common])
    expect(heard.map(({ connection }) => connection?.requestsServed)).toEqual([undefined, 1, 1])
    for (const { elapsed, timeLeft } of heard) expect(elapsed + timeLeft).toBeCloseTo(5_000, 3)
    expect(JSON.stringify(heard) + inspect(heard, { depth: 9 })).not.toContain('secret')
  })

  test('at the end: status or error, times, and what came of the other attempts', async () => {
    await using server = await answering(503, 503, 503)
    const ended: EndedCall[] = []
    await using client = hooked(server, { afterCall: (call) => void ended.push(call) })
    await failureOf(client.get('/').json())
    await failureOf(client.get('/', { signal: AbortSignal.abort() }).json())
    expect(ended[0]).toMatchObject({
      status: 503,
      error: undefined,
      attempt: 3,
      attempts: [{ number: 1 }, { number: 2 }],
    })
    expect(ended[0]!.timings.total).toBe(ended[0]!.elapsed)
    expect(ended[1]).toMatchObject({ status: undefined, error: { code: 'aborted' }, attempt: 0 })
  })

  test('by fetch and by health checks as well; a check ends unheard', async () => {
    await using server = await answering()
    const told: string[] = []
    await using client = hooked(server, {
      beforeRequest: ({ path, headers }) => {
        told.push(`before ${path}`)
        headers.set('x-token', 'a7')
      },
      afterCall: ({ path }) => void told.push(`end ${path}`),
    })
    expect(await (await undiciFetch(`${server.origin}/f`, { dispatcher: client })).text()).toBe('a7')
    await client.checkHealth()
    expect(told).toEqual(['before /f', 'end /f', 'before /health'])
  })
})

describe('beforeRequest', () => {
  test('changes the headers of its attempt, and of no other', async () => {
    await using server = await answering(503)
    const seen: string[] = []
    await using client = hooked(server, {
      beforeRequest: ({ headers, attempt }) => {
        seen.push(
          [...headers]
            .map(([name, value]) => `${name}=${value}`)
            .filter((h) => h.startsWith('x-'))
            .join(' '),
        )
        headers.append('X-Token', `t${attempt}`)
        headers.delete('x-b')
      },
    })
    expect(await client.get('/', { headers: { 'x-a': ['1', '2'], 'x-b': '3' } }).text()).toBe('t2')
    expect(seen).toEqual(['x-a=1, 2 x-b=3', 'x-a=1, 2 x-b=3'])
  })

  test('sees what is sent, to sign it: the whole URL, and the body where it is one', async () => {
    await using server = await answering()
    const signed: unknown[] = []
    await using client = hooked(server, { beforeRequest: ({ url, body }) => void signed.push(url, body) })
    await client.post('/p', { query: { a: 1 }, body: 'text' }).text()
    await client.post('/p', { body: Readable.from(['x']) }).text()
    expect(signed).toEqual([`${server.origin}/p?a=1`, 'text', `${server.origin}/p`, undefined])
  })

  test('may take its time, which is not that of the attempt', async () => {
    await using server = await answering()
    await using client = hooked(server, {
      beforeRequest: async ({ headers }) => {
        await sleep(350)
        headers.set('x-token', 'fresh')
      },
    })
    const response = await client.get('/', { attemptTimeout: 300 })
    expect(await response.text()).toBe('fresh')
    expect(response.timings.before).toBeGreaterThanOrEqual(345)
  })

  test('that throws ends its call, with its name and what it threw', async () => {
    await using server = await answering()
    const thrown = new Error('no token')
    for (const beforeRequest of [
      () => {
        throw thrown
      },
      async () => Promise.reject(thrown),
    ]) {
      await using client = hooked(server, { beforeRequest })
      const error = await failureOf(client.get('/p').text())
      expect(error).toMatchObject({ code: 'hook', phase: 'admit', sent: 'no', cause: thrown, attempts: [] })
      expect(error.message).toContain('/p failed: the beforeRequest hook threw: no token')
      expect(client.getMetrics()).toMatchObject({ failed_requests: 1, total_attempts: 0 })
    }
    expect(server.total).toBe(0)
  })

  test('that sets what cannot be sent: nothing is sent, and the value is not told', async () => {
    await using server = await answering()
    await using client = hooked(server, {
      beforeRequest: ({ headers }) => headers.set('x-token', 'secret\n'),
    })
    const error = await failureOf(client.get('/').text())
    expect(error).toMatchObject({ code: 'invalid_request', sent: 'no' })
    expect(error.message).not.toContain('secret')
  })

  test('is waited for until the deadline, and then told', () => {
    let signal: AbortSignal | undefined
    const hooks: Hooks = {
      beforeRequest: (request) => {
        signal = request.signal
        return new Promise(() => {})
      },
    }
    const bench = new ExchangeBench({ hooks, timeout: 700, attemptTimeout: 100, headersTimeout: 50 })
    const heard = bench.call()
    expect(bench.runtime.holding).toBe(1) // nothing else may keep the process alive
    bench.advance(699)
    expect(heard.told).toBe(0)
    bench.advance(1)
    expect(heard.error).toMatchObject({ code: 'deadline', phase: 'admit', sent: 'no' })
    expect(heard.error!.message).toContain('within 700 ms (timeout), it ended in the beforeRequest hook')
    expect(signal!.aborted).toBe(true)
    expect([bench.dispatched, bench.runtime.holding]).toEqual([0, 0])
  })

  test('does not run for the origin that a redirect leads away to, nor on the way back', async () => {
    await using away = await startHttp(({ headers }, response) => {
      tokens.push(headers['x-token'])
      response.writeHead(307, { location: `${home.origin}/back` }).end()
    })
    await using home = await startHttp(({ url, headers }, response) => {
      tokens.push(headers['x-token'])
      if (url === '/back') response.end('ok')
      else response.writeHead(307, { location: url === '/here' ? '/there' : away.origin }).end()
    })
    const tokens: unknown[] = []
    const hooks: Hooks = { beforeRequest: ({ headers }) => headers.set('x-token', 'secret') }
    await using client = new HttpClient({ hooks, followRedirects: true })
    await client.get(`${home.origin}/here`).text()
    expect(tokens.splice(0)).toEqual(['secret', 'secret', undefined, undefined])
    await (await client.fetch(`${home.origin}/here`)).text()
    expect(tokens).toEqual(['secret', 'secret', undefined, undefined])
  })

  test('of a call that is cancelled meanwhile: nothing goes out, however it ends', async () => {
    await using server = await answering()
    for (const end of ['resolve', 'reject'] as const) {
      const gate = Promise.withResolvers<void>()
      await using client = hooked(server, { beforeRequest: () => gate.promise })
      const leave = new AbortController()
      const failed = failureOf(client.get('/', { signal: leave.signal }).text())
      leave.abort()
      expect(await failed).toMatchObject({ code: 'aborted', sent: 'no' })
      gate[end](undefined)
      await client.close()
    }
    await sleep(10)
    expect(server.total).toBe(0)
  })

  test('with too little time left after it: nothing goes out', async () => {
    const gate = Promise.withResolvers<void>()
    const bench = new ExchangeBench({
      hooks: { beforeRequest: () => gate.promise },
      timeout: 700,
      attemptFloor: 100,
    })
    const heard = bench.call()
    bench.advance(650)
    gate.resolve()
    await gate.promise
    await Promise.resolve()
    expect(heard.error).toMatchObject({ code: 'deadline' })
    expect(bench.dispatched).toBe(0)
  })

  test('does not run where an open breaker refuses the call', () => {
    const beforeRequest = vi.fn()
    const bench = new ExchangeBench({
      hooks: { beforeRequest },
      breaker: { minimumCompletions: 1 },
      retry: false,
    })
    bench.call()
    bench.last.answer(500)
    const heard = bench.call()
    expect(heard.error!.code).toBe('breaker_open')
    expect(beforeRequest).toHaveBeenCalledTimes(1)
  })

  test('holds no probe of a half-open breaker, and gives the token of a retry back when it throws', () => {
    let mayPass = true
    const beforeRequest = (): void => {
      if (!mayPass) throw new Error('no')
    }
    const bench = new ExchangeBench({ hooks: { beforeRequest }, breaker: { minimumCompletions: 100 } })
    const heard = bench.call()
    const before = bench.tokens
    bench.last.answer(503)
    expect(bench.tokens).toBe(before - 1)
    mayPass = false
    bench.advance(1_000)
    expect(heard.error).toMatchObject({ code: 'hook', sent: 'maybe', attempts: [{ number: 1, ending: 503 }] })
    expect(bench.tokens).toBe(before)
  })

  test('runs for a hedge, too; when it fails there, the first attempt goes on', async () => {
    let asked = 0
    await using server = await startHttp((incoming, response) => {
      asked++
      const answer = (): unknown => response.end(String(incoming.headers['x-token']))
      if (incoming.headers['x-token'] === 't1') setTimeout(answer, 150)
      else answer()
    })
    const hedge = { after: 20, share: 1 }
    const sign = async ({
      headers,
      attempt,
    }: Parameters<Exclude<Hooks['beforeRequest'], undefined | readonly unknown[]>>[0]): Promise<void> => {
      await sleep(5)
      headers.set('x-token', `t${attempt}`)
    }
    await using client = hooked(server, { beforeRequest: sign }, { hedge })
    expect(await client.get('/').text()).toBe('t2')
    const failing = ({ attempt }: HookFacts): void => {
      if (attempt === 2) throw new Error('no')
    }
    await using other = hooked(server, { beforeRequest: [sign, failing] }, { hedge })
    const response = await other.get('/')
    expect(await response.text()).toBe('t1')
    expect(response.attempts).toMatchObject([{ number: 2, ending: 'hook' }])
    expect(asked).toBe(3)
  })
})

describe('afterResponse', () => {
  test('asks for another try: once, past what the rules would do, also of a POST', async () => {
    await using server = await answering(401, 401)
    let token = 'old'
    await using client = hooked(
      server,
      {
        beforeRequest: async ({ headers }) => headers.set('x-token', token),
        afterResponse: ({ status }) => {
          if (status !== 401) return undefined
          token = 'new'
          return 'again'
        },
      },
      { retry: false },
    )
    const refused = await client.post('/', { body: 'x' })
    expect(refused).toMatchObject({ status: 401, attempt: 2, attempts: [{ number: 1, ending: 401 }] })
    await refused.discard()
    expect(await client.post('/', { body: 'x' }).text()).toBe('new')
    expect(server.requests).toBe(3)
    expect(client.getMetrics().retries_by_reason).toEqual({ status_401: 1 })
  })

  test('takes no attempt and no token from the retries', () => {
    const afterResponse = ({ status }: { status: number }) =>
      status === 401 ? ('again' as const) : undefined
    const bench = new ExchangeBench({ hooks: { afterResponse }, retry: { attempts: 2 } })
    const heard = bench.call()
    const { tokens } = bench
    bench.last.answer(401)
    bench.advance(0)
    expect(bench.dispatched).toBe(2)
    expect(bench.tokens).toBeGreaterThanOrEqual(tokens)
    bench.last.answer(503)
    bench.advance(1_000)
    expect(bench.dispatched).toBe(3)
    bench.last.answer(200)
    expect(heard.heard.at(-1)).toBe('end')
  })

  test('gets the response itself where the body cannot be sent again', async () => {
    await using server = await answering(401)
    await using client = hooked(server, { afterResponse: () => 'again' })
    const response = await client.post('/', { body: Readable.from(['x']) })
    expect(response.status).toBe(401)
    await response.discard()
  })

  test('hears of answers that are tried again by themselves, and is not asked about them', async () => {
    await using server = await answering(503)
    const statuses: number[] = []
    await using client = hooked(server, { afterResponse: ({ status }) => void statuses.push(status) })
    await client.get('/').text()
    expect(statuses).toEqual([503, 200])
  })

  test.each([
    [
      'throws',
      () => {
        throw new Error('cannot read it')
      },
      'cannot read it',
    ],
    ['is async', (() => Promise.reject(new Error('x'))) as never, 'must not be async'],
  ])('that %s ends its call, and leaves nothing behind', async (_, afterResponse, text) => {
    await using server = await startHttp((_incoming, response) => void response.writeHead(200).write('x'))
    await using client = hooked(server, { afterResponse }, { maxConnections: 1 })
    const error = await failureOf(client.get('/').text())
    expect(error).toMatchObject({ code: 'hook', phase: 'headers', sent: 'maybe' })
    expect(error.message).toContain(`the afterResponse hook threw: `)
    expect(error.message).toContain(text)
    await eventually(() => server.open === 0, 'the connection is given up')
    expect(client.pool.snapshot()).toMatchObject({ waiting: 0 })
    expect(client.breakers.snapshot()[server.origin]).toMatchObject({ state: 'closed' })
  })
})

describe('afterCall', () => {
  test('comes before the caller hears, and what it throws is a warning and nothing else', async () => {
    await using server = await answering()
    const told: string[] = []
    await using client = hooked(server, {
      afterCall: [
        () => {
          throw new Error('first')
        },
        async () => Promise.reject(new Error('second')),
        () => void told.push('hook'),
      ],
    })
    await client
      .get('/')
      .text()
      .then(() => told.push('caller'))
    expect(told).toEqual(['hook', 'caller'])
    await eventually(() => warnings.mock.calls.length === 2, 'both are told')
    expect(warnings.mock.calls.map(([text]) => text)).toEqual([
      'the afterCall hook failed: first',
      'the afterCall hook failed: second',
    ])
  })

  test('once for each call, however it ends', async () => {
    await using server = await startHttp(() => {})
    const codes: (string | undefined)[] = []
    const client = hooked(
      server,
      { afterCall: ({ error }) => void codes.push(error?.code) },
      { retry: false },
    )
    await failureOf(client.get('/', { timeout: 20 }).text())
    await failureOf(client.get('/', { headersTimeout: 20 }).text())
    const last = failureOf(client.get('/').text())
    await sleep(10)
    await client.destroy()
    await last
    expect(codes).toEqual(['deadline', 'attempt_timeout', 'closed'])
  })
})

test('a client without hooks makes nothing for them', () => {
  const bench = new ExchangeBench()
  const listener = new Listener()
  bench.call({}, listener)
  expect((listener.controller as unknown as { hooks: unknown }).hooks).toBeUndefined()
  const empty = new ExchangeBench({ hooks: { beforeRequest: [] } })
  empty.call({}, listener)
  expect((listener.controller as unknown as { hooks: unknown }).hooks).toBeUndefined()
})

test.each([
  [{ beforeRequests: () => {} }, 'did you mean hooks.beforeRequest?'],
  [{ afterCall: 'log' }, 'hooks.afterCall = a string'],
  [{ beforeRequest: [() => {}, undefined] }, 'a function, or a list of functions'],
  [[], 'an object'],
])('hooks: %j is refused, for a client and for a call', async (hooks, text) => {
  expect(() => new ExchangeBench({ hooks } as HttpClientOptions).call()).toThrow(text)
  await using server = await answering()
  await using client = clientOf(server)
  expect((await failureOf(client.get('/', { hooks } as never).text())).message).toContain(text)
})
