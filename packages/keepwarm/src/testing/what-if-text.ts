import type { EventReport, Stretch, WhatIfReport } from './what-if-report.ts'

const WIDTH = 80
const HEIGHT = 6
const eighths = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█']

/** A report for people: a table, and the calls that succeed and the attempts of each second as charts. */
export function whatIfText(report: WhatIfReport): string {
  return [title(report), table(report), facts(report), charts(report)].join('\n\n')
}

function title({ clients, seed, lasted }: WhatIfReport): string {
  return `${clients} ${clients === 1 ? 'client' : 'clients'}, ${seconds(lasted)}, seed ${seed}`
}

function table(report: WhatIfReport): string {
  const { before, events, after, calls, attempts, amplification, lasted } = report
  const succeeded = calls.total === 0 ? 1 : calls.succeeded / calls.total
  const rows = [
    ['', 'calls', 'succeeded', 'attempts', 'per call', 'well again after'],
    row('before', before),
    ...events.map((event) => [...row(event.event.kind, event), recovery(event)]),
    ...(after === undefined ? [] : [row('after', after)]),
    row('all', { from: 0, to: lasted, calls: calls.total, succeeded, attempts, amplification }),
  ]
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0)))
  return rows
    .map((cells) =>
      cells
        .map((cell, i) => (i === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[i]!)))
        .join('   ')
        .trimEnd(),
    )
    .join('\n')
}

function row(name: string, { from, to, calls, succeeded, attempts, amplification }: Stretch): string[] {
  const when = `${name}, ${number(from / 1_000)}–${seconds(to)}`
  return [when, number(calls), percent(succeeded), number(attempts), amplification.toFixed(2)]
}

function recovery({ recovery: after }: EventReport): string {
  return after === undefined ? 'never' : seconds(after)
}

function facts({ latency, calls, retries, hedges, breakerOpenings, arrived }: WhatIfReport): string {
  const { p50, p99, p999 } = latency
  const lines = [
    ['succeeded within', `p50 ${number(p50)} ms, p99 ${number(p99)} ms, p99.9 ${number(p999)} ms`],
    ['failed', listed(calls.failed)],
    ['tried again', listed(retries.byReason)],
    ['not tried again', listed(retries.suppressed)],
    ...(hedges.sent === 0
      ? []
      : [['hedged', `${number(hedges.sent)} times, ${number(hedges.won)} of them won`]]),
    ['breakers opened', `${number(breakerOpenings)} times`],
    ['reached the upstream', `${number(arrived)} requests`],
  ]
  return lines.map(([name = '', text = '']) => `${name.padEnd(20)}   ${text}`).join('\n')
}

function listed(counts: Readonly<Record<string, number>>): string {
  const words = Object.entries(counts)
    .toSorted(([, a], [, b]) => b - a)
    .map(([name, count]) => `${name} ${number(count)}`)
  return words.length === 0 ? 'none' : words.join(', ')
}

/** Both in the same scale, a column for each second, or for several where they are many. */
function charts(report: WhatIfReport): string {
  const { goodput, attempts } = report.perSecond
  const step = Math.ceil(goodput.length / WIDTH)
  const [good, tried] = [meansOf(goodput, step), meansOf(attempts, step)]
  const most = Math.max(1, ...good, ...tried)
  const scale = `a second; a column is ${step} s, the top ${number(Math.round(most))}`
  return [
    `calls that succeed, ${scale}`,
    ...bars(good, most),
    timeLine(report, step, good.length),
    'attempts, in the same scale',
    ...bars(tried, most),
    timeLine(report, step, good.length),
  ].join('\n')
}

/** The last one is of what is left. */
function meansOf(values: readonly number[], step: number): number[] {
  return Array.from({ length: Math.ceil(values.length / step) }, (_, i) => {
    const part = values.slice(i * step, (i + 1) * step)
    return part.reduce((sum, value) => sum + value, 0) / part.length
  })
}

/** Without the lines that nothing reaches. */
function bars(values: readonly number[], most: number): string[] {
  const lines = Array.from({ length: HEIGHT }, (_, line) => {
    const floor = HEIGHT - 1 - line
    return values
      .map((value) => bar((value / most) * HEIGHT - floor))
      .join('')
      .trimEnd()
  })
  return lines.filter((line) => line !== '')
}

/** @param filled how much of its line, may be above 1 or below 0 */
function bar(filled: number): string {
  return eighths[Math.round(Math.min(1, Math.max(0, filled)) * 8)]!
}

/** `x` where something happens. */
function timeLine({ events }: WhatIfReport, step: number, columns: number): string {
  const column = step * 1_000
  return Array.from({ length: columns }, (_, i) => {
    const happens = events.some(({ from, to }) => from < (i + 1) * column && to > i * column)
    return happens ? 'x' : '─'
  }).join('')
}

function seconds(ms: number): string {
  return `${number(ms / 1_000)} s`
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`
}

function number(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 1 })
}
