/** Whatever a handler does, its call ends once and nobody else suffers. */
import { Duplex } from 'node:stream'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { ExchangeBench, Listener, type FakeLease } from './support/client-exchange-bench.ts'

const warned = vi.fn()

beforeEach(() => void process.on('warning', warned))
afterEach(() => {
  process.off('warning', warned)
  warned.mockReset()
})

const throwing = (callback: string): Listener => {
  const listener = new Listener()
  listener.throwsIn.add(callback)
  return listener
}

const drive = (lease: FakeLease | undefined): void => {
  if (lease === undefined) return
  lease.wire()
  lease.handler.onBodySent?.(Buffer.from('x'))
  lease.handler.onRequestSent?.()
  lease.handler.onResponseStarted?.()
  if (!lease.over) lease.headers(200)
  if (!lease.over) lease.data('x')
  if (!lease.over) lease.end()
}

test.each(['start', 'bodySent', 'sent', 'started', 'headers', 'data'])(
  'a handler that throws in %s hears its own error, once, and its connection is given up',
  (callback) => {
    const bench = new ExchangeBench({ breaker: { minimumCompletions: 1 } })
    const heard = bench.call({}, throwing(callback))
    drive(bench.last)
    expect(heard.told).toBe(1)
    expect(heard.error!.message).toContain(`thrown in ${callback}`)
    expect(bench.outcomes).toMatchObject([{ error: { code: 'aborted' } }])
    if (callback === 'start') expect(bench.dispatched).toBe(0)
    else expect(bench.last.aborted).toBe(true)
    expect(bench.guard.breaker.state(bench.runtime.now())).toBe('closed')
    bench.advance(100_000)
    expect(bench.dispatched).toBeLessThanOrEqual(1)
  },
)

test('a handler that throws a lost connection of its own does not make the call go again', () => {
  const bench = new ExchangeBench({ breaker: { minimumCompletions: 1 } })
  const heard = new Listener(true)
  heard.onResponseData = () => {
    throw Object.assign(new Error('its own'), { code: 'ECONNRESET' })
  }
  bench.call({}, heard)
  bench.last.write().headers(200).data('x')
  bench.advance(100_000)
  expect(bench.dispatched).toBe(1)
  expect(heard.error).toMatchObject({ message: 'its own' })
  expect(bench.changes).toEqual([])
})

test('a handler that fails over the complete response is told, or its caller would wait for ever', () => {
  const bench = new ExchangeBench()
  const heard = bench.call({}, throwing('end'))
  expect(() => bench.last.answer(200)).not.toThrow()
  expect(heard.heard.slice(-2)).toEqual(['end', 'error'])
  expect(bench.outcomes).toEqual([{ status: 200 }])
})

test('what a handler throws when it is told of an error becomes a warning', async () => {
  const bench = new ExchangeBench({ retry: false })
  const heard = bench.call({}, throwing('error'))
  expect(() => bench.last.failWith('ECONNRESET')).not.toThrow()
  await new Promise(setImmediate)
  expect(warned.mock.calls[0]![0]).toMatchObject({ message: 'thrown in error' })
  expect(heard.told).toBe(1)
  expect(bench.outcomes).toHaveLength(1)
})

test('a handler that has only what it needs', () => {
  const bench = new ExchangeBench()
  const heard: string[] = []
  bench.call({}, { onResponseEnd: () => heard.push('end') } as unknown as Listener)
  bench.last.wire()
  bench.last.handler.onBodySent?.(Buffer.from('x'))
  bench.last.handler.onRequestSent?.()
  bench.last.handler.onResponseStarted?.()
  bench.last.headers(100).headers(200).data('x').end()
  expect(heard).toEqual(['end'])
})

test('information before the response is passed on, and stands for nothing', () => {
  const bench = new ExchangeBench()
  const heard = bench.call()
  bench.last.write().headers(100).headers(103).headers(200).end()
  expect(heard.heard).toEqual(['start', 'sent', 'headers 100', 'headers 103', 'headers 200', 'end'])
  expect(bench.outcomes).toEqual([{ status: 200 }])
})

test('a response before the request is written is a response all the same', () => {
  const bench = new ExchangeBench()
  const heard = bench.call({ method: 'POST' })
  bench.last.wire().headers(413).data('too much')
  bench.last.handler.onRequestSent?.()
  bench.last.end()
  expect(heard.heard).toEqual(['start', 'headers 413', 'data', 'sent', 'end'])
})

const newSocket = (): Duplex => new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() })

const upgrade = (lease: FakeLease, socket: Duplex): void => {
  lease.write().over = true
  lease.handler.onRequestUpgrade?.(lease, 101, {}, socket)
}

test('an upgrade ends the call and hands the socket over', () => {
  const bench = new ExchangeBench()
  const heard = bench.call()
  const socket = newSocket()
  upgrade(bench.last, socket)
  expect(heard.heard).toEqual(['start', 'sent', 'upgrade'])
  expect(socket.destroyed).toBe(false)
  expect(bench.outcomes).toEqual([{ status: 101 }])
})

test('an upgrade that nobody can use is an error, not silence', () => {
  const bench = new ExchangeBench()
  const heard = new Listener()
  Object.defineProperty(heard, 'onRequestUpgrade', { value: undefined })
  bench.call({}, heard)
  const socket = newSocket()
  upgrade(bench.last, socket)
  expect(heard).toMatchObject({ told: 1, error: { code: 'invalid_request' } })
  expect(socket.destroyed).toBe(true)
})

test('an upgrade that comes too late, or whose handler throws, leaves no socket', () => {
  const bench = new ExchangeBench()
  const left = bench.call()
  left.controller!.abort(new Error('gone'))
  const late = newSocket()
  upgrade(bench.last, late)
  expect(late.destroyed).toBe(true)
  const heard = bench.call({}, throwing('upgrade'))
  const socket = newSocket()
  upgrade(bench.last, socket)
  expect(socket.destroyed).toBe(true)
  expect(heard.error!.message).toBe('thrown in upgrade')
})

test('more bytes than maxResponseBytes end it, exactly as many do not', () => {
  const bench = new ExchangeBench({ maxResponseBytes: 4 })
  const enough = bench.call()
  bench.last.answer(200, 'four')
  expect(enough.heard.at(-1)).toBe('end')
  const tooMuch = bench.call()
  bench.last.write().headers(200).data('fo').data('urs')
  expect(tooMuch.error).toMatchObject({ code: 'body_too_large', phase: 'body', sent: 'maybe' })
  expect(tooMuch.error!.message).toContain('raise maxResponseBytes')
  expect(bench.last.aborted).toBe(true)
  expect(bench.dispatched).toBe(2)
})

test('maxResponseBytes 0 allows only an empty body', () => {
  const bench = new ExchangeBench({ maxResponseBytes: 0 })
  const empty = bench.call()
  bench.last.answer(204)
  expect(empty.heard.at(-1)).toBe('end')
  const full = bench.call()
  bench.last.answer(200, 'x')
  expect(full.error).toMatchObject({ code: 'body_too_large' })
})

test('each attempt may send as much as the limit', () => {
  const bench = new ExchangeBench({ maxResponseBytes: 4 })
  const heard = bench.call({}, new Listener(true))
  bench.last.write().headers(200).data('thr').failWith('ECONNRESET')
  bench.advance(1_000)
  bench.last.answer(200, 'four')
  expect(heard.body).toBe('four')
})
