/** A second attempt beside a slow one: when it goes out, whose answer counts, and that nothing is left of the other. */
import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import type { HttpClientOptions } from '../src/client/options.ts'
import { ExchangeBench, Listener, type FakeLease, type Request } from './support/client-exchange-bench.ts'

const hedge = { after: 100, share: 1 }

function hedging(options: HttpClientOptions = {}): ExchangeBench {
  return new ExchangeBench({ hedge, ...options })
}

/** A call whose first attempt is written, and has had its time. */
function slow(
  bench: ExchangeBench,
  request: Request = {},
  listener?: Listener,
): [Listener, FakeLease, FakeLease] {
  const heard = bench.call(request, listener)
  const first = bench.last.write()
  bench.advance(100)
  return [heard, first, bench.last]
}

function refusals(bench: ExchangeBench): Record<string, number> {
  const { refused } = bench.guard.hedges!.counters
  return Object.fromEntries(Object.entries(refused).filter(([, count]) => count > 0))
}

test("it goes out after the delay and not before, and the first answer is the call's", () => {
  const bench = hedging()
  const heard = bench.call()
  bench.last.write()
  bench.advance(99)
  expect(bench.dispatched).toBe(1)
  bench.advance(1)
  expect(bench.dispatched).toBe(2)
  const [first, second] = bench.pool.leases
  second!.answer(200, 'second')
  expect(first!.aborted).toBe(true)
  expect(heard).toMatchObject({ body: 'second', told: 1 })
  expect(bench.hedges).toEqual(['sent', 'won'])
  expect(bench.retries).toEqual([])
})

test('the delay counts from when the first attempt is written, not from when it began to wait', () => {
  const bench = hedging()
  bench.call()
  bench.advance(1_000)
  expect(bench.dispatched).toBe(1)
  bench.last.write()
  bench.advance(99)
  expect(bench.dispatched).toBe(1)
  bench.advance(1)
  expect(bench.dispatched).toBe(2)
})

test('the first attempt may still win: then the second is cancelled', () => {
  const bench = hedging()
  const [heard, first, second] = slow(bench)
  second.write()
  first.headers(200)
  expect(second.aborted).toBe(true)
  first.data('first').end()
  expect(heard).toMatchObject({ body: 'first', told: 1 })
  expect(bench.hedges).toEqual(['sent'])
})

test('one that still waits for a connection is cancelled there', () => {
  const bench = hedging()
  const [heard, first, second] = slow(bench)
  first.headers(200).end()
  expect(second).toMatchObject({ aborted: true, sent: false })
  expect(heard.told).toBe(1)
})

test.each([
  ['a 503', (lease: FakeLease) => lease.headers(503)],
  ['a lost connection', (lease: FakeLease) => lease.failWith('ECONNRESET')],
] as const)('%s of the first attempt is not the answer while the second is out', (_, fails) => {
  const bench = hedging()
  const [heard, first, second] = slow(bench)
  second.write()
  fails(first)
  expect(heard.told).toBe(0)
  second.headers(200).data('good').end()
  expect(heard).toMatchObject({ body: 'good', told: 1 })
  expect(heard.heard.filter((what) => what.startsWith('headers'))).toEqual(['headers 200'])
  expect(bench.retries).toEqual([])
  expect(bench.tokens).toBeCloseTo(9.1) // paid for the hedge, and for its success
})

test.each([
  ['a 503', (lease: FakeLease) => lease.write().headers(503)],
  ['a lost connection', (lease: FakeLease) => lease.write().failWith('ECONNRESET')],
  ['no connection', (lease: FakeLease) => ((lease.reused = false), lease.failWith('ECONNREFUSED'))],
] as const)('%s of the second leaves the first alone', (_, fails) => {
  const bench = hedging()
  const [heard, first, second] = slow(bench)
  fails(second)
  expect(first.aborted).toBe(false)
  expect(heard.told).toBe(0)
  first.headers(200).data('first').end()
  expect(heard).toMatchObject({ body: 'first', told: 1 })
  expect(bench.hedges).toEqual(['sent'])
})

test('when both fail the call goes again, and its error names each of them', () => {
  const bench = hedging({ retry: { attempts: 2 } })
  const [heard, first, second] = slow(bench)
  second.write().failWith('ECONNRESET')
  first.failWith('ECONNRESET')
  bench.advance(1_000)
  expect(bench.dispatched).toBe(3) // a hedge is no retry: two attempts are not used up by it
  bench.last.write().failWith('ECONNRESET')
  expect(heard.error).toMatchObject({
    code: 'reset',
    notRetried: 'all attempts are used',
    attempts: [
      { number: 2, ending: 'reset' },
      { number: 1, ending: 'reset' },
      { number: 3, ending: 'reset' },
    ],
  })
})

test('when the first fails, what becomes of the second is the result: another try, and its error', () => {
  const bench = hedging({ retry: false })
  const [heard, first, second] = slow(bench)
  first.failWith('ECONNRESET')
  second.write().failWith('ECONNRESET')
  expect(heard.told).toBe(1)
  expect(heard.error!.attempts).toMatchObject([
    { number: 1, ending: 'reset' },
    { number: 2, ending: 'reset' },
  ])
})

