/** What resilience() may be told, what it refuses, and what it leaves behind. */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { Agent, request } from 'undici'
import { expect, test } from 'vitest'
import { resilience, type ResilienceOptions } from '../src/client/interceptor.ts'
import { ConfigError } from '../src/errors.ts'
import { failureOf } from './support/client-tools.ts'
import { startHttp } from './support/servers.ts'

function problemsOf(options: unknown): string[] {
  try {
    resilience(options as ResilienceOptions)
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError)
    return (error as ConfigError).problems.map(({ variable }) => variable)
  }
  return []
}

test('what is right is taken', () => {
  expect(problemsOf(undefined)).toEqual([])
  const groups = { slow: { paths: ['/slow/*'], origin: 'http://a.test' } }
  const all: ResilienceOptions = {
    timeout: 1_000,
    attemptTimeout: 500,
    headersTimeout: 400,
    writeTimeout: 300,
    bodyIdleTimeout: 200,
    retry: { attempts: 2 },
    budget: { start: 1 },
    breaker: false,
    hedge: { after: 20 },
    resilience: 'standard',
    attemptFloor: 5,
    deadlineHeader: 'grpc-timeout',
    maxResponseBytes: 10,
    groups,
  }
  expect(problemsOf(all)).toEqual([])
  expect(problemsOf({ resilience: 'none' })).toEqual([])
})

test('everything that is unknown or wrong is named at once, when it is made', () => {
  const wrong = {
    timout: 1,
    baseUrl: 'http://a',
    maxConnections: 5,
    headersTimeout: -1,
    retry: { tries: 3 },
    breaker: { treshold: 1 },
    hedge: { after: 20, share2: 1 },
    deadlineHeader: 'x',
    groups: { a: { paths: ['/a'], maxInFlight: 3 }, b: { paths: 'no' } },
  }
  expect(problemsOf(wrong)).toEqual([
    'timout',
    'baseUrl',
    'maxConnections',
    'retry.tries',
    'breaker.treshold',
    'hedge.share2',
    'headersTimeout',
    'deadlineHeader',
    'groups.a.maxInFlight',
    'groups.b.paths',
  ])
  expect(() => resilience({ timout: 1 } as never)).toThrow(/did you mean timeout\?/)
  for (const [options, variable] of [
    ['fast', 'options'],
    [null, 'options'],
    [{ groups: 5 }, 'groups'],
    [{ groups: { a: 5 } }, 'groups.a'],
    [{ breaker: { failureRate: 7 } }, /^breaker\./],
    [{ budget: { perSuccess: 2 } }, /perSuccess/],
    [{ hedge: { after: -1 } }, /after/],
    [{ retry: { attempts: 0 } }, /attempts/],
  ] as const) {
    const named = problemsOf(options)
    expect(named).toHaveLength(1)
    expect(named[0]).toMatch(variable)
  }
})

test('each dispatcher that it is composed into has breakers of its own', async () => {
  await using server = await startHttp((_incoming, response) => void response.writeHead(500).end())
  const shared = resilience({ retry: false, breaker: { minimumCompletions: 2 } })
  const [a, b] = [new Agent(), new Agent()]
  for (let i = 0; i < 2; i++) {
    const { body } = await request(server.origin, { dispatcher: a.compose(shared) })
    await body.dump()
  }
  const one = a.compose(shared)
  for (let i = 0; i < 2; i++) await (await request(server.origin, { dispatcher: one })).body.dump()
  expect(await failureOf(request(server.origin, { dispatcher: one }))).toMatchObject({ code: 'breaker_open' })
  const other = await request(server.origin, { dispatcher: b.compose(shared) })
  expect(other.statusCode).toBe(500)
  await other.body.dump()
  await Promise.all([a.close(), b.close()])
})

test('nothing of it keeps the process alive, except the pause before a retry', async () => {
  const entry = fileURLToPath(new URL('../src/client/interceptor.ts', import.meta.url))
  const undici = import.meta.resolve('undici')
  const script = `
    import { createServer } from 'node:http'
    import { once } from 'node:events'
    import { Agent, request } from '${undici}'
    import { resilience } from '${entry}'
    let asked = 0
    const server = createServer((_, response) => { response.statusCode = ++asked < 2 ? 503 : 200; response.end('x') })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    server.unref()
    const agent = new Agent()
    const dispatcher = agent.compose(resilience({ timeout: 60_000, retry: { base: 200, jitter: 0 } }))
    const { statusCode, body } = await request('http://127.0.0.1:' + server.address().port, { dispatcher })
    console.log(statusCode, await body.text())
    await agent.close()
    server.closeAllConnections()
    server.close()
  `
  const began = performance.now()
  const flags = ['--conditions=keepwarm-source', '--input-type=module', '--eval', script]
  const { stdout } = await promisify(execFile)(process.execPath, flags, { timeout: 15_000 })
  expect(stdout).toBe('200 x\n')
  expect(performance.now() - began).toBeLessThan(14_000)
})
