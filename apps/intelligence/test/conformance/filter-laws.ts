/** What filters leave and what highlights show, for whatever texts and names there are. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { search } from '../../src/search/search.ts'
import { nameKey } from '../../src/store/identity.ts'
import type { SearchFilters, Snippet } from '../../src/store/search-records.ts'
import type { Case } from '../store-conformance.test.ts'
import { add, sources, sourcesNear } from './samples.ts'

interface Page {
  readonly source: string
  readonly type: string
  readonly entities: readonly string[]
}

/** Names that would mean something else to a pattern, a path or a statement. */
const segments = ['docs', 'doc', 'docs0', 'Docs', '%', '_', 'a%', 'a\\', "o'hara", 'é', '猫', '.', '..', ' ']
const names = ['Pool', 'pool', 'Café Cat', 'cafe cat', 'Ünïon', "D'Arcy", '100 %', '_']

function passes(page: Page, { source, type, entity }: SearchFilters): boolean {
  const below = source?.endsWith('/') === true ? source : `${source}/`
  return (
    (source === undefined || page.source === source || page.source.startsWith(below)) &&
    (type === undefined || page.type === type) &&
    (entity === undefined || page.entities.some((name) => nameKey(name) === nameKey(entity)))
  )
}

const path = fc.array(fc.constantFrom(...segments), { minLength: 1, maxLength: 3 })
const aSource = path.map((parts) => parts.join('/'))
const pages = fc.uniqueArray(
  fc.record({
    source: aSource,
    type: fc.constantFrom('markdown', 'text'),
    entities: fc.subarray(names, { maxLength: 3 }),
  }),
  { selector: ({ source }) => source, minLength: 1, maxLength: 8 },
)
const filters: fc.Arbitrary<SearchFilters> = fc.record(
  {
    source: fc.oneof(
      aSource,
      aSource.map((source) => `${source}/`),
    ),
    type: fc.constantFrom('markdown', 'text', 'Text', ''),
    entity: fc.constantFrom(...names, 'POOL', 'po', ''),
  },
  { requiredKeys: [] },
)

const hostile = [
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '</mark><b>bold</b><mark>',
  '&lt;b&gt; &amp;amp; &#60;',
  '"><svg/onload=alert(1)>',
  '${alert(1)} {{7*7}}',
  '\u202Egnirts\u202C',
  '[x](javascript:alert(1))',
  '\u0002forged\u0003 \u001b[31mred',
]

/** A snippet is a piece of the text, character by character, and its marks are places in it, in order. */
function expectPlain({ text, marks }: Snippet, body: string): void {
  expect(body).toContain(text.replace(/^…/, '').replace(/…$/, ''))
  let last = 0
  for (const { start, end } of marks) {
    expect(start).toBeGreaterThanOrEqual(last)
    expect(end).toBeGreaterThan(start)
    expect(end).toBeLessThanOrEqual(text.length)
    last = end
  }
}

export function filterLaws(current: () => Case): void {
  test('every filter, alone and with the others, leaves what it says, for words and for vectors', async () => {
    const { store } = current()
    await fc.assert(
      fc.asyncProperty(pages, fc.array(filters, { minLength: 1, maxLength: 6 }), async (all, asked) => {
        const ids: string[] = []
        for (const page of all) {
          ids.push(await add(store, { ...page, texts: ['common words'], vectors: [[1, 0.5]] }))
        }
        for (const one of asked) {
          const left = all.filter((page) => passes(page, one)).map(({ source }) => source)
          const wanted = left.toSorted()
          expect((await sources(store, ['common'], one)).toSorted(), JSON.stringify(one)).toEqual(wanted)
          expect((await sourcesNear(store, [1, 0.5], -1, one)).toSorted(), JSON.stringify(one)).toEqual(
            wanted,
          )
        }
        for (const id of ids) await store.documents.remove(id)
      }),
      { numRuns: 12 },
    )
  }, 120_000)

  test('what looks like markup is text: it is shown letter by letter, and marked like any other', async () => {
    const { store } = current()
    for (const [index, evil] of hostile.entries()) {
      const body = `Before it ${evil} stands needle${index}x and ${evil} again.`
      await add(store, { source: `evil ${index}`, title: evil, texts: [body], vectors: [[1, 0]] })
      const { hits } = await search(store, { query: `needle${index}x` })
      expect(hits).toHaveLength(1)
      const [{ snippet, title } = { snippet: { text: '', marks: [] }, title: '' }] = hits
      expect(title).toBe(evil)
      expect(snippet.text).toContain(evil)
      expectPlain(snippet, body)
      expect(snippet.marks.map(({ start, end }) => snippet.text.slice(start, end))).toEqual([
        `needle${index}x`,
      ])
    }
  })

  test('whatever the text and the words are, a highlight is a piece of the text with places in it', async () => {
    const { store } = current()
    const piece = fc.oneof(
      {
        weight: 3,
        arbitrary: fc.constantFrom('needle', 'Needles', 'hay', 'näedle', '猫', '…', '\n\n', ...hostile),
      },
      fc.string({ unit: 'grapheme', maxLength: 12 }).filter((text) => !text.includes('\0')),
    )
    const text = fc
      .array(piece, { minLength: 1, maxLength: 60 })
      .map((parts) => parts.join(' ').toWellFormed())
    const word = fc.oneof(
      fc.constantFrom('needle', 'alert', 'b', 'script', '猫', 'naedle'),
      fc.string({ maxLength: 8 }),
    )
    await fc.assert(
      fc.asyncProperty(text, fc.array(word, { maxLength: 4 }), async (body, words) => {
        const id = await add(store, { source: 'any', texts: [`${body} anchor`] })
        const [hit] = await store.search.byWords(['anchor'], {})
        const wanted = words.filter((each) => !each.includes('\0'))
        const found = (await store.search.show([hit?.chunkId ?? -1], wanted)).get(hit?.chunkId ?? -1)
        expectPlain(found?.snippet ?? { text: 'nothing', marks: [] }, `${body} anchor`)
        await store.documents.remove(id)
      }),
      { numRuns: 40 },
    )
  }, 120_000)
}
