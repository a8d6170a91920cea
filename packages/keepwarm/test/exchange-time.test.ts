/** Every phase has its own limit, under its own name, at its exact millisecond; the total wins ties. */
import { expect, test } from 'vitest'
import { KeepwarmError } from '../src/errors.ts'
import { ExchangeBench, Listener, type FakeLease } from './support/client-exchange-bench.ts'

const phases = {
  wait: () => {},
  send: (lease: FakeLease) => lease.wire(),
  headers: (lease: FakeLease) => lease.write(),
  body: (lease: FakeLease) => lease.write().headers(200),
} as const

test.each([
  ['send', { writeTimeout: 700 }, 'attempt_timeout', 'no progress in sending within 700 ms (writeTimeout)'],
  [
    'headers',
    { headersTimeout: 700 },
    'attempt_timeout',
    'no response headers within 700 ms (headersTimeout)',
  ],
  [
    'body',
    { bodyIdleTimeout: 700 },
    'attempt_timeout',
    'no more of the body within 700 ms (bodyIdleTimeout)',
  ],
  ['wait', { attemptTimeout: 700 }, 'attempt_timeout', 'ended while waiting for a connection'],
  [
    'send',
    { attemptTimeout: 700 },
    'attempt_timeout',
    'within 700 ms (attemptTimeout), it ended while sending',
  ],
  ['headers', { attemptTimeout: 700 }, 'attempt_timeout', '(attemptTimeout), it ended before the response'],
  [
    'body',
    { attemptTimeout: 700 },
    'attempt_timeout',
    '(attemptTimeout), it ended in the middle of the response',
  ],
  ['wait', { timeout: 700 }, 'deadline', 'within 700 ms (timeout), it ended while waiting for a connection'],
  ['send', { timeout: 700 }, 'deadline', 'within 700 ms (timeout), it ended while sending'],
  ['headers', { timeout: 700 }, 'deadline', 'within 700 ms (timeout), it ended before the response'],
  ['body', { timeout: 700 }, 'deadline', 'within 700 ms (timeout), it ended in the middle of the response'],
] as const)('in %s %j ends it as %s', (phase, limit, code, text) => {
  const bench = new ExchangeBench({ ...limit, retry: false })
  const heard = bench.call()
  phases[phase](bench.last)
  bench.advance(699)
  expect(heard.told).toBe(0)
  bench.advance(1)
  expect(heard.told).toBe(1)
  expect(heard.error).toMatchObject({ code, phase, sent: phase === 'wait' ? 'no' : 'maybe' })
  expect(heard.error!.message).toContain(text)
  expect(heard.error!.attempts).toMatchObject([{ number: 1, ending: code, phase, duration: 700 }])
  expect(bench.last.aborted).toBe(true)
  expect(bench.runtime.holding).toBe(0)
})

test('the total wins a tie with every other limit', () => {
  for (const phase of ['wait', 'send', 'headers', 'body'] as const) {
    const bench = new ExchangeBench({
      timeout: 700,
      attemptTimeout: 700,
      writeTimeout: 700,
      headersTimeout: 700,
      bodyIdleTimeout: 700,
    })
    const heard = bench.call()
    phases[phase](bench.last)
    bench.advance(700)
    expect(heard.error).toMatchObject({ code: 'deadline', phase })
  }
})

test('the limit that was reached is named, not the one that belongs to the phase', () => {
  const bench = new ExchangeBench({ attemptTimeout: 1_000, headersTimeout: 900, retry: false })
  const heard = bench.call()
  bench.advance(500) // waiting, which the attempt pays for and the headers do not
  bench.last.write()
  bench.advance(500)
  expect(heard.error!.message).toContain('(attemptTimeout)')
})

test('a body that keeps coming can use up the attempt, and then that is what is named', () => {
  const bench = new ExchangeBench({ attemptTimeout: 1_000, bodyIdleTimeout: 300, retry: false })
  const heard = bench.call()
  bench.last.write().headers(200)
  for (let ms = 0; ms < 1_000; ms += 200) {
    bench.last.data('x')
    bench.advance(200)
  }
  expect(heard.error!.message).toContain('(attemptTimeout)')
})

