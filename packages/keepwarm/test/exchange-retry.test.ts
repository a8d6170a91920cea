/** What a call does after an attempt: again, after which wait, or what the caller is told. */
import { expect, test } from 'vitest'
import { KeepwarmError } from '../src/errors.ts'
import { ExchangeBench, Listener } from './support/client-exchange-bench.ts'

test('503, 503, 200 is one success in three attempts', () => {
  const bench = new ExchangeBench()
  const heard = bench.call()
  bench.last.answer(503)
  bench.advance(500) // 1 s × chance
  bench.last.answer(503)
  bench.advance(999) // 2 s × chance
  expect(bench.dispatched).toBe(2)
  bench.advance(1)
  bench.last.answer(200, 'yes')
  expect(heard.heard).toEqual(['start', 'sent', 'sent', 'sent', 'headers 200', 'data', 'end'])
  expect(bench.retries).toEqual(['status_503', 'status_503'])
  expect(bench.outcomes).toEqual([{ status: 200 }])
})

test('when all attempts are used the last response is the answer, and earlier ones were read to their end', () => {
  const bench = new ExchangeBench({ retry: { attempts: 2 } })
  const heard = bench.call()
  bench.last.answer(503, 'first')
  expect(bench.pool.leases[0]!.aborted).toBe(false)
  bench.advance(500)
  bench.last.answer(502, 'last')
  expect(heard).toMatchObject({ body: 'last', told: 1 })
  expect(heard.heard).toContain('headers 502')
  expect(heard.heard).not.toContain('headers 503')
})

test('when all attempts fail the error names each of them', () => {
  const bench = new ExchangeBench()
  const { heard, error } = failThrice(bench)
  expect(heard.filter((what) => what === 'error')).toHaveLength(1)
  expect(error).toMatchObject({
    code: 'reset',
    phase: 'headers',
    sent: 'maybe',
    notRetried: 'all attempts are used',
    attempts: [
      { number: 1, ending: 503, phase: 'headers', sent: 'maybe' },
      { number: 2, ending: 'connect', phase: 'connect', sent: 'no' },
      { number: 3, ending: 'reset', phase: 'headers', sent: 'maybe' },
    ],
  })
  expect(error!.message).toBe(
    'GET http://a.test/p failed on attempt 3 after 2 s: the connection was lost before the response: ' +
      'it said ECONNRESET; not tried again: all attempts are used',
  )
})

function failThrice(bench: ExchangeBench): Listener {
  const heard = bench.call()
  bench.last.answer(503)
  bench.advance(1_000)
  bench.last.reused = false
  bench.last.failWith('ECONNREFUSED')
  bench.advance(1_000)
  bench.last.write().failWith('ECONNRESET')
  return heard
}

test('`sent` is maybe once one attempt may have reached the server', () => {
  const bench = new ExchangeBench({ retry: { attempts: 2 } })
  const heard = bench.call({ method: 'POST', says: { idempotent: true } })
  bench.last.write().failWith('ECONNRESET')
  bench.advance(1_000)
  bench.last.reused = false
  bench.last.failWith('ECONNREFUSED')
  expect(heard.error).toMatchObject({ code: 'connect', sent: 'maybe' })
})

test('`sent` is no when every attempt ended before it was written', () => {
  const bench = new ExchangeBench({ retry: { attempts: 2 } })
  const heard = bench.call()
  for (const wait of [1_000, 0]) {
    bench.last.reused = false
    bench.last.failWith('ECONNREFUSED')
    bench.advance(wait)
  }
  expect(heard.error).toMatchObject({ code: 'connect', sent: 'no' })
  expect(heard.error!.message).toContain('is the service started')
})

test('an error of the pool at the first attempt is told with the call it belongs to', () => {
  const bench = new ExchangeBench()
  const heard = bench.call()
  bench.last.fail(new KeepwarmError('queue_full', 'the line is full: 3 waiting', { phase: 'wait' }))
  expect(heard.error).toMatchObject({ code: 'queue_full', phase: 'wait', sent: 'no' })
  expect(heard.error!.message).toBe(
    'GET http://a.test/p failed after 0 ms: the line is full: 3 waiting; ' +
      'more is asked than the service answers: is it slow, or is a body not read to its end?; ' +
      'not tried again: it was stuck in our own queue, to which another try would only add',
  )
  expect(heard.error!.attempts).toMatchObject([{ number: 1, ending: 'queue_full' }])
})

