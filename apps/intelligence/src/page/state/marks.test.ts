import { expect, test } from 'vitest'
import { chunkText } from '../../indexing/chunk.ts'
import { kindOf } from './kinds.ts'
import { inPassing, piecesOf, placesOf, textOf } from './marks.ts'

const pool = { name: 'Pool', type: 'CONCEPT' }
const longer = { name: 'Pool.acquire()', type: 'FUNCTION' }

test('names are found as whole words, the longest first, whatever signs are in them', () => {
  const places = placesOf('Pool, Pools and Pool.acquire(): a Pool', [pool, longer, { name: ' ', type: 'X' }])
  expect(places.map(({ start, entity }) => [start, entity.name])).toEqual([
    [0, 'Pool'],
    [16, 'Pool.acquire()'],
    [34, 'Pool'],
  ])
  expect(
    placesOf('C++ and (a|b)*', [
      { name: 'C++', type: 'T' },
      { name: '(a|b)*', type: 'T' },
    ]),
  ).toHaveLength(2)
  expect(placesOf('Überpool Pool', [pool])).toHaveLength(1)
  expect(placesOf('anything', [])).toEqual([])
})

test('pieces make the text again, and say of each what it is', () => {
  const text = 'a warm Pool here'
  const pieces = piecesOf(text, [{ start: 2, end: 11 }], placesOf(text, [pool]))
  expect(pieces.map((piece) => piece.text).join('')).toBe(text)
  expect(pieces.map(({ text: part, found, entity }) => [part, found, entity?.name])).toEqual([
    ['a ', false, undefined],
    ['warm ', true, undefined],
    ['Pool', true, 'Pool'],
    [' here', false, undefined],
  ])
  expect(piecesOf('short', [{ start: 3, end: 99 }], []).map((piece) => piece.text)).toEqual(['sho', 'rt'])
  expect(piecesOf('', [], [])).toEqual([])
})

test('the text of a document comes back from its chunks, without what they repeat', () => {
  const text = Array.from({ length: 60 }, (_, index) =>
    `Sentence ${index} is here to be cut. `.repeat(6),
  ).join('\n\n')
  const chunks = chunkText(text)
  expect(chunks.length).toBeGreaterThan(5)
  expect(textOf(chunks).replace(/\s+/g, ' ').trim()).toBe(text.replace(/\s+/g, ' ').trim())
  expect(textOf([])).toBe('')
})

test('kinds that are alike look alike, and what nobody knows has a look, too', () => {
  expect(kindOf('API_ENDPOINT')).toEqual({ look: 3, sign: '◆', word: 'api endpoint' })
  expect(kindOf('Person').look).toBe(kindOf('AUTHOR').look)
  expect(kindOf('zebra')).toEqual({ look: 5, sign: '▽', word: 'zebra' })
})

test('in passing Markdown is read without its signs', () => {
  expect(inPassing('## Pools\nA **warm** [`pool`](pool.md)')).toBe('Pools\nA warm pool')
  expect(inPassing('of: | header | here |\n| ------ | :---: |\n| `a` | b |').replace(/\s+/g, ' ')).toBe(
    'of: · header · here a · b ',
  )
  expect(inPassing('a well-known -- thing, 3 * 4')).toBe('a well-known -- thing, 3 * 4')
})
