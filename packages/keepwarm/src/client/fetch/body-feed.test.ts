import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Exchange } from '../../exchange/exchange.ts'
import { BodyFeed, HIGH_WATER, type PartReader } from './body-feed.ts'
import { newResponse } from './fetch-response.ts'

/** The part of an exchange that a feed knows. */
class Line {
  paused = false
  aborted: Error | undefined

  pause(): void {
    this.paused = true
  }
  resume(): void {
    this.paused = false
  }
  abort(reason: Error): void {
    this.aborted = reason
  }
}

function feedOf(line: Line, signal?: AbortSignal): BodyFeed {
  return new BodyFeed(line as unknown as Exchange, signal)
}

class Reader implements PartReader {
  bytes = ''
  ends = 0
  failures: unknown[] = []

  part(bytes: Buffer): void {
    this.bytes += bytes.toString('latin1')
  }
  end(): void {
    this.ends++
  }
  fail(reason: unknown): void {
    this.failures.push(reason)
  }
}

const size = fc.oneof(fc.nat(5), fc.integer({ min: HIGH_WATER >> 2, max: HIGH_WATER }))
const step = fc.oneof(
  size.map((bytes) => ({ do: 'arrive', bytes }) as const),
  fc.constant({ do: 'read' } as const),
)

test('whoever reads part by part gets every byte once and in order, then one end; the line rests only while much is held', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const line = new Line()
      const feed = feedOf(line)
      const reader = new Reader()
      feed.watcher = new WeakRef(reader)
      let sent = ''
      for (const one of steps) {
        if (one.do === 'read') feed.next(reader)
        else if (!line.paused) {
          const part = String.fromCharCode(97 + (sent.length % 26)).repeat(one.bytes)
          sent += part
          feed.arrived(Buffer.from(part))
        }
        expect(sent.startsWith(reader.bytes)).toBe(true)
        expect(line.paused).toBe(sent.length - reader.bytes.length >= HIGH_WATER)
      }
      feed.complete()
      if (reader.ends === 0) feed.next(reader)
      expect([reader.bytes === sent, reader.ends, reader.failures]).toEqual([true, 1, []])
      expect(line.aborted).toBeUndefined()
    }),
    { numRuns: 300 },
  )
})

const made = (parts: readonly Uint8Array[], before: number): Response => {
  const feed = feedOf(new Line())
  const send = (some: readonly Uint8Array[]): void => some.forEach((part) => feed.arrived(Buffer.from(part)))
  const headers = { 'content-type': 'text/plain; charset=x' }
  const facts = { status: 200, statusText: '', headers, url: '', redirected: false, abroad: false, feed }
  send(parts.slice(0, before))
  const response = newResponse({ ...facts, packed: undefined }, false)
  queueMicrotask(() => {
    send(parts.slice(before))
    feed.complete()
  })
  return response
}

const ways: Readonly<Record<string, (response: Response) => Promise<unknown>>> = {
  text: (response) => response.text(),
  json: (response) => response.json(),
  bytes: async (response) => Buffer.from(await response.bytes()).toString('latin1'),
  arrayBuffer: async (response) => Buffer.from(await response.arrayBuffer()).toString('latin1'),
  blob: async (response) => (await response.blob()).text(),
  body: async (response) => {
    const parts: Uint8Array[] = []
    for await (const part of response.body!) parts.push(part)
    return Buffer.concat(parts).toString('latin1')
  },
  clone: async (response) => [await response.clone().text(), await response.text()],
}
const way = fc.constantFrom(...Object.keys(ways)).map((name) => ways[name]!)
const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 12 }),
  fc.json({ maxDepth: 1 }).map((text) => new Uint8Array(Buffer.from(text))),
  fc.string({ unit: 'binary', maxLength: 6 }).map((text) => new Uint8Array(Buffer.from(text))),
)

test('a body in any parts, read in any way, is what the platform makes of it', async () => {
  const settled = async (work: Promise<unknown>): Promise<unknown> =>
    work.catch((error: unknown) => (error as Error).name)
  await fc.assert(
    fc.asyncProperty(fc.array(bytes, { maxLength: 4 }), fc.nat(4), way, async (parts, before, read) => {
      const whole = Buffer.concat(parts)
      if (whole.toString('hex').startsWith('efbbbfefbbbf')) return // see docs/fetch.md
      const headers = { 'content-type': 'text/plain; charset=x' }
      expect(await settled(read(made(parts, before)))).toEqual(
        await settled(read(new Response(whole, { headers }))),
      )
    }),
    { numRuns: 500 },
  )
})

test('whoever left gets nothing that had come before, and why', () => {
  const leaving = new AbortController()
  const feed = feedOf(new Line(), leaving.signal)
  const reader = new Reader()
  feed.arrived(Buffer.from('a'))
  feed.complete()
  leaving.abort('enough')
  feed.next(reader)
  expect([reader.bytes, reader.ends, reader.failures]).toEqual(['', 0, ['enough']])
})

test('what is cancelled lets go of its line once, and hears nothing more', () => {
  const line = new Line()
  const feed = feedOf(line)
  const reader = new Reader()
  feed.next(reader)
  feed.cancel(new RangeError('no more'))
  feed.arrived(Buffer.from('a'))
  feed.broke(new Error('aborted'))
  expect(line.aborted).toBeInstanceOf(RangeError)
  expect([reader.bytes, reader.ends, reader.failures]).toEqual(['', 0, []])
})

test('a body that has come as a whole is not aborted by whoever cancels it', () => {
  const line = new Line()
  const feed = feedOf(line)
  feed.arrived(Buffer.from('a'))
  feed.complete()
  feed.cancel(undefined)
  feed.abandoned()
  expect(line.aborted).toBeUndefined()
})
