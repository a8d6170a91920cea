/** docs/telemetry.md names every metric, with the labels that a service shows. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { prometheusText } from 'keepwarm'
import { expect, test } from 'vitest'
import { catalog, metricNames, type MetricName } from '../src/observe/metrics/catalog.ts'
import { prometheusName } from '../src/observe/prometheus/names.ts'
import { startBusyService } from './support/busy-service.ts'

const page = join(import.meta.dirname, '../../../docs/telemetry.md')
const [begin, end] = ['<!-- metrics: begin -->', '<!-- metrics: end -->']

/** Of what a usual service has none. */
const seldom: Partial<Record<MetricName, string>> = {
  'keepwarm.client.concurrency.limit':
    '`keepwarm_pool_name`, `server_address`, `server_port`, (`keepwarm_endpoint_group`)',
}
/** Shown only for endpoint groups that are guarded apart. */
const sometimes: ReadonlySet<string> = new Set([
  'keepwarm.client.circuit.state',
  'keepwarm.client.circuit.transitions',
  'keepwarm.client.retry.budget',
])

test('docs/telemetry.md has every metric as it is; after a change, run this with -u', async () => {
  await using service = await startBusyService({ openmetrics: false })
  const text = readFileSync(page, 'utf8')
  const [before, rest] = text.split(begin)
  const after = rest?.split(end)[1]
  expect(after, `the page has lost its markers ${begin} and ${end}`).toBeDefined()
  const table = tableOf(prometheusText(service.observed))
  await expect(`${before}${begin}\n\n${table}\n\n${end}${after}`).toMatchFileSnapshot(page)
})

function tableOf(samples: string): string {
  const lines = metricNames.map((name) => {
    const row = catalog[name]
    return `| \`${prometheusName(name, row)}\` | ${row.kind} | ${labelsOf(name, samples)} | ${row.text} |`
  })
  return ['| metric | kind | labels | what |', '|---|---|---|---|', ...lines].join('\n')
}

function labelsOf(name: MetricName, samples: string): string {
  const shown = prometheusName(name, catalog[name])
  const first = new RegExp(`^${shown}(?:_bucket)?\\{(.*)\\} `, 'm').exec(samples)?.[1] ?? ''
  const labels = [...first.matchAll(/(\w+)="(?:[^"\\]|\\.)*"/g)]
    .map(([, label]) => label!)
    .filter((label) => label !== 'le')
  const group = sometimes.has(name) ? ['(`keepwarm_endpoint_group`)'] : []
  return seldom[name] ?? [...labels.map((label) => `\`${label}\``), ...group].join(', ')
}
