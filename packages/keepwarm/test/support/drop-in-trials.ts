/** What everything that is dropped onto a client is put through. */
import { expect } from 'vitest'
import type { HttpClient } from '../../src/client/http-client.ts'
import { rejection, type DropInLab } from './drop-in-lab.ts'
import { eventually, sleep, soon } from './wait.ts'

export type AbortableCall = (client: HttpClient, origin: string, signal: AbortSignal) => Promise<unknown>

/**
 * Aborts a call at three moments: before it, while it waits for a connection, and in the body of its answer. Each time it
 * ends at once, and the first two never reach the server.
 *
 * @param call asks for what is beneath the URL that it is given
 * @returns what the three rejected with
 */
export async function abortedThrice(lab: DropInLab, call: AbortableCall): Promise<Error[]> {
  await using client = lab.client({ maxConnections: 1, acquireTimeout: 5_000 })
  const before = await rejection(call(client, lab.url('/never'), AbortSignal.abort()))
  expect(lab.server.total).toBe(0)

  const first = new AbortController()
  const busy = rejection(client.fetch(lab.url('/never'), { signal: first.signal }))
  await eventually(() => lab.server.requests === 1, 'the only connection is taken')
  const leaving = new AbortController()
  const waiting = rejection(call(client, lab.url('/never'), leaving.signal))
  await eventually(() => client.pool.snapshot().waiting === 1, 'the call waits')
  leaving.abort()
  const inLine = await waiting
  expect(client.pool.snapshot()).toMatchObject({ waiting: 0, inFlight: 1 })
  first.abort()
  await busy
  expect(lab.server.requests).toBe(1)

  const reading = new AbortController()
  const half = rejection(call(client, lab.url('/half'), reading.signal))
  await eventually(() => lab.server.requests === 2, 'the answer begins')
  await sleep(20)
  reading.abort()
  const inBody = await half
  await eventually(
    () => client.pool.snapshot().inFlight === 0 && lab.server.open === 0,
    'its connection is let go',
  )
  return [before, inLine, inBody]
}

/** 40 calls at once: all are answered, over as many connections as are allowed and no more, as the server counts them. */
export async function crowd(
  lab: DropInLab,
  call: (client: HttpClient, origin: string) => Promise<unknown>,
): Promise<void> {
  await using client = lab.client({ maxConnections: 4, maxConnectionsPerOrigin: 4 })
  const calls = Array.from({ length: 40 }, () => call(client, lab.url('/json')))
  await soon(Promise.all(calls), 'forty answers')
  expect(lab.server.requests).toBe(40)
  expect(lab.server.peak).toBeLessThanOrEqual(4)
  expect(lab.server.total).toBeLessThanOrEqual(4)
}

/**
 * A call whose first attempt is lost after it was sent: keepwarm sends it again, and the caller sees nothing of it.
 *
 * @returns what the call gave
 */
export async function mended<T>(
  lab: DropInLab,
  call: (client: HttpClient, origin: string) => Promise<T>,
): Promise<T> {
  await using client = lab.client({ resilience: 'standard', retry: { base: 1 } })
  const answer = await soon(call(client, lab.url('/lost')), 'the second attempt')
  expect(lab.server.requests).toBe(2)
  expect(client.getMetrics()).toMatchObject({ total_requests: 1, total_attempts: 2 })
  return answer
}
