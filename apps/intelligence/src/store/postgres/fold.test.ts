import fc from 'fast-check'
import { expect, test } from 'vitest'
import { CLOSE, OPEN } from '../snippet.ts'
import { anyOf, fold } from './fold.ts'
import { place } from './snippets.ts'

test('a folded text has small letters without accents, blanks between them, and every place where it was', () => {
  expect(fold('Node.js: docs/Pool_size.MD')).toBe('node js  docs pool size md')
  expect(fold('Café ÉLAN ǅ ﬁn')).toBe('cafe elan ǅ ﬁn')
  expect(fold('🙂a')).toBe('  a')
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 100 }), (text) => fold(text).length === text.length),
  )
})

test('a query is any of the words, and no character of it is an operator', () => {
  expect(anyOf(['pool_size', 'OR', '"x"', '!', "a'b"])).toBe('"pool size" or "or" or "x" or "a b"')
  expect(anyOf(['🙂', ''])).toBe('')
  expect(anyOf(['x'.repeat(3_000), 'y'])).toBe('"y"')
})

test('marks on the folded excerpt are put on the text itself', () => {
  const body = 'Zuerst viel. Ein Café, <b>warm</b>. Ende.'
  const plain = fold(body)
  expect(place(body, plain, `ein ${OPEN}cafe${CLOSE}   b ${OPEN}warm${CLOSE}`)).toEqual({
    text: '…Ein Café, <b>warm…',
    marks: [
      { start: 5, end: 9 },
      { start: 14, end: 18 },
    ],
  })
  expect(place(body, plain, 'no marks')).toEqual({ text: body, marks: [] })
})