test('progress in sending and in the body moves their limits', () => {
  const bench = new ExchangeBench({ writeTimeout: 300, bodyIdleTimeout: 300 })
  const heard = bench.call()
  bench.last.wire()
  for (let ms = 0; ms < 1_000; ms += 250) {
    bench.last.handler.onBodySent?.(Buffer.from('x'))
    bench.advance(250)
  }
  bench.last.handler.onRequestSent?.()
  bench.last.headers(200)
  for (let ms = 0; ms < 1_000; ms += 250) {
    bench.last.data('x')
    bench.advance(250)
  }
  expect(heard.told).toBe(0)
  bench.last.end()
  expect(heard.heard.at(-1)).toBe('end')
})

test('information that comes before the response does not stand for it', () => {
  const bench = new ExchangeBench({ headersTimeout: 300, retry: false })
  const heard = bench.call()
  bench.last.write()
  bench.advance(200)
  bench.last.headers(103)
  bench.advance(100)
  expect(heard.heard).toEqual(['start', 'sent', 'headers 103', 'error'])
  expect(heard.error).toMatchObject({ code: 'attempt_timeout', phase: 'headers' })
})

test('a reader that is slow is not a server that is: the body may rest while it is paused', () => {
  const bench = new ExchangeBench({ bodyIdleTimeout: 300, timeout: Infinity })
  const heard = bench.call()
  bench.last.write().headers(200).data('x')
  heard.controller!.pause()
  expect(bench.last.paused).toBe(true)
  bench.advance(100_000)
  expect(heard.told).toBe(0)
  heard.controller!.resume()
  bench.advance(299)
  expect(heard.told).toBe(0)
  bench.advance(1)
  expect(heard.error!.message).toContain('bodyIdleTimeout')
})

test('the total holds while the reader pauses, and says nothing about the server', () => {
  const bench = new ExchangeBench({ breaker: { minimumCompletions: 1, failureRatio: 0.1 } })
  const heard = bench.call()
  bench.last.write().headers(200)
  heard.controller!.pause()
  bench.advance(30_000)
  expect(heard.error).toMatchObject({ code: 'deadline' })
  expect(bench.guard.breaker.state(bench.runtime.now())).toBe('closed')
})

test('a connection that is lost while the reader pauses is lost all the same', () => {
  const bench = new ExchangeBench({ breaker: { minimumCompletions: 1 } })
  const heard = bench.call()
  bench.last.write().headers(200)
  heard.controller!.pause()
  bench.last.failWith('ECONNRESET')
  expect(bench.changes).toEqual(['opened'])
})

test('a caller that pauses before it is sent is paused on the connection', () => {
  const bench = new ExchangeBench({ retry: { attempts: 2 } })
  const heard = bench.call()
  heard.controller!.pause()
  bench.last.failWith('ECONNRESET')
  bench.advance(1_000)
  expect(bench.last.paused).toBe(true)
  heard.controller!.resume()
  expect(bench.last.paused).toBe(false)
})

test('all limits switched off: only the server ends it', () => {
  const off = { timeout: Infinity, writeTimeout: Infinity, bodyIdleTimeout: Infinity }
  const bench = new ExchangeBench(off)
  const heard = bench.call()
  bench.last.write()
  bench.advance(1e9)
  bench.last.headers(200)
  bench.advance(1e9)
  bench.last.end()
  expect(heard.heard.at(-1)).toBe('end')
})

test('an attempt that is struck goes again, and its connection is given up', () => {
  const bench = new ExchangeBench({ headersTimeout: 300 })
  const heard = bench.call()
  bench.last.write()
  bench.advance(300)
  expect(bench.pool.leases[0]!.aborted).toBe(true)
  expect(heard.told).toBe(0)
  bench.advance(50)
  bench.last.answer(200)
  expect(heard.heard.at(-1)).toBe('end')
  expect(bench.retries).toEqual(['attempt_timeout'])
})

