import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { barPlot, linePlot, savePlot, type LinePlot } from './plot.ts'
import { scale } from './plot-scale.ts'

const lines: LinePlot = {
  title: 'Goodput <of> "two" & more',
  x: { label: 'time, s' },
  y: { label: 'calls, %', most: 100 },
  series: [
    {
      name: 'a & b',
      points: [
        [0, 100],
        [1, 50],
        [2, Infinity],
      ],
    },
    { name: '<none>', points: [] },
  ],
  span: { from: 0.5, to: 1, label: 'hangs' },
}

test('lines: well-formed, with title, axes, legend and every finite point', () => {
  const svg = linePlot(lines)
  expect(unclosed(svg)).toEqual([])
  for (const text of ['Goodput &lt;of&gt; &quot;two&quot; &amp; more', 'time, s', 'calls, %', 'hangs'])
    expect(svg).toContain(`>${text}</`)
  expect(svg).toContain('>a &amp; b</text>')
  expect(svg).toContain('>&lt;none&gt;</text>')
  expect(svg.match(/<polyline points="[^"]+"/g)).toEqual(['<polyline points="72,48 456,198"'])
  expect(svg).not.toMatch(/NaN|Infinity|undefined/)
})

test('bars: one for each value that the axis has a place for', () => {
  const svg = barPlot({
    title: 'Latency',
    x: { label: 'load' },
    y: { label: 'p99, ms', log: true },
    groups: ['0.3', '0.9'],
    series: [
      { name: 'with', values: [10, 100] },
      { name: 'without', values: [0, 1_000] },
    ],
  })
  expect(unclosed(svg)).toEqual([])
  expect(svg.match(/<rect x=/g)).toHaveLength(3)
  expect(svg).toContain('<title>without, 0.9: 1,000</title>')
  expect(svg).not.toMatch(/NaN|Infinity|undefined/)
})

test('nothing to show is a plot that says so', () => {
  const none = { title: 'None', x: { label: 'x' }, y: { label: 'y' }, series: [] }
  for (const svg of [linePlot(none), barPlot({ ...none, groups: [] })]) {
    expect(unclosed(svg)).toEqual([])
    expect(svg).toContain('nothing was measured')
    expect(svg).not.toMatch(/NaN|Infinity|undefined/)
  }
})

test('both themes have colours of their own', () => {
  const svg = linePlot(lines)
  expect(svg).toContain('@media (prefers-color-scheme: dark)')
  expect(svg).toContain('class="ground"')
})

test('ticks are round, and a value beyond the axis stands at its end', () => {
  const axis = scale([3, 240], [0, 100], {})
  expect(axis.ticks).toEqual([0, 50, 100, 150, 200])
  expect(scale([500], [0, 100], { most: 100 }).at(500)).toBe(100)
  expect(scale([7, 900], [0, 100], { log: true }).ticks).toEqual([1, 10, 100, 1_000])
})

test('a plot is written only where a file is named', () => {
  const folder = mkdtempSync(join(tmpdir(), 'keepwarm-plot-'))
  try {
    savePlot(undefined, () => expect.fail('was drawn'))
    savePlot(join(folder, 'a.svg'), () => '<svg/>')
    expect(readFileSync(join(folder, 'a.svg'), 'utf8')).toBe('<svg/>')
  } finally {
    rmSync(folder, { recursive: true })
  }
})

/** Tags that are opened and not closed, or closed and not opened, and characters that XML does not allow. */
function unclosed(svg: string): string[] {
  const open: string[] = []
  for (const [, end, name, inside] of svg.matchAll(/<(\/?)([a-z]+)((?:\s+[\w-]+(?:="[^"<&]*")?)*\s*\/?)>/g)) {
    if (end === '/') {
      if (open.at(-1) !== name) return [`</${name}>`]
      open.pop()
    } else if (!inside!.endsWith('/')) open.push(name!)
  }
  const text = svg.replaceAll(/<\/?[a-z]+(?:\s+[\w-]+="[^"<&]*")*\s*\/?>/g, '')
  return [...open, ...(text.match(/[<>]|&(?!amp;|lt;|gt;|quot;)/g) ?? [])]
}