const keyed = { headers: { 'Idempotency-Key': 'k1' } }
test.each([
  ['GET that was sent', { method: 'GET' as const }, true, 2],
  ['PUT that was sent', { method: 'PUT' as const, body: 'x' }, true, 2],
  ['POST that was sent', { method: 'POST' as const, body: 'x' }, true, 1],
  ['POST that never left', { method: 'POST' as const, body: 'x' }, false, 2],
  ['POST with an Idempotency-Key', { method: 'POST' as const, body: 'x', ...keyed }, true, 2],
  ['POST that may arrive twice', { method: 'POST' as const, says: { idempotent: true } }, true, 2],
  ['GET that may not arrive twice', { method: 'GET' as const, says: { idempotent: false } }, true, 1],
])('a lost connection: a %s', (_, request, sent, attempts) => {
  const bench = new ExchangeBench()
  bench.call(request)
  if (sent) bench.last.write()
  bench.last.failWith('ECONNRESET')
  bench.advance(10_000)
  expect(bench.dispatched).toBe(attempts)
})

test.each([
  ['POST', undefined, 1],
  ['POST', keyed.headers, 2],
  ['POST', ['Idempotency-Key', 'k'], 2],
  ['POST', new Map([['idempotency-key', 'k']]), 2],
  ['GET', undefined, 2],
] as const)('503 to a %s with headers %j', (method, headers, attempts) => {
  const bench = new ExchangeBench()
  bench.call({ method, headers: headers as never })
  bench.last.answer(503)
  bench.advance(10_000)
  expect(bench.dispatched).toBe(attempts)
})

test('a stream that was sent is not sent again, and the error says why', () => {
  const bench = new ExchangeBench()
  const body = (async function* () {})()
  const heard = bench.call({ method: 'PUT', body: body as never })
  bench.last.write().failWith('ECONNRESET')
  expect(heard.error).toMatchObject({ code: 'reset' })
  expect(heard.error!.notRetried).toContain('stream')
})

test('a stream that never left is sent on the next connection', () => {
  const bench = new ExchangeBench()
  bench.call({ method: 'POST', body: (async function* () {})() as never })
  bench.last.reused = false
  bench.last.failWith('ECONNREFUSED')
  bench.advance(1_000)
  expect(bench.dispatched).toBe(2)
})

test('a kept connection that was gone before a byte was written costs no attempt, no token, no wait', () => {
  const bench = new ExchangeBench({ retry: { attempts: 2 } })
  const heard = bench.call({ method: 'POST', body: 'x' })
  bench.last.failWith('UND_ERR_SOCKET')
  bench.advance(0)
  expect(bench.dispatched).toBe(2)
  expect(bench.tokens).toBe(10)
  bench.last.failWith('UND_ERR_SOCKET') // twice is no coincidence: this one is paid for
  bench.advance(0)
  expect(bench.dispatched).toBe(3)
  expect(bench.tokens).toBe(9)
  bench.last.failWith('UND_ERR_SOCKET')
  expect(heard.error).toMatchObject({ code: 'reset', sent: 'no' })
})

test.each([
  [400, 1],
  [404, 1],
  [408, 2],
  [409, 1],
  [425, 2],
  [429, 2],
  [500, 2],
  [501, 1],
  [502, 2],
  [504, 2],
  [505, 1],
])('a %d is answered after %d attempts', (status, attempts) => {
  const bench = new ExchangeBench({ retry: { attempts: 2 } })
  bench.call()
  bench.last.answer(status)
  bench.advance(10_000)
  expect(bench.dispatched).toBe(attempts)
})

test('a second 425 is the answer, though there are attempts left', () => {
  const bench = new ExchangeBench({ retry: { attempts: 5 } })
  const heard = bench.call()
  for (let attempt = 0; attempt < 2; attempt++) {
    bench.last.answer(425)
    bench.advance(10_000)
  }
  expect(bench.dispatched).toBe(2)
  expect(heard).toMatchObject({ told: 1 })
})

