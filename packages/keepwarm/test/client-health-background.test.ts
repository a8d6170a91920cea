/** Checks in the background: when they go out, what they change, and what they leave alone. */
import { expect, test } from 'vitest'
import { HttpClient } from '../src/client/http-client.ts'
import type { HttpClientOptions } from '../src/client/options.ts'
import { withDeadline } from '../src/deadline/ambient.ts'
import { ConnectionPool } from '../src/pool/pool.ts'
import type { Answer } from '../src/testing/network-behaviour.ts'
import { ManualRuntime } from '../src/testing/manual-runtime.ts'
import { SimulatedNetwork } from '../src/testing/network.ts'
import { runProgram } from './support/program.ts'
import { startHttp } from './support/servers.ts'
import { eventually, sleep } from './support/wait.ts'

const A = 'http://a'
const B = 'http://b'

/** Once a second, whoever asks, and with no chance but where the first falls. */
const everySecond = { interval: 1_000, idleInterval: 1_000, edgeInterval: 200, timeout: 500, jitter: 0 }

/** A client of two simulated endpoints, and what a's health and the rest of it answer. */
class Scene {
  readonly runtime: ManualRuntime
  readonly network: SimulatedNetwork
  readonly client: HttpClient
  health: Answer = {}
  other: Answer = {}

  constructor(options: HttpClientOptions = {}, seed: number = 1) {
    const runtime = (this.runtime = new ManualRuntime(seed))
    const answer = ({ path }: { path: string }): Answer => (path === '/health' ? this.health : this.other)
    const network = (this.network = new SimulatedNetwork(runtime, { [A]: { answer }, [B]: {} }))
    this.client = new HttpClient({
      baseUrl: [A, B],
      healthChecks: everySecond,
      retry: false,
      runtime,
      network,
      ...options,
    })
  }

  /** When a was checked, and when it was asked for something else. */
  get checks(): readonly number[] {
    return this.arrivals((path) => path === '/health')
  }
  get visits(): readonly number[] {
    return this.arrivals((path) => path !== '/health')
  }

  get state(): unknown {
    return this.client.health().origins[A]?.endpoint
  }

  /** Lets the clock run until a was checked so many times more, and the answers are there. */
  async passChecks(count: number): Promise<void> {
    const goal = this.checks.length + count
    for (let ms = 0; this.checks.length < goal; ms++) {
      if (ms > 100_000) throw new Error(`there were ${this.checks.length} checks, not ${goal}`)
      await this.runtime.run(1)
    }
    await this.runtime.run(5)
  }

  /** So many calls, one after another. Returns how many of them came to a. */
  async call(count: number): Promise<number> {
    const before = this.visits.length
    for (let i = 0; i < count; i++) {
      const call = this.client
        .get('/orders')
        .text()
        .catch(() => 'failed')
      await this.runtime.run(10)
      await call
    }
    return this.visits.length - before
  }

  /** Closes the client: the farewell of its connections takes its time on the wire. */
  async end(): Promise<void> {
    const closed = this.client.close()
    await this.runtime.run(10)
    await closed
  }

  private arrivals(which: (path: string) => boolean): readonly number[] {
    return this.network
      .server(A)
      .requests.filter(({ path }) => which(path))
      .map(({ at }) => at)
  }
}

test('an endpoint is out after three checks that fail, and in again after two that pass', async () => {
  const scene = new Scene({ balance: { slowStart: 0 } })
  await scene.passChecks(1)
  expect(scene.state).toBe('available')
  scene.health = { status: 503 }
  await scene.passChecks(2)
  expect(scene.state).toBe('available')
  await scene.passChecks(1)
  expect(scene.state).toBe('down')
  expect(await scene.call(20)).toBe(0)
  expect(scene.client.health()).toMatchObject({
    status: 'degraded',
    reasons: [
      expect.stringMatching(/^http:\/\/a: 3 checks in a row failed, the last \d+ ms ago$/) as string,
      '1 of 2 endpoints take part',
    ],
    origins: { [A]: { status: 'unhealthy' }, [B]: { status: 'healthy', reasons: [] } },
  })
  scene.health = {}
  await scene.passChecks(1)
  expect(scene.state).toBe('down')
  await scene.passChecks(1)
  expect(scene.state).toBe('available')
  expect(await scene.call(20)).toBeGreaterThan(0)
  expect(scene.client.health()).toMatchObject({ status: 'healthy', reasons: [] })
  await scene.end()
})

