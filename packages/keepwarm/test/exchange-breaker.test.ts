/** The breaker is asked before the pool, hears of every attempt once, and always gets its permit back. */
import { expect, test } from 'vitest'
import type { BreakerState } from '../src/breaker/machine.ts'
import { KeepwarmError } from '../src/errors.ts'
import { ExchangeBench, type FakeLease } from './support/client-exchange-bench.ts'

const once = { retry: false as const }

function state(bench: ExchangeBench): BreakerState {
  return bench.guard.breaker.state(bench.runtime.now())
}

function calls(bench: ExchangeBench, count: number, answer: (lease: FakeLease) => void): void {
  bench.pool.onDispatch = answer
  for (let call = 0; call < count; call++) bench.call()
  bench.pool.onDispatch = () => {}
}

function tripped(options = {}): ExchangeBench {
  const bench = new ExchangeBench({ ...once, ...options })
  calls(bench, 20, (lease) => lease.answer(500))
  return bench
}

test('twenty times 500 open it, nineteen do not, and then the pool is left alone', () => {
  const bench = new ExchangeBench(once)
  calls(bench, 19, (lease) => lease.answer(500))
  expect(state(bench)).toBe('closed')
  calls(bench, 1, (lease) => lease.answer(500))
  expect(state(bench)).toBe('open')
  expect(bench.changes).toEqual(['opened'])
  const refused = bench.call()
  expect(bench.dispatched).toBe(20)
  expect(refused.error).toMatchObject({ code: 'breaker_open', phase: 'admit', sent: 'no', retryAfter: 4_375 })
  expect(refused.error!.message).toBe(
    'GET http://a.test/p was not tried: the breaker is open after status 500; the next probe is due in 4.4 s',
  )
})

test('it is opened by statuses, lost connections, protocol faults and time limits', () => {
  const endings: ((lease: FakeLease) => void)[] = [
    (lease) => lease.answer(503),
    (lease) => lease.answer(408),
    (lease) => lease.write().failWith('ECONNRESET'),
    (lease) => lease.write().failWith('HPE_INVALID_CONSTANT'),
    (lease) => lease.failWith('ECONNREFUSED'),
    (lease) => lease.write().failWith('UND_ERR_HEADERS_TIMEOUT'),
  ]
  for (const ending of endings) {
    const bench = new ExchangeBench(once)
    calls(bench, 20, ending)
    expect(state(bench)).toBe('open')
  }
})

test('it is not opened by what is not the doing of the server', () => {
  const own = (code: 'queue_full' | 'acquire_timeout') => new KeepwarmError(code, 'full', { phase: 'wait' })
  const endings: ((lease: FakeLease) => void)[] = [
    (lease) => lease.answer(404),
    (lease) => lease.answer(429),
    (lease) => lease.fail(own('queue_full')),
    (lease) => lease.fail(own('acquire_timeout')),
    (lease) => lease.failWith('UND_ERR_INVALID_ARG'),
    (lease) => lease.wire().fail(new Error('the body of the caller')),
    (lease) => lease.wire().fail(Object.assign(new Error('no such file'), { code: 'ENOENT' })),
    (lease) => lease.write().failWith('UND_ERR_DESTROYED'),
  ]
  for (const ending of endings) {
    const bench = new ExchangeBench(once)
    calls(bench, 100, ending)
    expect(state(bench)).toBe('closed')
  }
})

test('callers that leave do not open it', () => {
  const bench = new ExchangeBench(once)
  for (let call = 0; call < 100; call++) {
    const heard = bench.call()
    bench.last.write()
    heard.controller!.abort(new Error('left'))
  }
  expect(state(bench)).toBe('closed')
})

test('five failed dials in a row open it', () => {
  const bench = new ExchangeBench(once)
  for (let call = 0; call < 5; call++) {
    bench.call()
    bench.last.reused = false
    bench.last.failWith('ECONNREFUSED')
  }
  expect(state(bench)).toBe('open')
})

test('three probes that succeed close it; a fourth is refused while they are under way', () => {
  const bench = tripped()
  bench.advance(4_375)
  const probes = [bench.call(), bench.call(), bench.call()]
  const leases = bench.pool.leases.slice(-3)
  const fourth = bench.call()
  expect(fourth.error!.code).toBe('breaker_open')
  expect(fourth.error!.retryAfter).toBeUndefined()
  expect(fourth.error!.message).toContain('probes are under way')
  for (const lease of leases) lease.answer(200)
  expect(probes.map(({ told }) => told)).toEqual([1, 1, 1])
  expect(state(bench)).toBe('closed')
  expect(bench.changes).toEqual(['opened', 'closed'])
})

test('a probe that is answered 404 found a server that is alive', () => {
  const bench = tripped({ breaker: { probes: 1 } })
  bench.advance(5_000)
  calls(bench, 1, (lease) => lease.answer(404))
  expect(state(bench)).toBe('closed')
})

test('a probe that our own queue refused says nothing, and another may go', () => {
  const bench = tripped({ breaker: { probes: 1 } })
  bench.advance(5_000)
  for (let call = 0; call < 10; call++) {
    bench.call()
    bench.last.fail(new KeepwarmError('queue_full', 'full', { phase: 'wait' }))
    expect(state(bench)).toBe('half-open')
  }
  calls(bench, 1, (lease) => lease.answer(200))
  expect(state(bench)).toBe('closed')
})

test('every attempt counts, and one that was judged is not judged again', () => {
  const bench = new ExchangeBench({ breaker: { minimumCompletions: 3, failureRatio: 1 } })
  const heard = bench.call()
  bench.last.write().headers(502) // judged here …
  heard.controller!.abort(new Error('left')) // … and not here
  bench.call()
  bench.last.write().headers(502).failWith('ECONNRESET') // nor here
  bench.advance(50)
  expect(state(bench)).toBe('closed')
  bench.last.answer(503)
  expect(state(bench)).toBe('open')
})

test('a breaker that opens while a call waits for its next attempt ends it, and its token goes back', () => {
  const bench = new ExchangeBench({ breaker: { minimumCompletions: 2 } })
  const heard = bench.call({ says: { retry: { base: 1_000 } } })
  bench.last.write().failWith('ECONNRESET')
  expect(bench.tokens).toBe(9)
  const other = bench.call({ says: { retry: false } })
  bench.last.answer(500)
  expect(other.told).toBe(1)
  bench.advance(500)
  expect(heard.error).toMatchObject({
    code: 'breaker_open',
    sent: 'maybe',
    attempts: [{ number: 1, ending: 'reset' }],
  })
  expect(heard.error!.message).toContain('was not tried again')
  expect(bench.tokens).toBe(10)
  expect(bench.retries).toEqual([])
  expect(bench.runtime.holding).toBe(0)
  // The clock's count of those who wait is right: the next one is held.
  bench.advance(10_000)
  bench.call()
  bench.last.write().failWith('ECONNRESET')
  expect(bench.runtime.holding).toBe(1)
})

test('a refusal is not tried again', () => {
  const bench = tripped()
  const refused = bench.call({ says: { retry: { attempts: 5 } } })
  expect(refused.told).toBe(1)
  bench.advance(100_000)
  expect(bench.dispatched).toBe(20)
})

test('a client without a breaker is never refused', () => {
  const bench = new ExchangeBench({ ...once, breaker: false })
  calls(bench, 100, (lease) => lease.answer(500))
  expect(bench.dispatched).toBe(100)
  expect(bench.changes).toEqual([])
})