test('each attempt has its own time, all of them together the total', () => {
  const bench = new ExchangeBench({ timeout: 1_000, attemptTimeout: 400 })
  const heard = bench.call()
  const waits: number[] = []
  bench.last.write()
  bench.pool.onDispatch = (lease) => {
    waits.push(bench.runtime.now())
    lease.write()
  }
  bench.advance(1_000)
  expect(waits).toEqual([450, 950])
  expect(heard.error).toMatchObject({ code: 'deadline', phase: 'headers' })
  expect(bench.runtime.now()).toBe(1_000)
})

test('an attempt whose time goes by in our own queue is not tried again: we are the bottleneck', () => {
  const bench = new ExchangeBench({ attemptTimeout: 400 })
  const heard = bench.call()
  bench.advance(400)
  expect(heard.error).toMatchObject({ code: 'attempt_timeout', phase: 'wait', sent: 'no' })
  expect(heard.error!.notRetried).toContain('our own queue')
  expect(bench.dispatched).toBe(1)
  expect(bench.tokens).toBe(10)
})

test('the pool is told until when an attempt may wait', () => {
  const bench = new ExchangeBench({ timeout: 1_000, attemptTimeout: 400 })
  bench.call()
  const handler = bench.last.handler as { acquireBy?: number }
  expect(handler.acquireBy).toBe(400)
  bench.pool.onDispatch = (lease) => void lease.write()
  bench.last.write()
  bench.advance(950)
  expect(handler.acquireBy).toBe(1_000)
})

test.each([
  [{ timeout: 700 }, 'deadline'],
  [{ attemptTimeout: 700 }, 'attempt_timeout'],
  [{}, 'acquire_timeout'],
])('with %j a refusal of the pool at that very moment is called %s', (limits, code) => {
  const bench = new ExchangeBench({ ...limits, retry: false })
  const heard = bench.call()
  bench.runtime.late = 700 // the clocks of the pool and of the client may ring in either order
  bench.last.fail(new KeepwarmError('acquire_timeout', 'no connection: 2 of 2 in use', { phase: 'wait' }))
  expect(heard.error).toMatchObject({ code, phase: 'wait' })
  expect(heard.error!.message).toContain('2 of 2 in use')
})

test('a process that was too busy to try again in time says so, and does not try', () => {
  const bench = new ExchangeBench({ timeout: 1_000 })
  const heard = bench.call()
  bench.last.answer(503, '', { 'retry-after': '0.8' })
  bench.runtime.late = 200
  bench.advance(900)
  expect(heard.error).toMatchObject({ code: 'deadline', sent: 'maybe' })
  expect(heard.error!.message).toContain('it ended between two attempts')
  expect(bench.dispatched).toBe(1)
  expect(bench.tokens).toBe(10)
})

test('a stalled error body cannot carry the call past its deadline', () => {
  const bench = new ExchangeBench({ timeout: 1_000 })
  const heard = bench.call()
  bench.advance(300)
  bench.last.write().headers(503, { 'retry-after': '0.5' })
  bench.advance(699)
  expect(heard.told).toBe(0)
  bench.advance(1)
  expect(heard.error).toMatchObject({ code: 'deadline' })
  expect(bench.tokens).toBe(10)
})

test('the process is kept alive by the clock between two attempts, and at no other time', () => {
  const bench = new ExchangeBench()
  bench.call()
  expect(bench.runtime.holding).toBe(0)
  bench.last.write()
  expect(bench.runtime.holding).toBe(0)
  bench.last.failWith('ECONNRESET')
  expect(bench.runtime.holding).toBe(1)
  bench.advance(50)
  expect(bench.runtime.holding).toBe(0)
  bench.last.write().headers(500)
  expect(bench.runtime.holding).toBe(0)
  bench.last.end()
  expect(bench.runtime.holding).toBe(1)
  bench.advance(100)
  bench.last.answer(200)
  expect(bench.runtime.holding).toBe(0)
})

test('nothing is late after the end', () => {
  const bench = new ExchangeBench({ retry: false })
  const heard = bench.call({}, new Listener(true))
  bench.last.answer(200)
  bench.advance(1e6)
  expect(heard.told).toBe(1)
})