test('an endpoint that says that it drains is out at once', async () => {
  const scene = new Scene()
  scene.health = { status: 503, body: ['{"status":"draining"}'] }
  await scene.passChecks(1)
  expect(scene.state).toBe('down')
  expect(scene.client.health().reasons[0]).toMatch(/^http:\/\/a: it said \d+ ms ago that it is draining$/)
  await scene.end()
})

test('one whose requests failed comes back before its time when it passes a check', async () => {
  const scene = new Scene({
    breaker: false,
    balance: { panicBelow: 0, slowStart: 0, ejection: { failures: 1, ejectFor: 200_000 } },
  })
  await scene.passChecks(1)
  scene.other = { status: 500 }
  for (let i = 0; i < 100 && scene.state !== 'ejected'; i++) await scene.call(1)
  expect(scene.state).toBe('ejected')
  expect(scene.client.health().origins[A]).toMatchObject({
    status: 'unhealthy',
    reasons: [expect.stringMatching(/^left out for 1\d\d(\.\d)? s more: /) as string],
  })
  scene.other = {}
  await scene.passChecks(1)
  expect(scene.state).toBe('available')
  await scene.end()
})

test('a check that fails lets nobody in', async () => {
  const scene = new Scene({ breaker: false, balance: { panicBelow: 0, ejection: { failures: 1 } } })
  scene.other = { status: 500 }
  for (let i = 0; i < 100 && scene.state !== 'ejected'; i++) await scene.call(1)
  scene.health = { status: 500 }
  await scene.passChecks(1)
  expect(scene.state).toBe('ejected')
  await scene.end()
})

test('chance moves them, and a seed repeats it', async () => {
  const timesOf = async (seed: number): Promise<readonly number[]> => {
    const scene = new Scene({ healthChecks: { ...everySecond, jitter: 0.2 } }, seed)
    await scene.runtime.run(20_000)
    await scene.end()
    return scene.checks
  }
  const times = await timesOf(7)
  expect(await timesOf(7)).toEqual(times)
  expect(await timesOf(8)).not.toEqual(times)
  expect(times[0]).toBeLessThan(1_010)
  const pauses = times.slice(1).map((at, index) => at - times[index]!)
  expect(pauses.length).toBeGreaterThan(14)
  expect(Math.min(...pauses)).toBeGreaterThanOrEqual(800)
  expect(Math.max(...pauses)).toBeLessThan(1_220)
  expect(new Set(pauses).size).toBeGreaterThan(10)
})

test('where nobody asks they come once a minute, and sooner as soon as somebody does', async () => {
  const scene = new Scene({ healthChecks: { jitter: 0 } })
  await scene.runtime.run(190_000)
  expect(scene.checks.length).toBe(4)
  await scene.call(1)
  const before = scene.checks.length
  await scene.runtime.run(45_000)
  expect(scene.checks.length - before).toBeGreaterThanOrEqual(4)
  await scene.runtime.run(60_000)
  const idle = scene.checks.length
  await scene.runtime.run(120_000)
  expect(scene.checks.length - idle).toBe(2)
  await scene.end()
})

test('they count neither as calls nor for a breaker, nor for what an endpoint is expected to take', async () => {
  const scene = new Scene()
  scene.health = { status: 500 }
  await scene.passChecks(30)
  expect(scene.client.getMetrics()).toMatchObject({
    total_requests: 0,
    total_attempts: 0,
    circuit_breaker_state: 'closed',
    circuit_breaker_opens: 0,
    is_healthy: true,
  })
  expect(scene.client.health().origins[A]).toMatchObject({ breaker: 'closed', completions: 0 })
  await scene.end()
})

test('one that hangs has failed after its time, and the next goes out', async () => {
  const scene = new Scene()
  scene.health = { ends: 'never' }
  await scene.passChecks(1)
  await scene.runtime.run(500)
  const { check } = scene.client.health().origins[A]!
  expect(check).toMatchObject({ up: true, finding: 'fail', inARow: 1 })
  expect(check?.error).toContain('within 500 ms')
  await scene.passChecks(2)
  await scene.runtime.run(500)
  expect(scene.state).toBe('down')
  await scene.end()
})

