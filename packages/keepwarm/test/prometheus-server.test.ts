/** What a real Prometheus makes of the metrics. */
import { Registry } from '@prometheus-io/client'
import { prometheusText, registerPrometheus } from 'keepwarm'
import { describe, expect, test } from 'vitest'
import { startBusyService, type BusyService } from './support/busy-service.ts'
import { needsPrometheus, promtool, PrometheusServer } from './support/prometheus-server.ts'
import { startHttp } from './support/servers.ts'

describe.runIf(needsPrometheus())('with a real Prometheus', () => {
  test('promtool finds nothing to say against the metrics', async () => {
    await using service = await startBusyService({ openmetrics: false })
    expect(promtool(['check', 'metrics'], prometheusText(service.observed))).toEqual({ ok: true, text: '' })
  })

  test.each([
    ['its own format', false],
    ['OpenMetrics', true],
  ])(
    'a Prometheus that scrapes %s has the figures that the clients have',
    async (_, openmetrics) => {
      await using service = await startBusyService({ openmetrics })
      await using prometheus = await PrometheusServer.start([`127.0.0.1:${service.metrics.port}`])
      await expectFigures(prometheus, service)
      await expectMetadata(prometheus, openmetrics)
    },
    40_000,
  )

  test('a client that is closed is gone from Prometheus, too', async () => {
    await using service = await startBusyService({ openmetrics: true })
    await using prometheus = await PrometheusServer.start([`127.0.0.1:${service.metrics.port}`])
    const clients = 'count(keepwarm_client_calls_started_total)'
    expect(await prometheus.value(clients, 2)).toBe(2)
    await service.search.close()
    expect(await prometheus.value(clients, 1)).toBe(1)
  }, 40_000)

  test('promtool has nothing to say against a registry with them, and Prometheus reads it', async () => {
    await using service = await startBusyService({ openmetrics: false })
    const registry = new Registry()
    using _ = registerPrometheus(registry, service.observed)
    expect(promtool(['check', 'metrics'], await registry.metrics()).text).toBe('')
    await using page = await startHttp((__, response) => {
      void registry
        .metrics()
        .then((text) => response.setHeader('content-type', registry.contentType).end(text))
    })
    await using prometheus = await PrometheusServer.start([`127.0.0.1:${page.port}`])
    expect(
      await prometheus.value('keepwarm_client_calls_started_total{keepwarm_client_name="orders"}', 11),
    ).toBe(11)
  }, 40_000)
})

test.each([
  ['text/plain; version=0.0.4; charset=utf-8', 'keepwarm_client_calls_total counter'],
  ['application/openmetrics-text; version=1.0.0; charset=utf-8', 'keepwarm_client_calls counter'],
] as const)(
  'the registry of @prometheus-io/client shows the same samples as %s',
  async (contentType, head) => {
    await using service = await startBusyService({ openmetrics: false })
    const registry = new Registry(contentType)
    const snapshot = service.observed.snapshot()
    const registered = registerPrometheus(registry, snapshot)
    const page = await registry.metrics()
    expect(page).toContain(`# TYPE ${head}`)
    const samples = (text: string): string[] =>
      text
        .split('\n')
        .filter((line) => line !== '' && !line.startsWith('#'))
        .map((line) =>
          line.replace(/\{(.*)\}/, (_, labels: string) =>
            labels
              .split(/,(?=\w+=")/)
              .sort()
              .join(),
          ),
        )
        .sort()
    expect(samples(page)).toEqual(samples(prometheusText(snapshot)))
    registered[Symbol.dispose]()
    expect((await registry.getMetricsAsJSON()).length).toBe(0)
  },
)

async function expectFigures(prometheus: PrometheusServer, { orders, search }: BusyService): Promise<void> {
  const figures = orders.snapshot()
  const expected: Record<string, number> = {
    'keepwarm_client_calls_started_total{keepwarm_client_name="orders"}': figures.calls.started,
    'sum(keepwarm_client_calls_total{keepwarm_client_name="orders"})': figures.calls.started,
    'keepwarm_client_calls_total{keepwarm_client_name="orders",outcome="5xx"}': 3,
    'keepwarm_client_calls_total{keepwarm_client_name="search",outcome="aborted"}': 1,
    'sum(keepwarm_client_attempts_total{keepwarm_client_name="orders"})': 14,
    'keepwarm_client_retries_total{keepwarm_client_name="orders",reason="status_503"}': 3,
    'sum(keepwarm_client_attempt_outcomes_total{keepwarm_client_name="orders",outcome="5xx"})': 6,
    'keepwarm_client_operation_calls_total{keepwarm_operation="get \\"one\\"",outcome="successful"}': 1,
    'http_client_request_duration_seconds_count{keepwarm_client_name="orders"}':
      figures.histograms.attempt.count,
    'http_client_request_duration_seconds_sum{keepwarm_client_name="orders"}': figures.histograms.attempt.sum,
    'http_client_request_duration_seconds_bucket{keepwarm_client_name="orders",le="+Inf"}': 14,
    'http_client_request_duration_seconds_bucket{keepwarm_client_name="search",le="300"}': 5,
    'sum(keepwarm_client_phase_time_seconds_total{keepwarm_client_name="search"}) > bool 0': 1,
    'keepwarm_client_connection_limit{keepwarm_pool_name="orders+search"}': 10,
    'keepwarm_client_circuit_state{keepwarm_client_name="orders",state="closed"}': 1,
    'keepwarm_client_health{keepwarm_client_name="search",status="healthy"}': 1,
    'sum(http_client_open_connections{http_connection_state="idle"})': orders.pool.snapshot().idle,
    keepwarm_client_connection_opened_total: orders.pool.counters.opened,
  }
  expect(search.snapshot().calls.started).toBe(6)
  const seen: Record<string, number | undefined> = {}
  for (const [query, wanted] of Object.entries(expected)) seen[query] = await prometheus.value(query, wanted)
  expect(seen).toEqual(expected)
}

async function expectMetadata(prometheus: PrometheusServer, openmetrics: boolean): Promise<void> {
  const known = await prometheus.metadata()
  const duration = known['http_client_request_duration_seconds']
  expect(duration?.[0]).toMatchObject({ type: 'histogram', unit: openmetrics ? 'seconds' : '' })
  const calls = known[openmetrics ? 'keepwarm_client_calls' : 'keepwarm_client_calls_total']
  expect(calls?.[0]?.type).toBe('counter')
}
