/** The table of the README, out of what the benchmarks wrote into docs/benchmarks.md. */
import { aligned, cellsOf } from './table.ts'

/** A row of the README: what was measured, and where both figures stand. The lesser figure is the better one. */
export interface Chosen {
  readonly what: string
  /** The benchmark, which is the name of its section. */
  readonly bench: string
  /** The section's heading, as a link has it. */
  readonly anchor: string
  readonly unit: string
  readonly column: string
  readonly theirs: Place
  readonly ours: Place
  /** The column of our row that says "no measurable difference" where there is none. */
  readonly verdict?: string
}

/** What the first cells of a row say, and what the README calls it. A column may be another one than the usual. */
interface Place {
  readonly row: readonly string[]
  readonly name: string
  readonly column?: string
}

const cpu = { bench: 'cpu', anchor: 'what-a-request-costs', unit: ' µs', column: 'CPU, µs (95 % CI)' }
const documents = ['100 documents indexed, 10 at a time: embed, analyse, store', '1 ms']

/** Where keepwarm wins and where it loses: which is which, the figures say. */
const chosen: readonly Chosen[] = [
  {
    what: 'CPU of a GET, 50 at a time',
    ...cpu,
    theirs: { row: ['undici.request on undici Pool'], name: '`undici.request`' },
    ours: { row: ['keepwarm client.get().text()'], name: '`client.get()`' },
    verdict: 'Ratio (95 % CI)',
  },
  {
    what: 'CPU of `undici.request` over …',
    ...cpu,
    theirs: { row: ['undici.request on undici Pool'], name: '`Pool`' },
    ours: { row: ['undici.request on ConnectionPool'], name: '`ConnectionPool`' },
    verdict: 'Ratio (95 % CI)',
  },
  {
    what: 'CPU of a bare dispatch over …',
    ...{ ...cpu, bench: 'many-connections', anchor: 'many-connections' },
    theirs: { row: ['undici Pool.dispatch', '10'], name: '`Pool`' },
    ours: { row: ['keepwarm ConnectionPool.dispatch', '10'], name: '`ConnectionPool`' },
    verdict: 'CPU ratio (95 % CI)',
  },
  {
    what: "CPU of an SDK's `fetch`",
    ...{ ...cpu, bench: 'fetch', anchor: 'what-a-fetch-costs' },
    theirs: { row: ['undici fetch'], name: "undici's" },
    ours: { row: ['client.fetch'], name: '`client.fetch`' },
    verdict: 'Ratio (95 % CI)',
  },
  {
    what: 'indexing 100 documents, 1 ms away, TLS',
    ...{ bench: 'seed', anchor: 'what-pooling-is-worth', unit: ' ms', column: 'Pooled' },
    theirs: { row: documents, name: 'a new client each', column: 'New client each' },
    ours: { row: documents, name: 'pooled' },
    verdict: 'Pooled faster than new client',
  },
  {
    what: 'well again after a server hung for 5 s',
    ...{ bench: 'storm', anchor: 'a-storm-of-retries', unit: ' s', column: 'Well again after, s' },
    theirs: { row: ['undici RetryAgent'], name: '`RetryAgent`' },
    ours: { row: ['keepwarm'], name: '`HttpClient`' },
  },
]

/**
 * The README's table, with a line of when and on what it was measured. The better figure is bold; where the benchmark
 * found no measurable difference neither is.
 * @throws Error when a figure is not where it was, naming section, row and column
 */
export function measuredTable(benchmarks: string, rows: readonly Chosen[] = chosen): string {
  const header = ['', 'beside', 'keepwarm', '`npm run bench --`']
  const sections = rows.map(({ bench }) => sectionOf(benchmarks, bench))
  return [
    aligned([header, ...rows.map((row, index) => told(row, sections[index] ?? ''))]),
    `The better one is bold, and where none is there is no measurable difference. ${circumstances(sections)}`,
  ].join('\n\n')
}

function told(row: Chosen, section: string): string[] {
  const { what, bench, anchor, unit, column, theirs, ours, verdict } = row
  const figures = [theirs, ours].map((place) => {
    return (cellOf(section, bench, place.row, place.column ?? column).split(' (')[0] ?? '').trim()
  })
  const [left = '', right = ''] = figures
  const judged = verdict === undefined ? '' : cellOf(section, bench, ours.row, verdict)
  const best = judged.startsWith('no measurable difference') ? Number.NaN : Math.min(...figures.map(number))
  const figure = (text: string): string => {
    const whole = Number.isFinite(number(text)) ? text + unit : text
    return number(text) === best ? `**${whole}**` : whole
  }
  return [
    what,
    `${theirs.name} ${figure(left)}`,
    `${ours.name} ${figure(right)}`,
    `[${bench}](docs/benchmarks.md#${anchor})`,
  ]
}

/** What is no number, such as "not in 35 s", is worse than any number. */
function number(text: string): number {
  const value = Number(text.replaceAll(',', ''))
  return Number.isNaN(value) ? Infinity : value
}

function sectionOf(benchmarks: string, bench: string): string {
  const section = benchmarks
    .split(`<!-- bench ${bench}: begin -->`)[1]
    ?.split(`<!-- bench ${bench}: end -->`)[0]
  if (section === undefined || section.trim() === '')
    throw new Error(
      `docs/benchmarks.md has nothing in its section "${bench}", which the README quotes; fill it with: npm run bench -- ${bench} --markdown`,
    )
  return section
}

function cellOf(section: string, bench: string, first: readonly string[], column: string): string {
  let header: string[] = []
  for (const line of section.split('\n')) {
    if (!line.startsWith('|')) header = []
    else if (header.length === 0) header = cellsOf(line)
    else if (first.every((text, index) => cellsOf(line)[index] === text)) {
      const cell = cellsOf(line)[header.indexOf(column)]
      if (cell !== undefined) return cell
    }
  }
  throw new Error(
    `docs/benchmarks.md has no row "${first.join(' | ')}" with a column "${column}" in its section "${bench}"; the README quotes it: see scripts/docs/measured.ts`,
  )
}

/** The first line of a section: the day, the versions and the machine, set apart by dots. */
function circumstances(sections: readonly string[]): string {
  const lines = sections.map((section) => (/^_(.*)_$/m.exec(section)?.[1] ?? '').split(' · '))
  const days = lines.map(([day = '']) => day).sort()
  const [from = '', to = ''] = [days[0], days.at(-1)]
  const machines = [...new Set(lines.map((line) => line.slice(1, 4).join(', ')))]
  return `Measured on ${from === to ? from : `${from} to ${to}`}: ${machines.join('; ')}.`
}
