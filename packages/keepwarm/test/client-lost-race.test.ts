/** A request that lost its connection, and finds no other. */
import { HttpClient } from 'keepwarm'
import { ManualRuntime, SimulatedNetwork } from 'keepwarm/testing'
import { expect, test } from 'vitest'
import { failureOf } from './support/client-tools.ts'

test('a lost race whose next dial is refused is a failure to connect, is tried again, and the breaker sees it', async () => {
  const runtime = new ManualRuntime()
  const network = new SimulatedNetwork(runtime, { 'http://orders': { latency: 5, answer: { body: ['ok'] } } })
  await using client = new HttpClient({
    baseUrl: 'http://orders',
    runtime,
    network,
    breaker: { connectFailures: 3 },
  })
  const server = network.server('http://orders')
  await Promise.all([client.get('/').text(), runtime.run(1_000)])

  server.closeIdle('rst') // the reset is on its way, and so is the next request
  server.behave({ dial: { fails: 'ECONNREFUSED' } })
  const failure = failureOf(client.get('/').text())
  await runtime.run(20_000)
  const error = await failure
  expect(error).toMatchObject({ code: 'connect', sent: 'maybe', phase: 'connect' })
  expect(error.attempts.map(({ ending, phase }) => [ending, phase])).toEqual([
    ['connect', 'connect'],
    ['connect', 'connect'],
    ['connect', 'connect'],
  ])
  expect(client.pool.counters.lostRaces).toBe(1)
  expect(client.getMetrics().circuit_breaker_opens).toBe(1)
})
