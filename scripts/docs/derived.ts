/** The pages that have parts made from other pages. */
import { defaultsTable } from './defaults.ts'
import { llmsText } from './llms.ts'
import { measuredTable } from './measured.ts'

/**
 * Each page as it should be, by its path from the top folder.
 * @param read gives a page's text by the same path
 */
export function derivedPages(read: (path: string) => string): Readonly<Record<string, string>> {
  const readme = withPart(
    'README.md',
    read('README.md'),
    'measured',
    measuredTable(read('docs/benchmarks.md')),
  )
  const glance = 'docs/at-a-glance.md'
  const facts = withPart(glance, read(glance), 'defaults', defaultsTable(read('docs/configuration.md')))
  const pages = { index: read('docs/README.md'), facts, readme, page: read }
  return { 'README.md': readme, [glance]: facts, 'llms.txt': llmsText(pages) }
}

/**
 * The page with another text between two markers.
 * @throws Error when the page has no such markers
 */
export function withPart(path: string, text: string, name: string, part: string): string {
  const [begin, end] = [`<!-- ${name}: begin -->`, `<!-- ${name}: end -->`]
  const [before, rest] = text.split(begin)
  const after = rest?.split(end)[1]
  if (after === undefined) throw new Error(`${path} needs a line "${begin}" and a line "${end}"`)
  return `${before}${begin}\n\n${part}\n\n${end}${after}`
}