test('an answer that cannot be better is one: a 404 of either ends the race', () => {
  const bench = hedging()
  const [heard, first, second] = slow(bench)
  second.answer(404, 'no such thing')
  expect(first.aborted).toBe(true)
  expect(heard).toMatchObject({ body: 'no such thing', told: 1 })
})

const key = { headers: { 'idempotency-key': 'k1' } }
test.each([
  ['a POST', { method: 'POST', body: 'x' }, 1, { not_idempotent: 1 }],
  ['a POST with a key', { method: 'POST', body: 'x', ...key }, 2, {}],
  ['a POST that may arrive twice', { method: 'POST', says: { idempotent: true } }, 2, {}],
  ['a GET that may not', { says: { idempotent: false } }, 1, { not_idempotent: 1 }],
  ['a PUT of a stream', { method: 'PUT', body: Readable.from(['x']) }, 1, { body_not_replayable: 1 }],
  ['a PUT whose body is made anew', { method: 'PUT', makeBody: () => Readable.from(['x']) }, 2, {}],
  ['a call that wants none', { says: { hedge: false } }, 1, {}],
] as const)('whether there is a second attempt: %s', (_, request, dispatched, refused) => {
  const bench = hedging()
  slow(bench, request)
  bench.advance(10_000)
  expect(bench.dispatched).toBe(dispatched)
  expect(refusals(bench)).toMatchObject(refused)
})

test('what is sent the second time is what was sent the first time', () => {
  const bench = hedging()
  const [, first, second] = slow(bench, { method: 'PUT', body: 'the body', headers: { a: 'b' } })
  expect(second.options).toEqual(first.options)
})

test('with an empty budget it waits on, and goes out when there is something to pay with', () => {
  const bench = hedging({ budget: { start: 0 } })
  const [heard, first] = slow(bench)
  expect(bench.dispatched).toBe(1)
  bench.advance(200)
  expect(refusals(bench)).toEqual({ budget_empty: 9 }) // asked again every quarter of the delay
  for (let success = 0; success < 20; success++) bench.guard.budget.deposit(bench.runtime.now())
  bench.advance(25)
  expect(bench.dispatched).toBe(2)
  first.headers(200).end()
  expect(heard.told).toBe(1)
})

test('retries and hedges pay from the same budget', () => {
  const bench = hedging({ budget: { start: 1 } })
  const [, first, second] = slow(bench)
  expect(bench.tokens).toBe(0)
  second.write().failWith('ECONNRESET')
  first.failWith('ECONNRESET')
  expect(bench.notRetried).toEqual(['budget_empty'])
})

test('they are a share of the calls', () => {
  const bench = hedging({ hedge: { after: 100, share: 0.25 }, breaker: false, budget: { start: 100 } })
  for (let call = 0; call < 40; call++) slow(bench)
  expect(bench.hedges).toHaveLength(10)
})

test.each(['pool_busy', 'limit_tight'] as const)(
  'none while the pool says %s, and one when it is over',
  (crowding) => {
    const bench = hedging()
    bench.crowding = crowding
    slow(bench)
    expect(bench.dispatched).toBe(1)
    bench.crowding = undefined
    bench.advance(25)
    expect(bench.dispatched).toBe(2)
    expect(refusals(bench)).toEqual({ [crowding]: 1 })
  },
)

test('none while the breaker has doubts', () => {
  const bench = hedging({ retry: false, breaker: { minimumCompletions: 1, rampFor: 0 } })
  bench.call()
  bench.last.answer(500)
  bench.advance(5_000)
  expect(bench.guard.breaker.state(bench.runtime.now())).toBe('half-open')
  slow(bench)
  expect(bench.dispatched).toBe(2)
  expect(refusals(bench)).toEqual({ breaker_not_closed: 1 })
})

test('not more than `most`, over all attempts of a call', () => {
  const bench = hedging({ hedge: { after: 100, share: 1, most: 2 } })
  for (let quick = 0; quick < 5; quick++) {
    bench.call() // leaves its share to others
    bench.last.answer(200)
  }
  const [, first, second] = slow(bench)
  second.write().failWith('ECONNRESET')
  first.failWith('ECONNRESET')
  bench.advance(1_000)
  bench.last.write()
  bench.advance(100)
  expect(bench.hedges).toEqual(['sent', 'sent'])
  bench.last.write().failWith('ECONNRESET')
  bench.advance(10_000)
  expect(bench.hedges).toEqual(['sent', 'sent'])
})

test('the breaker hears of the answer alone: whoever lost is no failure', () => {
  const bench = hedging({ breaker: { minimumCompletions: 1, slowAfter: 1 } })
  for (let call = 0; call < 5; call++) {
    const [, first, second] = slow(bench)
    if (call % 2 === 0) second.answer(200)
    else first.headers(200).end()
  }
  expect(bench.guard.breaker.snapshot(bench.runtime.now())).toMatchObject({
    state: 'closed',
    completions: 5,
    failureRatio: 0,
  })
})

