/** Admission is committed when the connection is there: what has changed while a call waited still counts. */
import { expect, test } from 'vitest'
import { KeepwarmError } from '../src/errors.ts'
import type { HttpClientOptions } from '../src/client/options.ts'
import { ExchangeBench } from './support/client-exchange-bench.ts'

const once: HttpClientOptions = { retry: false, breaker: { minimumCompletions: 1, rampFor: 0 } }

/** Its breaker is open: a call has failed. */
function tripped(options: HttpClientOptions = {}): ExchangeBench {
  const bench = new ExchangeBench({ ...once, ...options })
  bench.call()
  bench.last.answer(500)
  return bench
}

function breaker(bench: ExchangeBench): ReturnType<ExchangeBench['guard']['breaker']['snapshot']> {
  return bench.guard.breaker.snapshot(bench.runtime.now())
}

test('a call that waits while the breaker opens is turned away when its turn comes', () => {
  const bench = new ExchangeBench(once)
  const waiting = bench.call()
  const lease = bench.last
  bench.call()
  bench.last.answer(500)
  expect(waiting.told).toBe(0)
  lease.handler.onWire?.()
  expect(lease.aborted).toBe(true)
  expect(waiting.error).toMatchObject({
    code: 'breaker_open',
    sent: 'no',
    attempts: [{ number: 1, ending: 'breaker_open', phase: 'wait', sent: 'no' }],
  })
  expect(breaker(bench)).toMatchObject({ state: 'open', rejected: { open: 1 } })
})

test('one whose turn comes when the breaker is half-open goes out as a probe', () => {
  const bench = new ExchangeBench({ ...once, breaker: { ...(once.breaker as object), probes: 1 } })
  const waiting = bench.call()
  const lease = bench.last
  bench.call()
  bench.last.answer(500)
  bench.advance(5_000)
  lease.write()
  expect(breaker(bench)).toMatchObject({ state: 'half-open', probesUnderWay: 1 })
  expect(bench.call().error).toMatchObject({ code: 'breaker_open' })
  lease.headers(200).end()
  expect(waiting.heard.at(-1)).toBe('end')
  expect(breaker(bench)).toMatchObject({ state: 'closed' })
})

test('a probe that is turned away by hand gives its permit back', () => {
  const bench = tripped()
  bench.advance(5_000)
  const probe = bench.call()
  expect(breaker(bench)).toMatchObject({ probesUnderWay: 1 })
  const handle = bench.guard.breaker.force('open')
  bench.last.handler.onWire?.()
  expect(probe.error).toMatchObject({ code: 'breaker_open' })
  handle[Symbol.dispose]()
  expect(breaker(bench)).toMatchObject({ state: 'half-open', probesUnderWay: 0 })
})

test.each(['queue_full', 'acquire_timeout'] as const)(
  'a probe that our own queue refuses gives its permit back: %s',
  (code) => {
    const bench = tripped()
    bench.advance(5_000)
    for (let probe = 0; probe < 10; probe++) {
      bench.call()
      expect(breaker(bench)).toMatchObject({ probesUnderWay: 1 })
      bench.last.fail(new KeepwarmError(code, 'there is no room', { phase: 'wait' }))
      expect(breaker(bench)).toMatchObject({ state: 'half-open', probesUnderWay: 0 })
    }
    for (let probe = 0; probe < 3; probe++) {
      bench.call()
      bench.last.answer(200)
    }
    expect(breaker(bench)).toMatchObject({ state: 'closed' })
  },
)

test('a probe has its own time limit, and the error names it', () => {
  const bench = tripped({ breaker: { minimumCompletions: 1, probeTimeout: 300 }, attemptTimeout: 4_000 })
  bench.advance(5_000)
  const probe = bench.call()
  bench.last.write()
  bench.advance(299)
  expect(probe.told).toBe(0)
  bench.advance(1)
  expect(probe.error).toMatchObject({ code: 'attempt_timeout', phase: 'headers' })
  expect(probe.error!.message).toContain(
    'the probe of the half-open breaker did not finish within 300 ms (breaker.probeTimeout)',
  )
  expect(breaker(bench)).toMatchObject({ state: 'open', opened: 2 })
})

test('the limit of a probe is never longer than that of an attempt', () => {
  const bench = tripped({ breaker: { minimumCompletions: 1, probeTimeout: 3_000 }, attemptTimeout: 400 })
  bench.advance(5_000)
  const probe = bench.call()
  bench.last.write()
  bench.advance(400)
  expect(probe.error!.message).toContain('within 400 ms (attemptTimeout)')
})

test('a call past the breaker is neither refused nor turned away, and tells it nothing', () => {
  const bench = tripped()
  const heard = bench.call({ says: { resilience: 'none' } })
  bench.last.answer(500)
  expect(heard.told).toBe(1)
  expect(breaker(bench)).toMatchObject({ state: 'open', opened: 1, rejected: { open: 0 } })
})

