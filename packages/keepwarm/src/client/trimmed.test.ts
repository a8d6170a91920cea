import { expect, test } from 'vitest'
import { checkValue } from './header-rules.ts'
import { readHeaders } from './fetch/fetch-headers.ts'
import { trimmed } from './trimmed.ts'

test.each([
  ['', ''],
  ['  ', ''],
  ['a', 'a'],
  [' \ta b\t ', 'a b'],
  ['\u00a0a\u00a0', '\u00a0a\u00a0'],
])('%j without its edges is %j', (text, expected) => {
  expect(trimmed(text, ' \t')).toBe(expected)
})

test('a long value full of spaces is looked at once, whoever sends it', () => {
  const inner = `a${' '.repeat(2_000_000)}b`
  expect(checkValue('x', ` ${inner} `)).toBe(inner)
  expect(readHeaders({ x: ` ${inner} ` })).toEqual({ x: inner })
})