test('an attempt that lost counts as one that takes at least as long; one that failed counts as nothing', () => {
  const bench = hedging({ retry: false })
  const samples: unknown[] = []
  const policy = bench.guard.hedges!
  policy.sample = (ending, elapsed, crowd) => void samples.push([ending, elapsed, crowd])
  const [, , second] = slow(bench)
  second.write()
  bench.advance(30)
  second.headers(200).end()
  bench.call()
  bench.last.write().failWith('ECONNRESET')
  expect(samples).toEqual([
    ['broken_off', 130, 0],
    ['answered', 30, 1],
    ['failed', 0, 0],
  ])
  expect(bench.guard.underWay).toBe(0)
  expect(policy.counters).toMatchObject({ requests: 2, sent: 1, won: 1, lost: 0 })
})

test('a pause of the caller holds for the attempt that the call goes on with', () => {
  const bench = hedging()
  const [heard, first, second] = slow(bench)
  heard.controller!.pause()
  second.write()
  expect(second.paused).toBe(false)
  second.headers(200)
  expect(second.paused).toBe(true)
  bench.advance(15_000) // the reader holds it: that is no silence of the server
  heard.controller!.resume()
  expect(second.paused).toBe(false)
  second.data('late').end()
  expect(heard).toMatchObject({ body: 'late', told: 1 })
  expect(first.aborted).toBe(true)
})

test.each(['waiting', 'written'] as const)('who leaves cancels both, the second %s', (where) => {
  const bench = hedging()
  const leave = new AbortController()
  const [heard, first, second] = slow(bench, { says: { signal: leave.signal } })
  if (where === 'written') second.write()
  leave.abort(new Error('enough'))
  expect(first.aborted).toBe(true)
  expect(second.aborted).toBe(true)
  expect(heard.told).toBe(1)
  expect(heard.error).toMatchObject({
    code: 'aborted',
    attempts: [
      { number: 1, ending: 'aborted' },
      { number: 2, ending: 'aborted', reason: 'the call was over' },
    ],
  })
  bench.advance(60_000)
  expect(bench.dispatched).toBe(2)
  expect(bench.guard.underWay).toBe(0)
  expect(bench.runtime.pending).toBe(0)
})

test('the deadline ends both, and only the attempts that were sent are held against the server', () => {
  const bench = hedging({ timeout: 1_000, breaker: { minimumCompletions: 1 } })
  const [heard, first, second] = slow(bench)
  bench.advance(900)
  expect(heard.error).toMatchObject({ code: 'deadline', phase: 'headers', sent: 'maybe' })
  expect([first.aborted, second.aborted]).toEqual([true, true])
  expect(bench.guard.breaker.snapshot(bench.runtime.now())).toMatchObject({ state: 'open', opened: 1 })
})

test('the first attempt may run into its limit while the second goes on', () => {
  const bench = hedging({ attemptTimeout: 150, retry: false })
  const [heard, first, second] = slow(bench)
  second.write()
  bench.advance(50)
  expect(first.aborted).toBe(true)
  expect(heard.told).toBe(0)
  bench.advance(99) // the second has its own time, from when it began
  expect(heard.told).toBe(0)
  bench.advance(1)
  expect(heard.error).toMatchObject({ code: 'attempt_timeout', attempts: [{ number: 1 }, { number: 2 }] })
})

test('nothing is written twice to the caller, whoever answers late', () => {
  const bench = hedging()
  const [heard, first, second] = slow(bench)
  second.write().headers(200).data('a')
  first.handler.onResponseStart?.(first, 200, {}, '')
  first.handler.onResponseData?.(first, Buffer.from('b'))
  second.data('c').end()
  expect(heard.body).toBe('ac')
  expect(heard.heard).toEqual(['start', 'sent', 'started', 'headers 200', 'data', 'data', 'end'])
})

test('an informational answer of the second wins nothing', () => {
  const bench = hedging()
  const [heard, first, second] = slow(bench)
  second.write().headers(103)
  expect(first.aborted).toBe(false)
  first.headers(200).end()
  expect(heard.heard).not.toContain('headers 103')
})

test('a body that breaks off after the second has won is asked for again while nobody has seen it', () => {
  const bench = hedging()
  const [heard, , second] = slow(bench, {}, new Listener(true))
  second.write().headers(200).data('half').failWith('ECONNRESET')
  bench.advance(1_000)
  bench.last.answer(200, 'whole')
  expect(heard).toMatchObject({ body: 'whole', told: 1 })
  expect(bench.dispatched).toBe(3)
})

test('a quantile is waited for only when enough is known', () => {
  const bench = hedging({ hedge: { after: { quantile: 0.95 }, share: 1 } })
  slow(bench)
  bench.advance(10_000)
  expect(bench.dispatched).toBe(1)
})

test('while an answer is read away, or a retry is waited for, none goes out', () => {
  const bench = hedging()
  bench.call()
  bench.last.write().headers(503)
  bench.advance(400)
  expect(bench.dispatched).toBe(1)
  expect(bench.hedges).toEqual([])
})
