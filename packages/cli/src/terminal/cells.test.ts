import { expect, test } from 'vitest'
import { cells, clipped, fitted, wrapped } from './cells.ts'

test('columns: wide characters take two, marks that combine none', () => {
  expect([cells('abc'), cells('検索'), cells('e\u0301'), cells('→ ▁█')]).toEqual([3, 4, 1, 4])
})

test('what does not fit is cut, and says so; it is never wider than it may be', () => {
  expect(clipped('search-service', 8)).toBe('search-…')
  expect(clipped('検索検索', 5)).toBe('検索…')
  expect(clipped('検索検索', 4)).toBe('検…')
  expect([clipped('abc', 3), clipped('abc', 1), clipped('abc', 0)]).toEqual(['abc', '…', ''])
})

test('what fits is filled up on the side that is asked for', () => {
  expect([fitted('ab', 4), fitted('ab', 4, 'right'), fitted('検索検', 4)]).toEqual(['ab  ', '  ab', '検… '])
})

test('control characters and turns of direction do not get through', () => {
  expect(clipped('a\x1b[31mb\r\n\u202ec', 20)).toBe('a·[31mb···c')
})

test('long text is broken between words', () => {
  expect(wrapped('no free connection to it', 10)).toEqual(['no free', 'connection', 'to it'])
  expect(wrapped('usually 0.9 s, so', 13)).toEqual(['usually', '0.9 s, so'])
  expect(wrapped('unbreakable-word', 6)).toEqual(['unbre…'])
  expect(wrapped('', 5)).toEqual([''])
})
