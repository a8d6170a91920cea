import { describe, expect, test } from 'vitest'
import { ConfigError } from '../errors.ts'
import type { HttpClient } from '../client/http-client.ts'
import { simulate, type Simulation } from './simulate.ts'
import { meanOver, spreadOf } from './simulation-report.ts'

const ORDERS = 'http://orders'
const call = (client: HttpClient): Promise<string> => client.get(`${ORDERS}/`).text()

const simulation: Simulation = {
  network: { [ORDERS]: { answer: { after: 100, body: ['ok'] } } },
  traffic: { every: 50, for: 10_000, call },
}

describe('traffic', () => {
  test('few calls over enough connections: nobody waits longer than for a dial, nobody is turned away', async () => {
    const { calls, waits, durations, refusals, connections, servers, retries } = await simulate(simulation)
    expect(calls.failed).toEqual({})
    expect(calls.total).toBeGreaterThan(150)
    expect(calls.succeeded).toBe(calls.total)
    expect(waits).toMatchObject({ p50: 0, max: 2 })
    expect(durations).toMatchObject({ p50: 102, max: 104 })
    expect(Object.values(refusals)).toEqual([0, 0, 0, 0])
    expect(retries).toEqual({ total: 0, byReason: {} })
    expect(connections.most).toBeLessThanOrEqual(10)
    expect(connections.mean).toBeGreaterThan(1)
    expect(servers[ORDERS]).toMatchObject({ requests: calls.total, mostOpen: connections.most })
  })

  test('too much of it: the limit of connections holds, and whoever waits too long is told', async () => {
    const { calls, waits, refusals, connections } = await simulate({
      ...simulation,
      options: { maxConnectionsPerOrigin: 1, acquireTimeout: 300 },
    })
    expect(connections.most).toBe(1)
    expect(refusals.acquire_timeout).toBeGreaterThan(50)
    expect(calls.failed).toEqual({ acquire_timeout: refusals.acquire_timeout })
    expect(waits.max).toBeLessThanOrEqual(300)
    expect(waits.p50).toBeGreaterThan(100)
  })

  test('evenly, or by callers who wait for their answers', async () => {
    const even = await simulate({ ...simulation, traffic: { every: 50, spread: 'even', for: 1_001, call } })
    expect(even.calls.total).toBe(20)
    const callers = await simulate({
      ...simulation,
      traffic: { callers: 5, pause: 98, from: 500, for: 2_000, call },
    })
    expect([callers.calls.total, callers.connections.most]).toEqual([50, 5])
  })

  test('an hour of it, told in a moment', async () => {
    const { lasted, calls } = await simulate({
      ...simulation,
      traffic: { every: 1_000, for: 3_600_000, call },
    })
    expect(lasted).toBeGreaterThanOrEqual(3_600_000)
    expect(calls.total).toBeGreaterThan(3_000)
  })
})

test('an outage: the breaker opens, retries stay within their budget, and afterwards all is well again', async () => {
  const { calls, metrics, retries, servers } = await simulate({
    ...simulation,
    options: { timeout: 2_000 },
    traffic: { every: 20, for: 60_000, call },
    incidents: [
      { at: 20_000, happens: ({ network }) => network.server(ORDERS).behave({ answer: { status: 503 } }) },
      { at: 30_000, happens: ({ network }) => network.server(ORDERS).behave({ answer: { body: ['ok'] } }) },
    ],
  })
  expect(Object.keys(calls.failed).sort()).toEqual(['breaker_open', 'status'])
  expect(metrics.circuit_breaker_opens).toBeGreaterThan(0)
  expect(metrics.circuit_breaker_state).toBe('closed')
  expect(retries.byReason['status_503']).toBe(retries.total)
  expect(servers[ORDERS]!.requests).toBeLessThan(calls.total)
})

test('the same simulation always comes to the same report, another seed to another', async () => {
  const report = JSON.stringify(await simulate(simulation))
  expect(JSON.stringify(await simulate(simulation))).toBe(report)
  expect(JSON.stringify(await simulate({ ...simulation, seed: 2 }))).not.toBe(report)
})

test('what is wrong is named, all of it', async () => {
  const wrong = { ...simulation, trafic: 1, traffic: { every: 0, for: -1, call: 1 } } as unknown as Simulation
  const failure = simulate(wrong)
  await expect(failure).rejects.toThrow(ConfigError)
  for (const name of ['trafic', 'traffic.every', 'traffic.for', 'traffic.call']) {
    await expect(failure).rejects.toThrow(name)
  }
  const server = { [ORDERS]: { answr: {} } } as unknown as Simulation['network']
  await expect(simulate({ ...simulation, network: server })).rejects.toThrow(`${ORDERS}.answer`)
})

test('spreads and means', () => {
  expect(spreadOf([])).toEqual({ count: 0, mean: 0, p50: 0, p90: 0, p99: 0, p999: 0, max: 0 })
  expect(spreadOf([3, 1, 2, 4])).toMatchObject({ count: 4, mean: 2.5, p50: 2, p90: 4, max: 4 })
  const history = [
    { at: 10, open: 2 },
    { at: 30, open: 0 },
  ]
  expect([meanOver(history, 40), meanOver([], 0)]).toEqual([1, 0])
})
