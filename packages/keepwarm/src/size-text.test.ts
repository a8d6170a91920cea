import { expect, test } from 'vitest'
import { sizeText } from './size-text.ts'

test.each([
  [0, '0 bytes'],
  [1, '1 byte'],
  [1_000, '1000 bytes'],
  [1_024, '1 KiB (1024 bytes)'],
  [1_536, '1536 bytes'],
  [2_097_152, '2 MiB (2097152 bytes)'],
  [2_097_153, '2097153 bytes'],
  [1_073_741_824, '1 GiB (1073741824 bytes)'],
  [Infinity, 'Infinity bytes'],
])('%d is %s', (bytes, text) => {
  expect(sizeText(bytes)).toBe(text)
})
