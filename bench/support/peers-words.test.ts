import { expect, test } from 'vitest'
import type { PeerResult } from './peers-measure.ts'
import type { PeerName } from './peers-roster.ts'
import { lossesTable, peersFindings, peersTable } from './peers-words.ts'
import type { Workload } from './peers-workloads.ts'
import { cpuPlot, overviewTable } from './report-words.ts'

const around = (median: number): { median: number; lower: number; upper: number } => ({
  median,
  lower: median * 0.9,
  upper: median * 1.1,
})

function result(arm: PeerName, cpu: number, rate: number, more: Partial<PeerResult> = {}): PeerResult {
  return {
    workload: 'one',
    arm,
    cpu_us_per_request: around(cpu),
    cpu_ratio: around(cpu / 20),
    cpu_range: [cpu - 1, cpu + 1],
    gc_us_per_request: 1,
    gc_range: [0.5, 2],
    requests_per_second: around(rate),
    p50_ms: 1,
    p99_ms: 2,
    p999_ms: 3,
    connections: 1,
    peak_rss_mb: 80,
    requests: 1_000,
    errors: 0,
    first_error: '',
    mishaps: [],
    ...more,
  }
}

const workload: Workload = {
  name: 'one',
  title: 'One request in flight',
  kind: 'text',
  upstream: 'nginx',
  path: '/small',
  callers: 1,
  connections: 1,
  arms: ['undici.request on Pool', 'keepwarm client', 'Go net/http', 'got'],
}
const results = [
  result('undici.request on Pool', 20, 40_000),
  result('keepwarm client', 18, 41_000),
  result('Go net/http', 10, 90_000),
  result('got', 200, 5_000),
  result('keepwarm pool.dispatch', 5, 95_000),
]

test('a loss is one beyond all doubt, in CPU time or in speed, with a reason; one of keepwarm is none', () => {
  const { rows } = lossesTable(results, [workload])
  expect(rows.map(([load, client, what]) => [load, client, what])).toEqual([
    ['One request in flight', 'Go net/http', 'CPU, µs'],
    ['One request in flight', 'Go net/http', 'requests/s'],
  ])
  for (const row of rows) expect(row.at(-1)).toMatch(/compiled/)
  const close = [result('keepwarm client', 20, 40_000), result('Go net/http', 17, 47_000)]
  expect(lossesTable(close, [workload]).rows).toEqual([])
})

test('whose losses are told is the load’s own choice', () => {
  const fetching = { ...workload, own: 'got' } as const
  expect(lossesTable(results, [fetching]).rows.map(([, client]) => client)).toEqual([
    'undici.request on Pool',
    'undici.request on Pool',
    'Go net/http',
    'Go net/http',
  ])
})

test('the cheapest stands first, the reference is 1, and who failed says how often', () => {
  const failing = result('got', 200, 5_000, { errors: 3, first_error: 'reset' })
  const { rows } = peersTable(workload, [failing, ...results.slice(0, 3)])
  expect(rows.map(([client]) => client)).toEqual([
    'Go net/http',
    '**keepwarm client**',
    'undici.request on Pool',
    'got',
  ])
  expect(rows[2]![2]).toBe('1')
  expect(rows[3]!.at(-1)).toBe('3 of 1,000')
  expect(peersFindings([failing], [workload])).toEqual([
    'one, got: 3 of 1,000 calls failed, the first with: reset',
  ])
})

test('both states of undici.request are told, and processes that were void', () => {
  const fifty = { workload: 'fifty' } as const
  const said = peersFindings(
    [
      result('undici.request on Pool', 20, 1, { ...fifty, mishaps: ['it hung'] }),
      result('undici.request on Pool, aged process', 30, 1, fifty),
    ],
    [workload],
  )
  expect(said).toEqual([
    'undici.request on Pool: 20.0 (18.0–22.0) µs; by process 19.0–21.0 µs, GC pauses 0.500–2.00 µs.',
    'undici.request on Pool, aged process: 30.0 (27.0–33.0) µs; by process 29.0–31.0 µs, GC pauses 0.500–2.00 µs.',
    'fifty: another process was run in the place of one. it hung',
  ])
})

test('the overview has a row for each client that was measured, and a plot the loads that all drawn have', () => {
  const { header, rows } = overviewTable([workload], results)
  expect(header).toEqual(['Client', 'one'])
  expect(rows).toContainEqual(['**keepwarm client**', '0.900'])
  expect(rows).toHaveLength(results.length)
  const all = ["Node's http, keep-alive", 'axios', 'undici Pool.dispatch', 'Python httpx'] as const
  const drawn = cpuPlot(
    [
      { ...workload, arms: [...workload.arms, ...all] },
      { ...workload, name: 'two' },
    ],
    results,
  )
  expect(drawn).toContain('<title>keepwarm client, one: 18</title>')
  expect(drawn).not.toContain('>two<')
})
