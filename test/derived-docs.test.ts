/** What pages say of other pages is what these say: README.md, docs/at-a-glance.md and llms.txt. */
import { globSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { defaultsTable } from '../scripts/docs/defaults.ts'
import { derivedPages, withPart } from '../scripts/docs/derived.ts'
import { entriesOf, firstSentence, llmsText } from '../scripts/docs/llms.ts'
import { measuredTable, type Chosen } from '../scripts/docs/measured.ts'
import { house, read } from './sources.ts'

test.each(Object.entries(derivedPages(read)))('%s is up to date; if not: npm run docs', (path, text) => {
  expect(read(path)).toBe(text)
})

test('the index has every page of docs/ and the examples once; a new page needs a row in docs/README.md, and npm run docs', () => {
  const pages = globSync('docs/*.md', { cwd: house }).filter((path) => path !== 'docs/README.md')
  const listed = entriesOf(read('docs/README.md')).map(({ path }) => path)
  expect(listed.toSorted()).toEqual([...pages, 'examples/README.md'].toSorted())
})

test('the README stays short, and says how to start, to test, to look on, and under which licence', () => {
  const readme = read('README.md')
  expect(readme.split('\n').length - 1).toBeLessThanOrEqual(90)
  for (const named of [
    'npm ci && npm start',
    'npm ci && npm test',
    'docs/cli.md',
    'docs/dashboard.md',
    'MIT',
  ])
    expect(readme).toContain(named)
})

describe('the measured table', () => {
  const page = (theirs: string, ours: string, ratio: string): string =>
    `<!-- bench x: begin -->

_2026-01-02 · Node 1 · undici 2 · a machine · load 0_

| Arm | CPU (95 % CI) | Ratio |
| --- | --: | --: |
| theirs | ${theirs} | 1 |
| ours | ${ours} | ${ratio} |

<!-- bench x: end -->`
  const row: Chosen = {
    ...{
      what: 'a call',
      bench: 'x',
      anchor: 'there',
      unit: ' µs',
      column: 'CPU (95 % CI)',
      verdict: 'Ratio',
    },
    theirs: { row: ['theirs'], name: 'theirs' },
    ours: { row: ['ours'], name: 'ours' },
  }
  const lastLine = (text: string): string[] => (text.split('\n')[2] ?? '').split(/\s*\|\s*/).slice(1, -1)

  test.each([
    ['we win', '20.0 (19–21)', '10.0 (9–11)', '0.5×', 'theirs 20.0 µs', 'ours **10.0 µs**'],
    ['we lose', '9.50 (9–10)', '1,010 (1,000–1,020)', '106×', 'theirs **9.50 µs**', 'ours 1,010 µs'],
    ['nobody can tell', '9.5', '9.4', 'no measurable difference (0.9–1.1)', 'theirs 9.5 µs', 'ours 9.4 µs'],
    ['they never come to an end', 'not in 35 s', '5', '–', 'theirs not in 35 s', 'ours **5 µs**'],
  ])('%s', (_, theirs, ours, ratio, left, right) => {
    expect(lastLine(measuredTable(page(theirs, ours, ratio), [row]))).toEqual([
      'a call',
      left,
      right,
      '[x](docs/benchmarks.md#there)',
    ])
  })

  test('it says when it was measured, and on what', () => {
    const later = page('1', '2', '2×').replaceAll('bench x', 'bench y').replace('2026-01-02', '2026-03-04')
    const text = measuredTable(page('1', '2', '2×') + later, [row, { ...row, bench: 'y' }])
    expect(text).toContain('Measured on 2026-01-02 to 2026-03-04: Node 1, undici 2, a machine.')
  })

  test('a figure that is gone is named', () => {
    const text = page('1', '2', '2×')
    expect(() => measuredTable(text, [{ ...row, bench: 'z' }])).toThrow('nothing in its section "z"')
    expect(() => measuredTable(text.replace('| ours', '| mine'), [row])).toThrow('no row "ours"')
    expect(() => measuredTable(text, [{ ...row, column: 'Heap' }])).toThrow('a column "Heap"')
  })
})

describe('llms.txt', () => {
  const page =
    '# The `pool`\n\n![a picture](a.png)\n\n```ts\nlet x = 1\n```\n\nIt [waits](b.md), e.g. for a\nfree one: the first. Then more.\n'

  test('a page is described by its first sentence, whatever stands before it', () => {
    expect(firstSentence('a.md', page)).toBe('It waits, e.g. for a free one: the first.')
    expect(firstSentence('a.md', '# A\n\nFour questions:\n\n| a |\n')).toBe('Four questions.')
    expect(() => firstSentence('a.md', '# A\n\n| a |\n')).toThrow('a.md has no paragraph')
  })

  test('it has a title, a summary, what has to be known, and the sections of the index', () => {
    const text = llmsText({
      readme: '# keepwarm\n\nClients\nthat last.\n',
      facts:
        '# Facts\n\n- See [more](a.md).\n\n<!-- defaults: begin -->\n\n| a |\n\n<!-- defaults: end -->\n',
      index:
        '# All\n\n## Begin\n\n| I want to … | page |\n| --- | --- |\n| wait | [The pool](a.md) |\n| run | [x](../x/b.md) |\n| leave | nobody |\n',
      page: () => page,
    })
    expect(text).toBe(
      '# keepwarm\n\n> Clients that last.\n\n- See [more](docs/a.md).\n\n| a |\n\n## Begin\n\n' +
        '- [The pool](docs/a.md): to wait. It waits, e.g. for a free one: the first.\n' +
        '- [The pool](x/b.md): to run. It waits, e.g. for a free one: the first.\n',
    )
  })
})

test('an option or a marker that is gone is named', () => {
  expect(() => defaultsTable('| `A` | `maxConnections` | 100 | | |')).toThrow('"maxConnectionsPerOrigin"')
  expect(() => withPart('a.md', 'text', 'x', 'part')).toThrow('a.md needs a line "<!-- x: begin -->"')
})
