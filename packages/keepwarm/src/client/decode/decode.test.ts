/** A body comes out as it went in, wherever it is cut; or as an error that says what was wrong, in bounded memory. */
import { randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import zlib from 'node:zlib'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Coding } from './codings.ts'
import { EitherInflate } from './deflate.ts'
import { mostDecoded, RATIO_FLOOR, type DecodeLimits } from './limits.ts'
import type { KeepwarmError } from '../../errors.ts'
import { decodeStream } from './stream.ts'
import { decodeWhole } from './whole.ts'

const wide: DecodeLimits = { maxBytes: 64 * 1024 * 1024, maxRatio: 100 }

const quick = { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 4 } }
const pack = {
  gzip: zlib.gzipSync,
  deflate: zlib.deflateSync,
  'bare deflate': zlib.deflateRawSync,
  br: (body: Buffer) => zlib.brotliCompressSync(body, quick),
  zstd: zlib.zstdCompressSync,
} as const
const sorts = Object.keys(pack) as (keyof typeof pack)[]
const codingOf = (sort: keyof typeof pack): Coding => (sort === 'bare deflate' ? 'deflate' : sort)

const text = Buffer.from(`${'All that is gold does not glitter. '.repeat(20)}käse €🐿`)

function cut(bytes: Buffer, ...at: readonly number[]): Readable {
  const ends = [...at, bytes.length]
  return Readable.from(ends.map((end, index) => bytes.subarray(index === 0 ? 0 : ends[index - 1], end)))
}

async function read(stream: Readable): Promise<Buffer> {
  return Buffer.concat((await stream.toArray()) as Buffer[])
}

const ways = {
  whole: (body: Buffer, codings: readonly Coding[], limits = wide) =>
    decodeWhole(body, codings, limits, 'GET /x'),
  'as it arrives': (body: Buffer, codings: readonly Coding[], limits = wide) =>
    read(decodeStream(cut(body, body.length >> 1), codings, limits, 'GET /x')),
} as const
const each = Object.entries(ways).flatMap(([way, decode]) => sorts.map((sort) => ({ way, sort, decode })))

test.each(each)('$sort comes off ($way)', async ({ sort, decode }) => {
  expect(await decode(pack[sort](text), [codingOf(sort)])).toEqual(text)
  expect(await decode(pack[sort](Buffer.alloc(0)), [codingOf(sort)])).toHaveLength(0)
})

test.each(sorts)('a large body of %s comes off as well', async (sort) => {
  const large = randomBytes(200_000)
  expect((await ways.whole(pack[sort](large), [codingOf(sort)])).equals(large)).toBe(true)
  const broken = pack[sort](large).subarray(0, 150_000)
  await expect(ways.whole(broken, [codingOf(sort)])).rejects.toMatchObject({ code: 'decode' })
})

test('what was damaged is an error or a body, the same whichever way it is read', async () => {
  const outcome = (reading: Promise<Buffer>): Promise<string> =>
    reading.then(
      (body) => body.toString('hex'),
      (error: unknown) => `${(error as KeepwarmError).code} in ${(error as KeepwarmError).phase}`,
    )
  const layers = fc.array(fc.constantFrom(...sorts), { minLength: 1, maxLength: 2 })
  const damage = fc.record({ at: fc.nat(200), put: fc.uint8Array({ maxLength: 4 }), cutOut: fc.nat(4) })
  await fc.assert(
    fc.asyncProperty(layers, damage, async (layers, { at, put, cutOut }) => {
      const packed = layers.reduce((inner: Buffer, sort) => pack[sort](inner), text)
      const codings = layers.map(codingOf).reverse()
      const damaged = Buffer.concat([packed.subarray(0, at), put, packed.subarray(at + cutOut)])
      const whole = await outcome(ways.whole(damaged, codings))
      expect(whole).toMatch(/^([0-9a-f]*|decode in body|body_too_large in body)$/)
      expect(await outcome(ways['as it arrives'](damaged, codings))).toEqual(whole)
    }),
    { numRuns: 500 },
  )
})

test.each(sorts)('%s comes off wherever it is cut in two, and byte by byte', async (sort) => {
  const packed = pack[sort](text)
  for (let at = 0; at <= packed.length; at++) {
    const stream = decodeStream(cut(packed, at), [codingOf(sort)], wide, 'it')
    expect((await read(stream)).equals(text)).toBe(true)
  }
  const bytes = cut(packed, ...Array.from({ length: packed.length }, (_, index) => index))
  expect(await read(decodeStream(bytes, [codingOf(sort)], wide, 'it'))).toEqual(text)
})

test('several codings come off in their order', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ maxLength: 300 }),
      fc.array(fc.constantFrom(...sorts), { minLength: 1, maxLength: 3 }),
      fc.nat(200),
      async (bytes, layers, at) => {
        const packed = layers.reduce((inner: Buffer, sort) => pack[sort](inner), Buffer.from(bytes))
        const codings = layers.map(codingOf).reverse()
        expect(await ways.whole(packed, codings)).toEqual(Buffer.from(bytes))
        expect(await read(decodeStream(cut(packed, at), codings, wide, 'it'))).toEqual(Buffer.from(bytes))
      },
    ),
    { numRuns: 60 },
  )
})

