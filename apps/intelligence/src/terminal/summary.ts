/** The report as an operator reads it; the most important stands last. */
import { count, counted, duration, printable, rate, share } from './figures.ts'
import type { ClientReport, Report, SearchReport } from './report.ts'
import type { Paint } from './screen.ts'
import { processLines } from './sharing.ts'
import { table } from './table.ts'

/** Kinds of files whose absence surprises nobody, so that they are counted and not named. */
const expected: ReadonlySet<string> = new Set(['other_type', 'hidden', 'node_modules'])
const words: Readonly<Record<string, string>> = {
  other_type: 'of another type',
  hidden: 'hidden',
  node_modules: 'installed packages',
  not_a_file: 'not a file',
  broken_link: 'a broken link',
  link_outside: 'a link that leads out',
  already_read: 'read already',
  binary: 'binary',
  not_utf8: 'not in UTF-8',
  empty: 'empty',
  too_large: 'too large',
  unreadable: 'unreadable',
}

/** Items of a list that are named before the rest is counted. */
const MOST_NAMED = 5

export function summary(report: Report, paint: Paint): string[] {
  return [
    ...documents(report, paint),
    ...processLines(report.processes ?? []),
    '',
    ...clients(report.clients, paint),
    ...(report.search === null ? [] : ['', ...example(report.search, paint)]),
  ]
}

function documents({ documents, stored, duration_ms, finished }: Report, paint: Paint): string[] {
  const { indexed, lost, degraded, skipped, unchanged, left_over, retried } = documents
  const speed = indexed === 0 ? '' : ` (${rate(indexed, duration_ms)} a second)`
  const early = `■ Stopped early: ${count(documents.waiting)} read and not indexed`
  const mark = !finished
    ? paint('yellow', `${early}.`)
    : lost.length === 0
      ? paint('green', '✓')
      : paint('red', '✗')
  const head = `${mark} ${paint('bold', `Indexed ${counted(indexed, 'document')} in ${duration(duration_ms)}`)}${speed}`
  const parts = [
    counted(stored.documents, 'document'),
    counted(stored.chunks, 'chunk'),
    counted(stored.entities, 'entity', 'entities'),
  ]
  const byWords = stored.chunks - stored.vectors
  return [
    head,
    `  in store   ${parts.join(', ')}${byWords === 0 ? '' : `; ${counted(byWords, 'chunk')} without a vector`}`,
    ...(unchanged === 0 ? [] : [`  unchanged  ${count(unchanged)}, indexed before`]),
    ...(left_over === 0 ? [] : [`  left over  ${count(left_over)} from before, done now`]),
    ...(retried === 0 ? [] : [`  retried    ${counted(retried, 'attempt')}`]),
    ...skippedLines(skipped),
    ...(degraded === 0 ? [] : [`  ${paint('yellow', 'degraded')}   ${degradedText(documents)}`]),
    ...lost
      .slice(0, MOST_NAMED)
      .map((one) => `  ${paint('red', 'lost')}       ${printable(one.document)}: ${one.reason}`),
    ...more(lost.length),
  ]
}

function degradedText({ degraded, degraded_stages }: Report['documents']): string {
  const stages = Object.entries(degraded_stages).map(([stage, amount]) => `${stage} of ${count(amount)}`)
  return `${count(degraded)}, searchable; missing, to be repaired: ${stages.join(', ')}`
}

function skippedLines(skipped: Report['documents']['skipped']): string[] {
  if (skipped.length === 0) return []
  const counts = new Map<string, number>()
  for (const { reason } of skipped) counts.set(reason, (counts.get(reason) ?? 0) + 1)
  const reasons = [...counts].map(([reason, amount]) => `${count(amount)} ${words[reason] ?? reason}`)
  const named = skipped.filter(({ reason }) => !expected.has(reason))
  return [
    `  skipped    ${count(skipped.length)}: ${reasons.join(', ')}`,
    ...named.slice(0, MOST_NAMED).map(({ path, message }) => `             ${printable(path)}: ${message}`),
    ...more(named.length),
  ]
}

function more(amount: number): string[] {
  return amount > MOST_NAMED ? [`             and ${count(amount - MOST_NAMED)} more`] : []
}

function clients(reports: readonly ClientReport[], paint: Paint): string[] {
  const used = reports.filter(({ requests }) => requests > 0)
  const columns = [
    'client',
    'requests',
    'connections',
    'server saw',
    'reused',
    'p50',
    'p99',
    'retries',
    'failed',
  ]
  const [head = '', ...rows] = table(
    columns.map((title, index) => ({ title, align: index === 0 ? 'left' : 'right' })),
    used.map((one) => [
      one.name,
      count(one.requests),
      count(one.connections_opened),
      one.server_connections === null ? '–' : count(one.server_connections),
      share(one.reused, one.requests),
      duration(one.p50_ms),
      duration(one.p99_ms),
      count(one.retries),
      count(one.failed),
    ]),
  )
  const requests = used.reduce((sum, one) => sum + one.requests, 0)
  const opened = used.reduce((sum, one) => sum + one.connections_opened, 0)
  const reused = used.reduce((sum, one) => sum + one.reused, 0)
  const moral = `${counted(requests, 'request')} went over ${counted(opened, 'connection')}: ${share(reused, requests)} found one warm`
  return [`  ${paint('dim', head)}`, ...rows.map((row) => `  ${row}`), '', `  ${paint('bold', moral)}`]
}

function example({ query, total, took_ms, hits, warnings }: SearchReport, paint: Paint): string[] {
  const head = `Search ${paint('bold', `“${printable(query)}”`)}: ${counted(total, 'document')} in ${duration(took_ms)}`
  return [
    `  ${head}`,
    ...warnings.map((warning) => `  ${paint('yellow', warning)}`),
    ...hits.flatMap(({ title, source, text, marks }, index) => [
      `  ${index + 1}  ${paint('bold', printable(title))}${source === null ? '' : `  ${paint('dim', printable(source))}`}`,
      `     ${highlight(text, marks, paint)}`,
    ]),
  ]
}

/** Characters of a snippet that are shown. */
const SNIPPET = 150

/** The snippet on one line, around its first mark. Exported for its tests. */
export function highlight(text: string, marks: SearchReport['hits'][number]['marks'], paint: Paint): string {
  const first = marks[0]?.start ?? 0
  const from = first < SNIPPET / 2 ? 0 : text.indexOf(' ', first - SNIPPET / 2) + 1
  const to = Math.min(text.length, from + SNIPPET)
  let line = from > 0 ? '…' : ''
  let at = from
  for (const { start, end } of marks.filter((mark) => mark.start >= from && mark.end <= to)) {
    line += plain(text.slice(at, start)) + paint(['bold', 'cyan'], plain(text.slice(start, end)))
    at = end
  }
  return line + plain(text.slice(at, to)) + (to < text.length ? '…' : '')
}

function plain(text: string): string {
  return printable(text).replace(/ {2,}/g, ' ').toWellFormed()
}
