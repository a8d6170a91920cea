/** Whoever leaves is told once, at once, wherever the call is; nothing that it held is lost. */
import { expect, test } from 'vitest'
import { errors } from 'undici'
import type { KeepwarmError } from '../src/errors.ts'
import { ExchangeBench, Listener } from './support/client-exchange-bench.ts'

type Step = (bench: ExchangeBench) => void

/** How to get there, where the error says that it was, and whether the server may have seen it. */
const places: readonly (readonly [string, Step, KeepwarmError['phase'], 'no' | 'maybe'])[] = [
  ['waiting', () => {}, 'wait', 'no'],
  ['sending', ({ last }) => last.wire(), 'send', 'maybe'],
  ['before the headers', ({ last }) => last.write(), 'headers', 'maybe'],
  ['in the body', ({ last }) => last.write().headers(200).data('x'), 'body', 'maybe'],
  ['reading an error away', ({ last }) => last.write().headers(503).data('x'), 'body', 'maybe'],
  ['between attempts', ({ last }) => last.answer(503), 'wait', 'maybe'],
  [
    'between attempts, never sent',
    ({ last }) => ((last.reused = false), last.failWith('ECONNREFUSED')),
    'wait',
    'no',
  ],
]

const manners = ['controller', 'signal'] as const

for (const manner of manners) {
  test.each(places)(`aborted by the ${manner} while %s`, (_, step, phase, sent) => {
    const bench = new ExchangeBench({ breaker: { minimumCompletions: 1, connectFailures: 1_000 } })
    const leave = new AbortController()
    const heard = bench.call({ says: { signal: leave.signal } })
    step(bench)
    const reason = new Error('enough')
    if (manner === 'signal') leave.abort(reason)
    else heard.controller!.abort(reason)
    expect(heard.told).toBe(1)
    if (manner === 'controller')
      expect(heard.error).toBe(reason) // as undici does it
    else {
      expect(heard.error).toMatchObject({ code: 'aborted', name: 'AbortError', cause: reason, phase, sent })
      expect(heard.error!.message).toMatch(/^GET http:\/\/a.test\/p was cancelled .*: enough$/)
    }
    expect(bench.outcomes).toMatchObject([{ error: { code: 'aborted', phase, sent } }])
    expect(heard.controller).toMatchObject({ aborted: true })
    expect(bench.last.over || bench.last.aborted).toBe(true)
    expect(bench.tokens).toBe(10)
    expect(bench.runtime.holding).toBe(0)
    bench.advance(100_000)
    expect(bench.dispatched).toBe(1)
    expect(heard.told).toBe(1)
  })
}

test('a signal that is aborted already: nothing is dispatched', () => {
  const bench = new ExchangeBench()
  const heard = bench.call({ says: { signal: AbortSignal.abort(new Error('before')) } })
  expect(heard.heard).toEqual(['error'])
  expect(heard.error).toMatchObject({ code: 'aborted', phase: 'admit', sent: 'no' })
  expect(bench.dispatched).toBe(0)
  expect(bench.guard.breaker.rejected).toBe(0)
})

test('a caller that aborts as soon as it has the controller: nothing is dispatched', () => {
  const bench = new ExchangeBench()
  const heard = new Listener()
  heard.onRequestStart = (controller) => controller.abort(new Error('no'))
  bench.call({}, heard)
  expect(heard.told).toBe(1)
  expect(bench.dispatched).toBe(0)
})

test('without a reason the handler hears the error that undici would give', () => {
  const bench = new ExchangeBench()
  const heard = bench.call()
  ;(heard.controller as unknown as { abort(): void }).abort()
  expect(heard.error).toBeInstanceOf(errors.RequestAbortedError)
})

test('a time limit of the caller says so', () => {
  const bench = new ExchangeBench()
  const leave = new AbortController()
  const heard = bench.call({ says: { signal: leave.signal } })
  leave.abort(new DOMException('too slow for me', 'TimeoutError'))
  expect(heard.error!.message).toContain('too slow for me')
  expect(heard.error!.cause).toMatchObject({ name: 'TimeoutError' })
})

test('aborting again, or after the end, changes nothing', () => {
  const bench = new ExchangeBench()
  const heard = bench.call()
  bench.last.answer(200)
  heard.controller!.abort(new Error('late'))
  heard.controller!.pause()
  heard.controller!.resume()
  expect(bench.last).toMatchObject({ aborted: false, paused: false })
  expect(heard).toMatchObject({ told: 1, error: undefined })
  const other = bench.call()
  other.controller!.abort(new Error('first'))
  other.controller!.abort(new Error('second'))
  expect(other).toMatchObject({ told: 1, error: { message: 'first' } })
})

test('a probe that is aborted gives its permit back and says nothing about the server', () => {
  const bench = new ExchangeBench({ breaker: { minimumCompletions: 1, probes: 1 }, retry: false })
  bench.call()
  bench.last.answer(500)
  bench.advance(5_000)
  const probe = bench.call()
  expect(bench.guard.breaker.state(bench.runtime.now())).toBe('half-open')
  probe.controller!.abort(new Error('left'))
  expect(bench.guard.breaker.state(bench.runtime.now())).toBe('half-open')
  bench.call()
  bench.last.answer(200)
  expect(bench.guard.breaker.state(bench.runtime.now())).toBe('closed')
})

test('what an attempt tells after it was given up is not listened to', () => {
  const bench = new ExchangeBench({ headersTimeout: 300 })
  const heard = bench.call()
  const stale = bench.last.write()
  bench.advance(300)
  const before = [...heard.heard]
  stale.headers(200).data('stale').end()
  stale.fail(new Error('late'))
  stale.handler.onResponseStarted?.()
  stale.handler.onBodySent?.(Buffer.from('x'))
  expect(heard.heard).toEqual(before)
  bench.advance(50)
  stale.headers(200).data('stale')
  expect(heard.heard).toEqual(before)
  bench.last.answer(200, 'fresh')
  stale.end()
  expect(heard).toMatchObject({ body: 'fresh', told: 1 })
})

test('what the pool tells after the end is not listened to', () => {
  const bench = new ExchangeBench()
  const heard = bench.call()
  bench.last.write()
  heard.controller!.abort(new Error('enough'))
  const before = [...heard.heard]
  bench.last.headers(200).data('x').end()
  bench.last.fail(new Error('late'))
  bench.last.handler.onWire?.()
  bench.last.handler.onRequestSent?.()
  expect(heard.heard).toEqual(before)
  expect(bench.outcomes).toHaveLength(1)
})
