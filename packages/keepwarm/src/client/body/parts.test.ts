import { Readable } from 'node:stream'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { BodyPart } from './bytes.ts'
import { Parts, type BodySource } from './parts.ts'

const part = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 8 }),
  fc.uint8Array({ maxLength: 8 }),
  fc.uint16Array({ maxLength: 4 }),
  fc.constant(Buffer.alloc(200_000, 7)),
)

async function* later(parts: readonly BodyPart[]): AsyncGenerator<BodyPart> {
  for (const one of parts) yield await Promise.resolve(one)
}

const sources: Readonly<Record<string, (parts: readonly BodyPart[]) => BodySource>> = {
  'a generator': (parts) => parts.values(),
  'an async generator': later,
  'a web stream': (parts) => ReadableStream.from(parts) as never,
  'a Node stream': (parts) => Readable.from(parts),
}

const collect = async (stream: Readable): Promise<Buffer> => Buffer.concat(await stream.toArray())

test.each(Object.entries(sources))('%s: every byte, in order, and none besides', async (_, source) => {
  await fc.assert(
    fc.asyncProperty(fc.array(part, { maxLength: 8 }), async (parts) => {
      const whole = Buffer.concat(
        parts.map((one) =>
          typeof one === 'string'
            ? Buffer.from(one)
            : Buffer.from(one.buffer, one.byteOffset, one.byteLength),
        ),
      )
      expect((await collect(new Parts(source(parts), undefined))).equals(whole)).toBe(true)
      expect((await collect(new Parts(source(parts), whole.length))).equals(whole)).toBe(true)
      await expect(collect(new Parts(source(parts), whole.length + 1))).rejects.toThrow('it ended after')
      if (whole.length > 0)
        await expect(collect(new Parts(source(parts), whole.length - 1))).rejects.toThrow('it is longer than')
    }),
    { numRuns: 50 },
  )
})

test('it reads ahead by no more than its buffer, and closes the source with itself', async () => {
  let given = 0
  let closed = false
  function* endless(): Generator<Buffer> {
    try {
      for (;;) {
        given++
        yield Buffer.alloc(16_384)
      }
    } finally {
      closed = true
    }
  }
  const stream = new Parts(endless(), undefined)
  stream.read(0)
  await new Promise(setImmediate)
  await new Promise(setImmediate)
  expect(given).toBeGreaterThan(0)
  expect(given).toBeLessThanOrEqual(5)
  stream.destroy()
  await new Promise(setImmediate)
  expect(closed).toBe(true)
})

test('a source whose end cannot be waited for does not keep it open', async () => {
  const stuck = { next: () => new Promise<never>(() => {}), [Symbol.asyncIterator]: () => stuck }
  const stream = new Parts(stuck as AsyncIterable<string>, undefined)
  stream.read(0)
  const closed = new Promise((resolve) => stream.once('close', resolve))
  stream.destroy()
  await closed
})

test.each([
  ['fails', () => later([]), 'next'],
  ['cannot be begun', () => ({}), Symbol.asyncIterator],
])('a source that %s: its own error', async (_, make, where) => {
  const error = new Error('the disk is gone')
  const source = make()
  Object.defineProperty(source, where, {
    value: () => {
      throw error
    },
  })
  await expect(collect(new Parts(source as AsyncIterable<string>, undefined))).rejects.toBe(error)
})
