import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseNdjson, splitLines } from './lines.ts'

async function* chunked(bytes: Buffer, cuts: readonly number[]): AsyncGenerator<Uint8Array> {
  const ends = [...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b)
  let start = 0
  for (const end of ends) {
    yield bytes.subarray(start, end)
    start = end
  }
}

const it = { what: 'it' }

async function collect<T>(values: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const value of values) all.push(value)
  return all
}

/** Letters of one to four bytes, and the returns that Windows leaves. */
const line = fc.string({ unit: fc.constantFrom('a', ' ', 'é', '€', '🐿️', '\t', '\r', '"', '{') })

test('lines come out whole wherever the bytes were cut', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(line),
      fc.constantFrom('\n', '\r\n'),
      fc.boolean(),
      fc.array(fc.nat()),
      async (lines, end, ended, cuts) => {
        const clean = lines.map((text) => text.replace(/\r+$/, ''))
        const text = clean.join(end) + (ended && clean.length > 0 ? end : '')
        const expected = text === '' ? [] : text.split('\n').map((part) => part.replace(/\r$/, ''))
        if (text.endsWith('\n')) expected.pop()
        expect(await collect(splitLines(chunked(Buffer.from(text), cuts), it))).toEqual(expected)
      },
    ),
  )
})

test('newline-delimited JSON comes out whole wherever the bytes were cut', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.jsonValue()), fc.array(fc.nat()), async (values, cuts) => {
      const text = values.map((value) => `${JSON.stringify(value)}\n`).join('\n')
      const read = await collect(parseNdjson(chunked(Buffer.from(text), cuts), it, undefined))
      expect(read).toEqual(values.map((value) => JSON.parse(JSON.stringify(value)) as unknown))
    }),
  )
})

test('a byte order mark is no part of the first line', async () => {
  expect(await collect(splitLines(chunked(Buffer.from('\ufefffirst\nsecond'), [1, 2]), it))).toEqual([
    'first',
    'second',
  ])
})

test('a character that was never finished is marked, not dropped', async () => {
  const bytes = Buffer.concat([Buffer.from('ok\n'), Buffer.from('€').subarray(0, 2)])
  expect(await collect(splitLines(chunked(bytes, []), it))).toEqual(['ok', '\ufffd'])
})

test('a body without line ends does not fill the memory', async () => {
  const endless = async function* (): AsyncGenerator<Uint8Array> {
    for (;;) yield Buffer.alloc(1_000, 'x')
  }
  const reading = collect(splitLines(endless(), { what: 'it', maxLine: 10_000 }))
  await expect(reading).rejects.toMatchObject({ code: 'body_too_large', phase: 'body' })
})

test('a line that is no JSON is named by its number', async () => {
  const lines = parseNdjson(chunked(Buffer.from('{"a":1}\n\n{"a":\n'), []), { what: 'GET /x' }, undefined)
  expect((await lines.next()).value).toEqual({ a: 1 })
  await expect(lines.next()).rejects.toMatchObject({
    code: 'decode',
    message: expect.stringContaining('line 3 of GET /x') as string,
  })
})

test('lines are read in their charset, wherever the bytes were cut', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(line), fc.array(fc.nat()), async (lines, cuts) => {
      const clean = lines.map((text) => text.replace(/\r+$/, ''))
      const bytes = Buffer.from(clean.map((text) => `${text}\r\n`).join(''), 'utf16le')
      const read = await collect(splitLines(chunked(bytes, cuts), { what: 'it', charset: 'utf-16le' }))
      expect(read).toEqual(clean)
    }),
  )
})
