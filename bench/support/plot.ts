/** Plots as SVG: lines over time, and bars side by side. Plain text without dependencies, for light and dark pages. */
import { writeFileSync } from 'node:fs'
import { scale, type Scale } from './plot-scale.ts'

export interface Axis {
  /** What it shows, with its unit. */
  readonly label: string
  /** Where it ends, if not at the greatest value. */
  readonly most?: number
  /** Powers of ten at equal distances; values from 0 down are left out. Default false. */
  readonly log?: boolean
}

export interface LinePlot {
  readonly title: string
  readonly x: Axis
  readonly y: Axis
  readonly series: readonly {
    readonly name: string
    readonly points: readonly (readonly [number, number])[]
  }[]
  /** A part of the x axis with another ground, such as an outage. */
  readonly span?: { readonly from: number; readonly to: number; readonly label: string }
}

export interface BarPlot {
  readonly title: string
  /** Of the groups. */
  readonly x: { readonly label: string }
  readonly y: Axis
  readonly groups: readonly string[]
  /** One value for each group. */
  readonly series: readonly { readonly name: string; readonly values: readonly number[] }[]
}

const [width, left, right, top, height] = [860, 72, 840, 48, 300]
const bottom = top + height

/** Told apart by colour in both themes, and lines by their dashes, too. */
const colours = ['#0072b2', '#e69f00', '#009e73', '#cc79a7', '#d55e00', '#56b4e9', '#8a8a8a', '#a6761d']
const dashes = ['', '7 3', '2 3', '9 3 2 3', '4 2', '12 4', '1 2', '6 2 1 2']

const style = `
text { font: 12px system-ui, sans-serif; fill: #24292f }
.title { font-size: 16px; font-weight: 600 }
.ground { fill: #ffffff } .grid { stroke: #d0d7de } .span { fill: #8c959f; opacity: 0.2 }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3 } .ground { fill: #0d1117 } .grid { stroke: #30363d }
}
`

export function linePlot({ title, x, y, series, span }: LinePlot): string {
  const points = series.flatMap((one) => one.points)
  const across = scale(
    points.map(([value]) => value),
    [left, right],
    x,
  )
  const up = scale(
    points.map(([, value]) => value),
    [bottom, top],
    y,
  )
  const marks = series.map(({ points: own }, index) => {
    const path = own
      .filter(([, value]) => up.shows(value))
      .map(([a, b]) => `${at(across.at(a))},${at(up.at(b))}`)
    return path.length === 0
      ? ''
      : `<polyline points="${path.join(' ')}" fill="none" stroke="${colour(index)}" stroke-width="2" stroke-dasharray="${dash(index)}"/>`
  })
  const shade = span === undefined ? [] : [spanOf(across, span)]
  const ticks = across.ticks.map((tick) => below(across.at(tick), tickText(tick)))
  return page(title, x.label, y.label, [...shade, ...gridOf(up), ...ticks, ...marks], series)
}

export function barPlot({ title, x, y, groups, series }: BarPlot): string {
  const up = scale(
    series.flatMap(({ values }) => values),
    [bottom, top],
    y,
  )
  const step = (right - left) / Math.max(1, groups.length)
  const bar = (step * 0.8) / Math.max(1, series.length)
  const marks = series.flatMap(({ name, values }, index) =>
    values.flatMap((value, group) => {
      if (!up.shows(value)) return []
      const [from, end] = [left + step * (group + 0.1) + bar * index, up.at(value)]
      const box = `x="${at(from)}" y="${at(end)}" width="${at(bar)}" height="${at(bottom - end)}"`
      const tip = escape(`${name}, ${groups[group] ?? ''}: ${tickText(value)}`)
      return [`<rect ${box} fill="${colour(index)}"><title>${tip}</title></rect>`]
    }),
  )
  const ticks = groups.map((group, index) => below(left + step * (index + 0.5), group))
  return page(title, x.label, y.label, [...gridOf(up), ...ticks, ...marks], series)
}

/** Writes a plot where a file was asked for, and says so on stderr. */
export function savePlot(file: string | undefined, svg: () => string): void {
  if (file === undefined) return
  writeFileSync(file, svg())
  console.error(`${file} has the plot`)
}

function page(
  title: string,
  across: string,
  up: string,
  marks: readonly string[],
  series: readonly { readonly name: string }[],
): string {
  const entries = legend(series.map(({ name }) => name))
  const all = bottom + 56 + entries.rows * 20
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${all}" width="${width}" height="${all}" role="img">`,
    `<title>${escape(title)}</title>`,
    `<style>${style}</style>`,
    `<rect class="ground" width="${width}" height="${all}"/>`,
    `<text class="title" x="${left}" y="28">${escape(title)}</text>`,
    ...marks.filter((mark) => mark !== ''),
    series.length === 0
      ? `<text x="${(left + right) / 2}" y="${top + height / 2}">nothing was measured</text>`
      : '',
    below((left + right) / 2, across, 38),
    `<text transform="translate(16 ${top + height / 2}) rotate(-90)" text-anchor="middle">${escape(up)}</text>`,
    ...entries.marks,
    '</svg>\n',
  ]
    .filter((line) => line !== '')
    .join('\n')
}

/** Names in rows below the plot, as many in each as fit. */
function legend(names: readonly string[]): { readonly marks: readonly string[]; readonly rows: number } {
  let [from, row] = [left, 0]
  const marks = names.map((name, index) => {
    const needs = 44 + name.length * 7
    if (from > left && from + needs > right) [from, row] = [left, row + 1]
    const [start, middle] = [from, bottom + 62 + row * 20]
    from += needs
    const line = `<line x1="${start}" x2="${start + 24}" y1="${middle - 4}" y2="${middle - 4}" stroke="${colour(index)}" stroke-width="4" stroke-dasharray="${dash(index)}"/>`
    return `${line}<text x="${start + 30}" y="${middle}">${escape(name)}</text>`
  })
  return { marks, rows: row + 1 }
}

function gridOf(up: Scale): string[] {
  return up.ticks.map((tick) => {
    const y = at(up.at(tick))
    const line = `<line class="grid" x1="${left}" x2="${right}" y1="${y}" y2="${y}"/>`
    return `${line}<text x="${left - 8}" y="${at(up.at(tick) + 4)}" text-anchor="end">${tickText(tick)}</text>`
  })
}

function spanOf(across: Scale, span: NonNullable<LinePlot['span']>): string {
  const [from, to] = [across.at(span.from), across.at(span.to)]
  const box = `<rect class="span" x="${at(from)}" y="${top}" width="${at(to - from)}" height="${height}"/>`
  return `${box}<text x="${at((from + to) / 2)}" y="${top - 4}" text-anchor="middle">${escape(span.label)}</text>`
}

function below(x: number, text: string, distance = 18): string {
  return `<text x="${at(x)}" y="${bottom + distance}" text-anchor="middle">${escape(text)}</text>`
}

function colour(index: number): string {
  return colours[index % colours.length]!
}

function dash(index: number): string {
  return dashes[index % dashes.length]!
}

function at(coordinate: number): string {
  return String(Math.round(coordinate * 10) / 10)
}

function tickText(value: number): string {
  return value.toLocaleString('en-US', { maximumSignificantDigits: 4 })
}

function escape(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}
