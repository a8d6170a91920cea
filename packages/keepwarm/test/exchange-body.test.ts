/** A body that is made for each attempt: identical each time, closed with the call, and only then somebody's fault. */
import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { ExchangeBench, type Request } from './support/client-exchange-bench.ts'

/** Remembers what it made. */
class Maker {
  readonly made: Readable[] = []
  readonly request: Request = { method: 'PUT', makeBody: () => this.make() }

  private make(): Readable {
    const body = Readable.from([`body `, `of an attempt`])
    this.made.push(body)
    return body
  }
}

test('each attempt gets one of its own, and each is closed when the call is over', () => {
  const bench = new ExchangeBench()
  const { made, request } = new Maker()
  const heard = bench.call(request)
  bench.last.write().failWith('ECONNRESET')
  bench.advance(1_000)
  expect(bench.pool.leases.map(({ options }) => options.body)).toEqual(made)
  expect(new Set(made).size).toBe(2)
  bench.last.answer(200)
  expect(heard.told).toBe(1)
  expect(made.every((body) => body.destroyed)).toBe(true)
})

test('what the first attempt did to its body is nothing to the next', async () => {
  const bench = new ExchangeBench()
  const { made, request } = new Maker()
  const heard = bench.call(request)
  bench.last.wire()
  bench.last.failWith('ECONNRESET')
  made[0]!.destroy(new Error('the connection was lost')) // as undici does it
  await new Promise(setImmediate)
  expect(heard.told).toBe(0)
  bench.advance(1_000)
  bench.last.answer(200, 'good')
  expect(heard).toMatchObject({ body: 'good', told: 1 })
})

test('one that fails while it is sent ends the call, and the error says that it was the body', async () => {
  const bench = new ExchangeBench({ breaker: { minimumCompletions: 1 } })
  const { made, request } = new Maker()
  const heard = bench.call(request)
  bench.last.wire()
  made[0]!.destroy(new Error('no such file'))
  await new Promise(setImmediate)
  expect(heard.error).toMatchObject({ code: 'invalid_request', cause: { message: 'no such file' } })
  expect(heard.error!.message).toContain('its body could not be read: no such file')
  expect(bench.last.aborted).toBe(true)
  expect(bench.guard.breaker.state(bench.runtime.now())).toBe('closed')
})

test('that of a hedge fails by itself', async () => {
  const bench = new ExchangeBench({ hedge: { after: 100, share: 1 } })
  const { made, request } = new Maker()
  const heard = bench.call(request)
  const first = bench.last.write()
  bench.advance(100)
  bench.last.wire()
  made[1]!.destroy(new Error('no such file'))
  await new Promise(setImmediate)
  expect(heard.told).toBe(0)
  first.headers(200).end()
  expect(heard.heard.at(-1)).toBe('end')
})

test('that of the attempt which lost is not listened to either', async () => {
  const bench = new ExchangeBench({ hedge: { after: 100, share: 1 } })
  const { made, request } = new Maker()
  const heard = bench.call(request)
  bench.last.wire()
  bench.advance(100)
  const second = bench.last.write().headers(200)
  made[0]!.destroy(new Error('another attempt was faster'))
  await new Promise(setImmediate)
  second.data('good').end()
  expect(heard).toMatchObject({ body: 'good', told: 1, error: undefined })
})

test('a function that throws ends the call before anything is sent', () => {
  const bench = new ExchangeBench({ breaker: { minimumCompletions: 1, connectFailures: 1 } })
  const heard = bench.call({
    method: 'PUT',
    makeBody: () => {
      throw new Error('the file is gone')
    },
  })
  expect(bench.dispatched).toBe(0)
  expect(heard).toMatchObject({ told: 1, error: { code: 'invalid_request', sent: 'no' } })
  expect(heard.error!.message).toContain('the file is gone')
  expect(bench.guard.breaker.state(bench.runtime.now())).toBe('closed')
})

test('a function that throws the second time ends the call, with both attempts in the error', () => {
  const bench = new ExchangeBench()
  const makers = [() => Readable.from(['x'])]
  const makeBody = (): Readable => {
    const make = makers.pop()
    if (make === undefined) throw new Error('it can be read only once')
    return make()
  }
  const heard = bench.call({ method: 'PUT', makeBody })
  bench.last.write().failWith('ECONNRESET')
  bench.advance(1_000)
  expect(bench.dispatched).toBe(1)
  expect(heard.error).toMatchObject({
    code: 'invalid_request',
    sent: 'maybe',
    attempts: [
      { number: 1, ending: 'reset' },
      { number: 2, ending: 'invalid_request', sent: 'no' },
    ],
  })
})

test('a function that throws for a hedge leaves the first attempt alone', () => {
  const bench = new ExchangeBench({ hedge: { after: 100, share: 1 } })
  const bodies = [Readable.from(['x'])]
  const makeBody = (): Readable => {
    const body = bodies.pop()
    if (body === undefined) throw new Error('it can be read only once')
    return body
  }
  const heard = bench.call({ method: 'PUT', makeBody })
  bench.last.write()
  bench.advance(100)
  expect(bench.dispatched).toBe(1)
  bench.last.headers(200).end()
  expect(heard.heard.at(-1)).toBe('end')
})

test('a POST whose body can be made again is still not sent twice without leave', () => {
  const bench = new ExchangeBench()
  const { request, made } = new Maker()
  const heard = bench.call({ ...request, method: 'POST' })
  bench.last.write().failWith('ECONNRESET')
  expect(heard.error!.notRetried).toContain('idempotent')
  expect(made).toHaveLength(1)
})
