import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatSize, parseSize } from './parse-size.ts'

test.each([
  ['1000', 1_000],
  ['10B', 10],
  ['10MB', 10_000_000],
  ['64MiB', 67_108_864],
  ['64mib', 67_108_864],
  ['1.5 KiB', 1_536],
  ['2GiB', 2_147_483_648],
  ['0', 0],
])('%j is %d bytes', (text, bytes) => {
  expect(parseSize(text)).toBe(bytes)
})

test.each(['', 'MiB', '-1', '1.5', '1.0001KiB', '10 megabytes', '1e6', '64M', '9'.repeat(30)])(
  '%j is no size',
  (text) => {
    expect(parseSize(text)).toBeUndefined()
  },
)

test.each([
  [0, '0B'],
  [1_000, '1000B'],
  [1_536, '1536B'],
  [67_108_864, '64MiB'],
  [3 * 1_024 ** 3, '3GiB'],
])('%d bytes are written %s', (bytes, text) => {
  expect(formatSize(bytes)).toBe(text)
})

test('what is written is read back', () => {
  fc.assert(fc.property(fc.nat({ max: 2 ** 40 }), (bytes) => parseSize(formatSize(bytes)) === bytes))
})
