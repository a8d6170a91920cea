import { expect, test } from 'vitest'
import { batchesOf, MOST_BYTES, readText, sourceOf, titleOf, type Given } from './given.ts'
import { freshnessOf } from './freshness.ts'
import { asksSame, nowhere, readPlace, writePlace } from './place.ts'
import { ageText, counted, sizeText } from './text.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

test('a text in UTF-8 is read, everything else is refused with its reason', () => {
  expect(readText(bytes('Grüße 🎈'))).toEqual({ text: 'Grüße 🎈' })
  expect(readText(bytes(' \n'))).toEqual({ problem: 'empty' })
  expect(readText(bytes('a\0b'))).toEqual({ problem: 'not a text: it holds NUL bytes' })
  expect(readText(new Uint8Array([0xe9]))).toEqual({ problem: 'not in UTF-8: save it as UTF-8' })
  expect(readText(new Uint8Array(MOST_BYTES + 1))).toEqual({ problem: 'larger than 15 MiB' })
})

test('a text without a name is called by its first line', () => {
  expect(titleOf('\n\n## Notes\nmore')).toBe('Notes')
  expect(titleOf('x'.repeat(200))).toHaveLength(80)
  expect(sourceOf('a\nb/\u0007c.md')).toBe('a b/ c.md')
  expect(sourceOf(`${'x'.repeat(3_000)}.md`)).toMatch(/^x{1997}\.md$/)
})

test('batches keep the order, and none is larger than it may be but for one large document', () => {
  const given = [10, 10, 500, 10, 10, 10].map((size, index): Given => {
    return { key: String(index), document: { content: 'x'.repeat(size) } }
  })
  const batches = batchesOf(given, 70)
  expect(batches.flat().map(({ key }) => key)).toEqual(['0', '1', '2', '3', '4', '5'])
  for (const batch of batches) {
    const size = batch.reduce((sum, { document }) => sum + JSON.stringify(document).length, 0)
    expect(size <= 70 || batch.length === 1).toBe(true)
  }
  expect(batches.length).toBeLessThan(given.length)
  const many = Array.from({ length: 450 }, (_, index): Given => ({
    key: `${index}`,
    document: { content: 'a' },
  }))
  expect(batchesOf(many).map(({ length }) => length)).toEqual([200, 200, 50])
})

test('an address says what is asked, and is read again', () => {
  const place = { ...nowhere, query: 'a & b #c', type: 'text', document: 'doc_1' }
  expect(readPlace(`#${writePlace(place)}`)).toEqual(place)
  expect(readPlace('')).toEqual(nowhere)
  expect(writePlace(nowhere)).toBe('')
  expect(asksSame(place, { ...place, document: '' })).toBe(true)
  expect(asksSame(place, { ...place, entity: 'Pool' })).toBe(false)
})

test('freshness is what its stage told, and nothing where it told nothing', () => {
  const step = { stage: 'freshness', state: 'succeeded', attempt: 1, duration: 1 } as const
  const detail = { level: 'STALE', score: 0.7, modified_at: 5, document_type: 'README' }
  expect(freshnessOf({ steps: [{ ...step, detail }] })).toEqual({
    ...{ score: 0.7, word: 'stale', level: 'info', modifiedAt: 5, kind: 'README' },
  })
  expect(
    freshnessOf({ steps: [{ ...step, detail: { level: 'FRESH', score: 1 } }] })?.modifiedAt,
  ).toBeUndefined()
  expect(
    freshnessOf({ steps: [{ ...step, state: 'failed', detail: { reason: 'bridge: down' } }] }),
  ).toBeUndefined()
  expect(freshnessOf(undefined)).toBeUndefined()
})

test('figures are read as people say them', () => {
  const now = 1_800_000_000_000
  expect([30_000, 3 * 86_400_000, -5].map((ago) => ageText(now - ago, now))).toEqual([
    ...['just now', '3 days ago', 'just now'],
  ])
  expect([ageText(0, 0), counted(1, 'document'), counted(1_200, 'entity', 'entities')]).toEqual([
    ...['just now', '1 document', '1,200 entities'],
  ])
  expect([12, 2_048, 3_500_000].map(sizeText)).toEqual(['12 B', '2 kB', '3.5 MB'])
})
