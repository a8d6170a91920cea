/** The Grafana dashboard and the alert rules speak of metrics that there are. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { prometheusText } from 'keepwarm'
import { describe, expect, test } from 'vitest'
import { startBusyService } from './support/busy-service.ts'
import { needsPrometheus, promtool, PrometheusServer } from './support/prometheus-server.ts'

const folder = join(import.meta.dirname, '../../dashboard')
const alerts = join(folder, 'alerts/keepwarm.yml')
const rules = readFileSync(alerts, 'utf8')
const board = JSON.parse(readFileSync(join(folder, 'grafana/keepwarm.json'), 'utf8')) as Board

interface Panel {
  readonly title: string
  readonly datasource: { readonly uid: string }
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number }
  readonly targets: readonly { readonly expr: string; readonly refId: string }[]
}

interface Board {
  readonly panels: readonly Panel[]
  readonly annotations: { readonly list: readonly { readonly expr: string }[] }
  readonly templating: { readonly list: readonly { readonly name: string; readonly definition?: string }[] }
}

const queries = [
  ...board.panels.flatMap(({ title, targets }) => targets.map(({ expr }) => ({ title, expr }))),
  ...board.annotations.list.map(({ expr }) => ({ title: 'annotation', expr })),
]

/** What a text says that begins as our metrics and labels do. */
function namesIn(text: string): Set<string> {
  return new Set(text.match(/\b(keepwarm|http_client|http_connection|nodejs)_\w+|\bserver_(address|port)\b/g))
}

/** Names of samples, and of labels, as the exporter writes them. */
async function emitted(): Promise<Set<string>> {
  await using service = await startBusyService({ openmetrics: false })
  const lines = prometheusText(service.observed).split('\n')
  const samples = lines.filter((line) => line !== '' && !line.startsWith('#'))
  const labels = samples.flatMap((line) => [...line.matchAll(/[{,](\w+)="/g)].map(([, name]) => name!))
  const names = samples.map((line) => line.split(/[{ ]/, 1)[0]!)
  return new Set([...names, ...names.map((name) => name.replace(/_(bucket|sum|count)$/, '')), ...labels])
}

/** Only there with an adaptive limit, endpoint groups and a second snapshot; the others must come from a usual service. */
const seldom = [
  'keepwarm_client_concurrency_limit',
  'keepwarm_endpoint_group',
  'nodejs_eventloop_delay_p99_seconds',
  'nodejs_eventloop_delay_max_seconds',
]

test('every metric and label that the alerts and the dashboard name is one that the exporter emits', async () => {
  const known = await emitted()
  const all = [
    rules,
    ...queries.map(({ expr }) => expr),
    ...board.templating.list.map((one) => one.definition ?? ''),
  ]
  const named = namesIn(all.join('\n'))
  expect(named.size).toBeGreaterThan(25)
  expect([...named].filter((name) => !known.has(name) && !seldom.includes(name))).toEqual([])
})

test('each panel of the dashboard has a place of its own and asks the chosen source', () => {
  const cells = board.panels.flatMap(({ title, gridPos: { x, y, w, h } }) =>
    Array.from({ length: w * h }, (_, i) => ({ title, cell: `${x + (i % w)},${y + Math.floor(i / w)}` })),
  )
  expect(new Set(cells.map(({ cell }) => cell)).size).toBe(cells.length)
  expect(board.panels.filter(({ datasource }) => datasource.uid !== '$' + '{datasource}')).toEqual([])
  for (const title of ['A · Connections', 'B · Waiting', 'C · Latency by phase', 'D · Outcomes', 'Clients'])
    expect(board.panels.map((panel) => panel.title)).toContain(title)
})

test('every alert says what to do', () => {
  const blocks = rules.split(/^ {6}- alert: /m).slice(1)
  expect(blocks.length).toBeGreaterThan(10)
  for (const part of ['summary:', 'description:', 'runbook:', 'severity:'])
    expect(blocks.filter((block) => !block.includes(part))).toEqual([])
})

describe.runIf(needsPrometheus())('with promtool and a real Prometheus', () => {
  test('the rules are well formed, fire in their incidents, and keep silent on a healthy service', () => {
    expect(promtool(['check', 'rules', alerts])).toMatchObject({ ok: true })
    const tried = promtool(['test', 'rules', alerts.replace(/\.yml$/, '.test.yml')])
    expect(tried).toMatchObject({ ok: true, text: expect.stringContaining('SUCCESS') as string })
  })

  test('every query of the dashboard is understood, and what a usual service does is seen', async () => {
    await using service = await startBusyService({ openmetrics: true })
    await using prometheus = await PrometheusServer.start([`127.0.0.1:${service.metrics.port}`], [alerts])
    const answered = 'keepwarm_client_calls_total{keepwarm_client_name="orders",outcome="2xx"}'
    await prometheus.value(answered, 7)
    await service.orders
      .get('/503')
      .discard()
      .catch(() => {})
    await service.orders.get('/200').discard()
    await prometheus.value(answered, 8)
    await prometheus.value('count(nodejs_eventloop_delay_p99_seconds)', 1)
    const empty: string[] = []
    for (const { title, expr } of queries) {
      const found = await prometheus.query(filled(expr))
      if (found.length === 0) empty.push(title)
    }
    // Of what did not happen there is nothing.
    expect(empty).toEqual(['A · Connections', 'annotation'])
    expect(await prometheus.query('ALERTS')).toEqual([])
  }, 40_000)

  test('a server that fails is told by the alerts that are meant for it', async () => {
    await using service = await startBusyService({ openmetrics: true })
    await using prometheus = await PrometheusServer.start([`127.0.0.1:${service.metrics.port}`], [alerts])
    using _ = service.orders.breakers.force('open')
    const alert = 'count(ALERTS{alertname="KeepwarmBreakerOpen",keepwarm_client_name="orders"})'
    expect(await prometheus.value(alert, 1)).toBe(1)
  }, 40_000)
})

/** As Grafana fills it in where everything is chosen. */
function filled(expr: string): string {
  return expr.replaceAll('$__rate_interval', '10s').replaceAll('$client', '.*').replaceAll('$job', '.*')
}