test('after a 503 the wait begins with a longer base than after a 502', () => {
  for (const [status, wait] of [
    [502, 50],
    [429, 500],
    [503, 500],
  ] as const) {
    const bench = new ExchangeBench()
    bench.call()
    bench.last.answer(status)
    bench.advance(wait - 1)
    expect(bench.dispatched).toBe(1)
    bench.advance(1)
    expect(bench.dispatched).toBe(2)
  }
})

test('a hook that throws leaves the error that it was asked about', () => {
  const shouldRetry = (): boolean => {
    throw new Error('a fault of the hook')
  }
  const bench = new ExchangeBench({ retry: { shouldRetry } })
  const heard = bench.call()
  bench.last.write().failWith('ECONNRESET')
  expect(heard.error).toMatchObject({ code: 'reset', cause: { code: 'ECONNRESET' } })
  expect(heard.error!.notRetried).toBe('shouldRetry threw an error')
  expect(heard.error!.message).toContain('shouldRetry threw an error: a fault of the hook')
  expect(bench.tokens).toBe(10)
})

test('a breaker that a 503 opened stays open for as long as its Retry-After', () => {
  const bench = new ExchangeBench({ retry: false, breaker: { minimumCompletions: 1 } })
  bench.runtime.chance = 0
  bench.call()
  bench.last.answer(503, '', { 'retry-after': '20' })
  expect(bench.call().error).toMatchObject({ code: 'breaker_open', retryAfter: 20_000 })
})

test.each(['CERT_HAS_EXPIRED', 'ERR_TLS_CERT_ALTNAME_INVALID', 'UND_ERR_INVALID_ARG', 'UND_ERR_DESTROYED'])(
  '%s is told at once',
  (code) => {
    const bench = new ExchangeBench()
    const heard = bench.call()
    bench.last.reused = false
    bench.last.failWith(code)
    expect(heard.told).toBe(1)
  },
)

test('Retry-After is never undercut, whatever the chance', () => {
  for (const chance of [0, 0.3, 0.999]) {
    const bench = new ExchangeBench()
    bench.runtime.chance = chance
    bench.call()
    bench.last.answer(503, '', { 'retry-after': '5' })
    bench.advance(4_999)
    expect(bench.dispatched).toBe(1)
    bench.advance(502) // up to a tenth is added
    expect(bench.dispatched).toBe(2)
  }
})

test('Retry-After as a date is read by the clock of the server', () => {
  const bench = new ExchangeBench()
  bench.call()
  const [date, later] = ['Wed, 01 Jan 2020 00:00:00 GMT', 'Wed, 01 Jan 2020 00:00:03 GMT']
  bench.last.answer(503, '', { date, 'retry-after': later })
  bench.advance(2_999)
  expect(bench.dispatched).toBe(1)
  bench.advance(301)
  expect(bench.dispatched).toBe(2)
})

test('a Retry-After that does not fit the deadline is answered at once', () => {
  const bench = new ExchangeBench({ timeout: 10_000 })
  const heard = bench.call()
  bench.last.answer(503, 'busy', { 'retry-after': '10' })
  expect(heard).toMatchObject({ told: 1, body: 'busy' })
  expect(bench.tokens).toBe(10)
})

test('the wait counts from the answer, not from the end of its body', () => {
  const bench = new ExchangeBench({ timeout: 10_000 })
  bench.call()
  bench.last.write().headers(503, { 'retry-after': '9' })
  bench.advance(900)
  bench.last.end()
  bench.advance(8_600)
  expect(bench.dispatched).toBe(2)
})

test('a retry that does not fit the deadline is not waited for', () => {
  const bench = new ExchangeBench({ timeout: 1_000, retry: { base: 5_000 } })
  const heard = bench.call()
  bench.last.write().failWith('ECONNRESET')
  expect(heard.error).toMatchObject({ code: 'reset' })
  expect(heard.error!.notRetried).toContain('does not fit before the deadline')
})

test('an endless error body is given up, and the connection with it', () => {
  const bench = new ExchangeBench()
  bench.call()
  bench.last.write().headers(500).data('x'.repeat(65_536))
  expect(bench.last.aborted).toBe(false)
  bench.last.data('x')
  expect(bench.pool.leases[0]!.aborted).toBe(true)
  bench.advance(50)
  expect(bench.dispatched).toBe(2)
})