test('an endpoint that cannot be dialed fails its checks, also where the dial only hangs', async () => {
  for (const dial of [{ fails: 'ECONNREFUSED' }, { hangs: true }]) {
    const scene = new Scene()
    scene.network.server(A).behave({ dial })
    await scene.runtime.run(10_000)
    expect(scene.state).toBe('down')
    await scene.end()
  }
})

test('a check that found no connection free says nothing about the endpoint, and is made up for', async () => {
  const scene = new Scene({ baseUrl: A, maxConnections: 1, timeout: 60_000 })
  await scene.passChecks(1)
  scene.other = { after: 20_000 }
  const call = scene.client.get('/report').text()
  await scene.runtime.run(10_000)
  expect(scene.checks).toHaveLength(1)
  const { check, status } = scene.client.health().origins[A]!
  expect(check).toMatchObject({ up: true, finding: 'pass', inARow: 1, error: null })
  expect(check?.missed).toBeGreaterThan(3)
  expect(status).toBe('healthy')
  await scene.runtime.run(11_000)
  expect(await call).toBe('')
  await scene.passChecks(1)
  expect(scene.client.health().origins[A]?.check?.missed).toBe(0)
  await scene.end()
})

test('they hold no process alive between them, and leave no timer behind', async () => {
  const scene = new Scene()
  await scene.passChecks(2)
  await scene.runtime.run(50)
  expect(scene.runtime.pending).toBeGreaterThan(0)
  expect(scene.runtime.holding).toBe(0)
  await scene.end()
  expect(scene.runtime.pending).toBe(0)
})

test.each(['close', 'destroy'] as const)('%s() does not wait for one that is under way', async (how) => {
  const scene = new Scene()
  scene.health = { ends: 'never' }
  await scene.passChecks(1)
  const over = how === 'close' ? scene.client.close() : scene.client.destroy()
  await scene.runtime.run(10)
  await over
  expect(scene.runtime.now()).toBeLessThan(1_500)
  expect(scene.runtime.pending).toBe(0)
  const { length } = scene.checks
  await scene.runtime.run(60_000)
  expect(scene.checks).toHaveLength(length)
  expect(scene.client.health()).toMatchObject({ status: 'unhealthy', reasons: ['the client is closed'] })
})

test('close() with options that are wrong stops nothing', async () => {
  const scene = new Scene()
  await expect(scene.client.close({ timeout: -1 })).rejects.toMatchObject({ code: 'config' })
  await scene.passChecks(3)
  await scene.end()
})

test('the deadline of the request during which the client was made is not theirs', async () => {
  await using server = await startHttp()
  const healthChecks = { interval: 25, idleInterval: 25, timeout: 20, jitter: 0, down: 100 }
  const make = (): HttpClient => new HttpClient({ baseUrl: server.origin, healthChecks })
  await using client = withDeadline(1, make)
  await sleep(10)
  await eventually(() => server.requests >= 3, 'checks go out when the deadline is long over')
  await eventually(() => client.health().origins[server.origin]?.check?.finding === 'pass', 'one passed')
})

test('clients that share a pool check for themselves', async () => {
  const runtime = new ManualRuntime()
  const network = new SimulatedNetwork(runtime, { [A]: {}, [B]: { answer: { status: 500 } } })
  const pool = new ConnectionPool({ runtime, network })
  const shared = { pool, runtime, healthChecks: everySecond }
  const well = new HttpClient({ baseUrl: A, ...shared })
  const ill = new HttpClient({ baseUrl: B, ...shared })
  await runtime.run(5_000)
  expect(well.health().status).toBe('healthy')
  expect(ill.health()).toMatchObject({
    status: 'unhealthy',
    reasons: [expect.stringMatching(/^\d+ checks in a row failed, the last \d+ ms ago$/) as string],
  })
  await well.close()
  await ill.close()
  const closed = pool.close()
  await runtime.run(10)
  await closed
  expect(runtime.pending).toBe(0)
})

test('a process with checks ends when its work is done', async () => {
  await using server = await startHttp((_request, response) => void response.end('ok'))
  const program = `
    import { HttpClient } from 'keepwarm'
    const client = new HttpClient({ baseUrl: process.argv[1], healthChecks: { interval: 20, timeout: 10, jitter: 0 } })
    const text = await client.get('/').text()
    await new Promise((resolve) => setTimeout(resolve, 200))
    console.log(text, client.health().origins[process.argv[1]].check !== null)
  `
  const { code, output } = await runProgram(program, server.origin)
  expect(output).toBe('ok true\n')
  expect(code).toBe(0)
})
