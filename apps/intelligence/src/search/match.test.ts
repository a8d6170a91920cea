import { expect, test } from 'vitest'
import { matchExpression } from '../store/sqlite-search.ts'
import { MAX_TERMS, readTerms } from './match.ts'

test('words are kept once, whatever stands between them', () => {
  expect(readTerms('Pool_size AND "keep-alive" (pool_SIZE) 🙂 -NOT* ^a:b').words).toEqual([
    'Pool_size',
    'AND',
    'keep',
    'alive',
    'NOT',
    'a',
    'b',
  ])
  expect(readTerms('東京 naïve cafe\u0301 Ünïcödé नमस्ते ٣').words).toHaveLength(6)
  for (const none of ['', '  ', '🙂🙃', '"" \'\' -- /* */ ()', '\u0000\u0301_', '\ud800']) {
    expect(readTerms(none)).toEqual({ words: [], ignored: 0 })
  }
})

test('words beyond the limit are counted', () => {
  const query = Array.from({ length: MAX_TERMS + 5 }, (_, index) => `w${index}`).join(' ')
  const terms = readTerms(query)
  expect([terms.words.length, terms.ignored]).toEqual([MAX_TERMS, 5])
})

test('every word is a string for FTS5', () => {
  expect(matchExpression(['a', 'OR'])).toBe('"a" OR "OR"')
  expect(matchExpression(['say"hi'])).toBe('"say""hi"')
  expect(matchExpression([])).toBe('')
})