test.each(each)('$sort that is cut off or no such thing is said to be broken ($way)', async (given) => {
  const { sort, decode } = given
  const packed = pack[sort](text)
  const broken = { code: 'decode', phase: 'body', sent: 'maybe' }
  const short = packed.subarray(0, packed.length >> 1)
  await expect(decode(short, [codingOf(sort)])).rejects.toMatchObject({
    ...broken,
    message: 'the body of GET /x cannot be decoded: its encoded data is broken: it ended before its end',
  })
  const other = Buffer.from('\xff\xff plain text, not packed at all', 'latin1')
  await expect(decode(other, [codingOf(sort)])).rejects.toMatchObject(broken)
  await expect(decode(Buffer.of(0x1f), [codingOf(sort)])).rejects.toMatchObject(broken)
})

test.each(each)('nothing is nothing, whatever it says it is: $sort ($way)', async ({ sort, decode }) => {
  expect(await decode(Buffer.alloc(0), [codingOf(sort)])).toHaveLength(0)
  expect(await decode(Buffer.alloc(0), [codingOf(sort), 'gzip'])).toHaveLength(0)
})

test.each(each)('$sort that becomes too much is stopped ($way)', async ({ sort, decode }) => {
  const packed = pack[sort](Buffer.alloc(8 * 1024 * 1024))
  await expect(decode(packed, [codingOf(sort)])).rejects.toMatchObject({
    code: 'body_too_large',
    phase: 'body',
    message: expect.stringContaining(
      'more than 100 times its size on the wire (maxDecompressionRatio)',
    ) as string,
  })
  const lavish = { maxBytes: 100_000, maxRatio: Infinity }
  await expect(decode(packed, [codingOf(sort)], lavish)).rejects.toMatchObject({
    code: 'body_too_large',
    message: expect.stringContaining('maxResponseBytes') as string,
  })
  const all = { maxBytes: Infinity, maxRatio: Infinity }
  expect(await decode(packed, [codingOf(sort)], all)).toHaveLength(8 * 1024 * 1024)
})

test('a bomb in a bomb is measured by what came over the wire', async () => {
  const bomb = zlib.gzipSync(zlib.gzipSync(Buffer.alloc(64 * 1024 * 1024)))
  for (const decode of Object.values(ways)) {
    await expect(decode(bomb, ['gzip', 'gzip'])).rejects.toMatchObject({ code: 'body_too_large' })
  }
})

test('small bodies may become more than the ratio allows', async () => {
  expect(mostDecoded(wide, 10)).toBe(RATIO_FLOOR)
  expect(mostDecoded(wide, RATIO_FLOOR)).toBe(100 * RATIO_FLOOR)
  expect(mostDecoded({ maxBytes: 0, maxRatio: 1 }, 10)).toBe(0)
  const spaces = Buffer.alloc(RATIO_FLOOR, ' ')
  for (const decode of Object.values(ways)) {
    expect(await decode(zlib.gzipSync(spaces), ['gzip'])).toEqual(spaces)
    await expect(decode(zlib.gzipSync(spaces), ['gzip'], { ...wide, maxBytes: 0 })).rejects.toMatchObject({
      code: 'body_too_large',
    })
  }
})

test('a stream that is too much for its limits lets go of its source', async () => {
  const bomb = zlib.gzipSync(Buffer.alloc(64 * 1024 * 1024))
  const source = new Readable({
    read() {
      this.push(bomb) // for ever
    },
  })
  await expect(read(decodeStream(source, ['gzip'], wide, 'it'))).rejects.toMatchObject({
    code: 'body_too_large',
  })
  expect(source.destroyed).toBe(true)
})

test.each(sorts)('whoever reads %s slowly slows the source down', async (sort) => {
  let given = 0
  const packed = pack[sort](randomBytes(1_500_000))
  const source = new Readable({
    read() {
      const part = packed.subarray(given, given + 10_000)
      given += part.length
      this.push(part.length === 0 ? null : part)
    },
  })
  const stream = decodeStream(source, [codingOf(sort)], wide, 'it')
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(given).toBeLessThan(900_000)
  expect(await read(stream)).toHaveLength(1_500_000)
})

test.each([zlib.deflateSync, zlib.deflateRawSync])(
  'a small part that becomes a large one is held back',
  async (make) => {
    const inflate = new EitherInflate()
    inflate.write(make(Buffer.alloc(32 * 1024 * 1024)))
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(inflate.readableLength).toBeGreaterThan(0)
    expect(inflate.readableLength).toBeLessThan(1024 * 1024)
    inflate.destroy()
  },
)

test('an error of the source is the error, and giving up gives the source up', async () => {
  const mine = new Error('mine')
  const breaking = async function* (): AsyncGenerator<Buffer> {
    yield zlib.gzipSync(text).subarray(0, 10)
    await Promise.resolve()
    throw mine
  }
  await expect(read(decodeStream(Readable.from(breaking()), ['gzip'], wide, 'it'))).rejects.toBe(mine)
  const source = new Readable({ read() {} })
  const stream = decodeStream(source, ['br'], wide, 'it')
  stream.destroy()
  await new Promise(setImmediate)
  expect(source.destroyed).toBe(true)
  const left = new Readable({ read() {} })
  const cutOff = read(decodeStream(left, ['zstd'], wide, 'it'))
  left.destroy()
  await expect(cutOff).rejects.toThrow()
})
