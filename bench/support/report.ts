/** How a benchmark's result leaves the process: for people, for programs, or for the documentation. */
import { readFileSync, writeFileSync } from 'node:fs'
import { type Environment, inWords, markdown, plain, type Table } from '@keepwarm/cli/measuring'
import type { Shape } from './settings.ts'

export interface Report {
  readonly benchmark: string
  readonly environment: Environment
  /** What was run: rounds, requests, and so on. */
  readonly settings: Readonly<Record<string, unknown>>
  /** The numbers, for programs. */
  readonly results: readonly unknown[]
  /** How it was measured, in a sentence or two. */
  readonly method: string
  readonly tables: readonly Table[]
  /** The tables of the documentation, where they are others. */
  readonly pageTables?: readonly Table[]
  /** What was found; the last sentence is the one that matters. */
  readonly findings: readonly string[]
}

const page = new URL('../../docs/benchmarks.md', import.meta.url)

export function print(report: Report, shape: Shape): void {
  if (shape.json) return console.log(JSON.stringify(forPrograms(report), null, 2))
  if (!shape.markdown) return console.log(forPeople(report))
  const section = forThePage(report)
  console.log(section)
  if (shape.quick) return
  writeFileSync(page, replaceSection(readFileSync(page, 'utf8'), report.benchmark, section))
  console.error(
    `docs/benchmarks.md has this now, in its section "${report.benchmark}"; npm run docs takes what the README quotes there`,
  )
}

function forPrograms({ benchmark, environment, settings, results, findings }: Report): object {
  return { schema: 'keepwarm-bench/1', benchmark, environment, settings, results, findings }
}

function forPeople({ environment, method, tables, findings }: Report): string {
  return [inWords(environment), method, ...tables.map(plain), findings.join('\n')].join('\n\n')
}

function forThePage({ environment, method, tables, pageTables, findings }: Report): string {
  const list = findings.map((finding) => `- ${finding}`).join('\n')
  return [`_${inWords(environment)}_`, method, ...(pageTables ?? tables).map(markdown), list].join('\n\n')
}

/**
 * The page with another text between the markers of a section.
 * @throws Error when the page has no such markers
 */
export function replaceSection(text: string, name: string, section: string): string {
  const [begin, end] = [`<!-- bench ${name}: begin -->`, `<!-- bench ${name}: end -->`]
  const from = text.indexOf(begin)
  const to = text.indexOf(end, from)
  if (from === -1 || to === -1)
    throw new Error(`docs/benchmarks.md needs a line "${begin}" and a line "${end}"`)
  return `${text.slice(0, from + begin.length)}\n\n${section}\n\n${text.slice(to)}`
}