test('when the attempt of a race is turned away, the call goes on with the other', () => {
  const bench = new ExchangeBench({ ...once, hedge: { after: 100, share: 1 } })
  const heard = bench.call()
  const first = bench.last.write()
  bench.advance(100)
  const second = bench.last.write()
  first.sent = false // it lost its connection before a byte was written, and waits again
  bench.call()
  bench.last.answer(500)
  first.handler.onWire?.()
  expect(first.aborted).toBe(true)
  expect(heard.told).toBe(0)
  second.headers(200).data('good').end()
  expect(heard).toMatchObject({ body: 'good', told: 1 })
})

test('a hedge that is turned away leaves the first attempt alone', () => {
  const bench = new ExchangeBench({ ...once, hedge: { after: 100, share: 1 } })
  const heard = bench.call()
  const first = bench.last.write()
  bench.advance(100)
  const second = bench.last
  bench.call()
  bench.last.answer(500)
  second.handler.onWire?.()
  expect(second.aborted).toBe(true)
  first.headers(200).data('good').end()
  expect(heard).toMatchObject({ body: 'good', told: 1 })
})

test('an origin that has asked to be left alone is not asked by retries of other calls either', () => {
  const bench = new ExchangeBench({ breaker: false })
  bench.call({ says: { retry: false } })
  bench.last.answer(503, '', { 'retry-after': '3' })
  bench.call()
  bench.last.write().failWith('ECONNRESET')
  bench.advance(2_999)
  expect(bench.dispatched).toBe(2)
  bench.advance(151) // and up to a tenth more, so that not all come at once
  expect(bench.dispatched).toBe(3)
})

test('a success ends that pause: it serves again', () => {
  const bench = new ExchangeBench({ breaker: false })
  bench.call({ says: { retry: false } })
  bench.last.answer(503, '', { 'retry-after': '3' })
  bench.call()
  bench.last.answer(200)
  bench.call()
  bench.last.write().failWith('ECONNRESET')
  bench.advance(50)
  expect(bench.dispatched).toBe(4)
})

test('a 429 speaks for its caller alone', () => {
  const bench = new ExchangeBench({ breaker: false })
  bench.call({ says: { retry: false } })
  bench.last.answer(429, '', { 'retry-after': '3' })
  bench.call()
  bench.last.write().failWith('ECONNRESET')
  bench.advance(50)
  expect(bench.dispatched).toBe(3)
})

const both = ['http://a.test', 'http://b.test']

test('one that is turned away goes to another endpoint, as nothing was sent', () => {
  const bench = new ExchangeBench({ ...once, baseUrl: both })
  const waiting = bench.call()
  const lease = bench.last
  bench.call()
  bench.last.answer(500)
  lease.handler.onWire?.()
  bench.advance(0)
  expect(lease.aborted).toBe(true)
  expect(waiting.told).toBe(0)
  expect(bench.last.options.origin).toBe('http://b.test')
  bench.last.answer(200, 'there')
  expect(waiting).toMatchObject({ body: 'there', told: 1 })
  expect(bench.retries).toEqual([])
})

test('unless the breaker of that one is open, too', () => {
  const bench = new ExchangeBench({ ...once, baseUrl: both })
  const waiting = bench.call()
  const lease = bench.last
  bench.other.breaker.force('open')
  bench.call()
  bench.last.answer(500)
  lease.handler.onWire?.()
  bench.advance(0)
  expect(waiting.error).toMatchObject({ code: 'breaker_open', sent: 'no' })
})

test('what one endpoint asks for with Retry-After does not hold up the retry at another', () => {
  const bench = new ExchangeBench({ baseUrl: both })
  bench.call()
  bench.last.answer(503, '', { 'retry-after': '20' })
  bench.advance(500)
  expect(bench.last.options.origin).toBe('http://b.test')
  expect(bench.guard.pause.remaining(bench.runtime.now())).toBe(19_500)
  expect(bench.other.pause.remaining(bench.runtime.now())).toBe(0)
})

test.each(['first', 'hedge'] as const)('a 503 that loses a race is heard all the same: the %s', (who) => {
  const bench = new ExchangeBench({ baseUrl: both, hedge: { after: 100, share: 1 } })
  const heard = bench.call()
  const first = bench.last.write()
  bench.advance(100)
  const second = bench.last.write()
  expect(second.options.origin).toBe('http://b.test')
  const [busy, well] = who === 'first' ? [first, second] : [second, first]
  busy.headers(503, { 'retry-after': '20' })
  well.headers(200).end()
  expect(heard.heard.at(-1)).toBe('end')
  const asked = who === 'first' ? bench.guard : bench.other
  expect(asked.pause.remaining(bench.runtime.now())).toBe(20_000)
})
