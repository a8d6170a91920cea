/** How much time there is: what the caller's surroundings allow, what the server is told, and when it is too little. */
import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { readDeadline, type DeadlineHeader } from '../src/deadline/header.ts'
import { ExchangeBench, type FakeLease } from './support/client-exchange-bench.ts'

function told({ options }: FakeLease, header: DeadlineHeader = 'x-envoy-expected-rq-timeout-ms'): number {
  const text = (options.headers as Record<string, string>)[header]
  const read = readDeadline(header, text ?? 'nothing')
  return 'left' in read ? read.left : NaN
}

test.each(['grpc-timeout', 'x-envoy-expected-rq-timeout-ms'] as const)(
  '%s says what is left, less with each attempt',
  (deadlineHeader) => {
    const bench = new ExchangeBench({ timeout: 10_000, deadlineHeader })
    bench.call()
    expect(told(bench.last, deadlineHeader)).toBe(9_999) // one for the way there and back
    bench.advance(250)
    bench.last.answer(502)
    bench.advance(50)
    expect(told(bench.last, deadlineHeader)).toBe(9_699)
    bench.last.answer(502)
    bench.advance(100)
    expect(bench.dispatched).toBe(3)
    expect(told(bench.last, deadlineHeader)).toBe(9_599)
  },
)

test('it says when the surroundings end, where that is sooner', () => {
  const bench = new ExchangeBench({ deadlineHeader: 'x-envoy-expected-rq-timeout-ms' })
  bench.call({ by: bench.runtime.now() + 500 })
  expect(told(bench.last)).toBe(499)
})

test('a hedge is told what is left when it goes out', () => {
  const bench = new ExchangeBench({
    timeout: 1_000,
    hedge: { after: 100, share: 1 },
    deadlineHeader: 'x-envoy-expected-rq-timeout-ms',
  })
  bench.call()
  bench.last.write()
  bench.advance(100)
  expect(bench.pool.leases.map((lease) => told(lease))).toEqual([999, 899])
})

test('without the option nothing is added, and nothing is copied', () => {
  const bench = new ExchangeBench()
  const headers = { a: 'b' }
  bench.call({ headers })
  expect(bench.last.options.headers).toBe(headers)
})

test('a call without an end says nothing', () => {
  const bench = new ExchangeBench({ timeout: Infinity, deadlineHeader: 'grpc-timeout' })
  bench.call({ headers: { a: 'b' } })
  expect(bench.last.options.headers).toEqual({ a: 'b' })
})

const name = 'Grpc-Timeout'
test.each([
  ['an object', { [name]: '7S' }],
  ['a flat list', [name, '7S', 'a', 'b']],
  ['pairs', [[name, '7S']]],
  ['a Map', new Map([[name, '7S']])],
])('what the caller gave stays: %s', (_, headers) => {
  const bench = new ExchangeBench({ deadlineHeader: 'grpc-timeout' })
  bench.call({ headers: headers as never })
  expect(JSON.stringify([...flat(bench.last.options.headers)]).match(/timeout/gi)).toHaveLength(1)
  expect(flat(bench.last.options.headers)).toContain('7S')
})

test.each([
  ['none', undefined],
  ['null', null],
  ['an object', { a: 'b' }],
  ['a flat list', ['a', 'b']],
  ['pairs', [['a', 'b']]],
  ['a Map', new Map([['a', 'b']])],
])('it is added to headers in any shape: %s', (_, headers) => {
  const bench = new ExchangeBench({ timeout: 2_001, deadlineHeader: 'grpc-timeout' })
  bench.call({ headers: headers as never })
  const all = flat(bench.last.options.headers)
  expect(all.slice(-2)).toEqual(['grpc-timeout', '2000000u'])
  if (headers != null) expect(all.slice(0, 2)).toEqual(['a', 'b'])
})

function flat(headers: unknown): string[] {
  if (Array.isArray(headers)) return headers.flat() as string[]
  return Object.entries(headers as Record<string, string>).flat()
}

test('what is over before it began is not sent', () => {
  const bench = new ExchangeBench()
  const heard = bench.call({ by: bench.runtime.now() })
  expect(bench.dispatched).toBe(0)
  expect(heard).toMatchObject({
    told: 1,
    error: { code: 'deadline', phase: 'admit', sent: 'no', attempts: [] },
  })
  expect(heard.error!.message).toBe(
    'GET http://a.test/p did not finish within 0 ms (the deadline around it), it ended before it was sent',
  )
})

test('the earlier of the two ends it, and the error says which', () => {
  for (const [timeout, around, source] of [
    [2_000, 700, 'within 700 ms (the deadline around it)'],
    [700, 2_000, 'within 700 ms (timeout)'],
  ] as const) {
    const bench = new ExchangeBench({ timeout })
    const heard = bench.call({ by: bench.runtime.now() + around })
    bench.last.write()
    bench.advance(699)
    expect(heard.told).toBe(0)
    bench.advance(1)
    expect(heard.error).toMatchObject({ code: 'deadline' })
    expect(heard.error!.message).toContain(source)
    expect(bench.last.aborted).toBe(true)
  }
})

test('no wait and no attempt goes beyond the surroundings', () => {
  const bench = new ExchangeBench({ retry: { base: 1_000 } })
  const by = bench.runtime.now() + 400
  const heard = bench.call({ by })
  expect(bench.last.handler.acquireBy).toBe(by)
  bench.last.write().failWith('ECONNRESET')
  expect(heard.error).toMatchObject({ code: 'reset' })
  expect(heard.error!.notRetried).toContain('does not fit before the deadline')
})

test('with less time left than attemptFloor nothing is sent, and the error says so', () => {
  const bench = new ExchangeBench({ attemptFloor: 50 })
  const heard = bench.call({ by: bench.runtime.now() + 49 })
  expect(bench.dispatched).toBe(0)
  expect(heard.error).toMatchObject({ code: 'deadline', sent: 'no' })
  expect(heard.error!.message).toContain('49 ms are left, and no attempt has less than 50 ms (attemptFloor)')
  bench.call({ by: bench.runtime.now() + 50 })
  expect(bench.dispatched).toBe(1)
})

test('nor is it tried again when less would be left after the wait', () => {
  const bench = new ExchangeBench({ timeout: 1_000, attemptFloor: 500 })
  const heard = bench.call()
  bench.advance(460)
  bench.last.write().failWith('ECONNRESET') // the wait is 50 ms: 490 would be left
  expect(heard.error!.notRetried).toContain('shorter than an attempt usually takes')
  expect(bench.notRetried).toEqual(['too_short'])
  expect(bench.tokens).toBe(10)
})

test('the body of a call that is over before it began is not made', () => {
  const bench = new ExchangeBench()
  let made = 0
  bench.call({ by: bench.runtime.now(), method: 'PUT', makeBody: () => (made++, Readable.from(['x'])) })
  expect(made).toBe(0)
})