test('a trickling error body does not hold up the next attempt', () => {
  const bench = new ExchangeBench()
  bench.call()
  bench.last.write().headers(503)
  for (let ms = 0; ms < 999; ms += 9) {
    bench.last.data('x')
    bench.advance(9)
  }
  expect(bench.dispatched).toBe(1)
  bench.advance(1)
  expect(bench.pool.leases[0]!.aborted).toBe(true)
  expect(bench.dispatched).toBe(2)
})

test('an error body that breaks off is as good as read', () => {
  const bench = new ExchangeBench()
  const heard = bench.call()
  bench.last.write().headers(500).failWith('ECONNRESET')
  bench.advance(50)
  bench.last.answer(200)
  expect(heard.heard.at(-1)).toBe('end')
})

test('a body that breaks off is asked for again while nobody has seen it', () => {
  const bench = new ExchangeBench()
  const heard = bench.call({}, new Listener(true))
  bench.last.write().headers(200).data('half').failWith('ECONNRESET')
  expect(heard.told).toBe(0)
  bench.advance(50)
  bench.last.answer(200, 'whole')
  expect(heard).toMatchObject({ told: 1, body: 'whole' })
  expect(bench.retries).toEqual(['reset'])
})

test('a body that breaks off is an error when a part was seen', () => {
  const bench = new ExchangeBench()
  const heard = bench.call()
  bench.last.write().headers(200).data('half').failWith('ECONNRESET')
  expect(heard.error).toMatchObject({ code: 'reset', phase: 'body', sent: 'maybe' })
  expect(heard.error!.notRetried).toContain('already has a part')
})

test('why an earlier ending was final is not said of a later one', () => {
  const bench = new ExchangeBench({ retry: { attempts: 2 } })
  const heard = bench.call({}, new Listener(true))
  bench.last.write().headers(404).data('half').failWith('ECONNRESET') // 404 alone would not go again
  bench.advance(1_000)
  bench.last.write().headers(200).failWith('ECONNRESET')
  expect(heard.error!.notRetried).toBe('all attempts are used')
})

test('retries are paid for: one call in ten may fail when nothing works', () => {
  const bench = new ExchangeBench({ breaker: false })
  bench.pool.onDispatch = (lease) => lease.answer(503)
  for (let call = 0; call < 100; call++) {
    bench.call()
    bench.advance(1_000)
  }
  expect(bench.dispatched).toBe(110)
  expect(bench.tokens).toBe(0)
})

test('successes pay for retries, with a breaker or without', () => {
  for (const breaker of [{}, false] as const) {
    const bench = new ExchangeBench({ breaker, budget: { start: 0 } })
    bench.pool.onDispatch = (lease) => lease.answer(200)
    for (let call = 0; call < 30; call++) bench.call()
    expect(bench.tokens).toBeCloseTo(3)
  }
})

test('a thousand calls that fail together do not retry a thousand times', () => {
  const bench = new ExchangeBench({ breaker: false })
  for (let call = 0; call < 1_000; call++) bench.call()
  for (const lease of [...bench.pool.leases]) lease.write().failWith('ECONNRESET')
  bench.advance(10_000)
  expect(bench.dispatched).toBe(1_010)
})

test('a retry is counted when it goes out, not when it is decided on', () => {
  const bench = new ExchangeBench()
  const heard = bench.call()
  bench.last.answer(503)
  heard.controller!.abort(new Error('enough'))
  bench.advance(1_000)
  expect(bench.retries).toEqual([])
})

test('a pool that refuses by throwing ends the attempt like any other failure', () => {
  const bench = new ExchangeBench()
  bench.pool.onDispatch = () => {
    throw Object.assign(new Error('bad origin'), { code: 'UND_ERR_INVALID_ARG' })
  }
  const heard = bench.call()
  expect(heard.error).toMatchObject({ code: 'invalid_request', phase: 'admit', sent: 'no' })
})

test('the error text never holds the query, nor a user name in the origin', () => {
  const bench = new ExchangeBench()
  const heard = bench.call({ origin: 'http://me:hunter2@a.test', path: '/p?token=hunter2#hunter2' })
  bench.last.write().failWith('UND_ERR_DESTROYED')
  expect(heard.error!.message).toContain('GET http://a.test/p failed')
  expect(JSON.stringify(heard.error) + String(heard.error)).not.toContain('hunter2')
})
