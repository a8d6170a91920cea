import { expect, test } from 'vitest'
import { catalog, metricNames } from '../metrics/catalog.ts'
import { MOST_ORIGINS, OriginNames } from '../metrics/origin-names.ts'
import type { ObservedPool, ProcessSnapshot } from '../process-snapshot.ts'
import type { ClientSnapshot, HistogramSnapshot } from '../snapshot.ts'
import { prometheusName } from './names.ts'
import { prometheusFormat, prometheusText } from './prometheus-text.ts'
import { registerPrometheus, type PrometheusRegistry } from './register.ts'

const durations: HistogramSnapshot = { unit: 's', bounds: [0.1, 1], counts: [3, 2, 1], count: 6, sum: 4.5 }

/** What never happened is left out, as in the snapshots of a client. */
function counted(outcomes: Record<string, number>): ClientSnapshot['attemptsEnded'] {
  return outcomes as ClientSnapshot['attemptsEnded']
}

function attemptsTo(origin: string): ClientSnapshot['attemptsByOrigin'][number] {
  return { origin, ended: counted({ '2xx': 5, '5xx': 2 }), attempt: durations, queue: durations }
}

function clientOf(name: string, more: Partial<ClientSnapshot> = {}): ClientSnapshot {
  return {
    version: 1,
    name,
    at: 0,
    since: 0,
    poolId: 1,
    endpoints: ['http://search:8055'],
    health: { status: 'healthy', reasons: [] },
    guards: [],
    settings: { timeout: 1, acquireTimeout: 1, attempts: 3, hedged: false, idleTimeout: 1, envPrefix: null },
    calls: { started: 7, inFlight: 1, ended: counted({ '2xx': 5, breaker_open: 1 }), cancelled: 0 },
    attempts: { initial: 6, retry: 2, hedge: 0 },
    attemptsInFlight: 1,
    attemptsEnded: counted({ '2xx': 5, '5xx': 2 }),
    retries: { byReason: { status_503: 2 }, suppressed: {} },
    hedgesWon: 0,
    phases: { before: 10, queued: 500, connect: 200, send: 1, headers: 2_000, download: 9 },
    histograms: { call: durations, attempt: durations, queue: durations },
    attemptsByOrigin: [attemptsTo('http://search:8055')],
    operations: {},
    ...more,
  }
}

function poolOf(more: Partial<ObservedPool> = {}): ObservedPool {
  const none = { queue_full: 0, acquire_timeout: 0, dial_failed: 0, closed: 0 }
  const dialedFor = { first: 1, all_busy: 0, lost_race: 0, warm_up: 0, renewal: 0, minimum: 0, ahead: 0 }
  return {
    version: 1,
    id: 1,
    connections: 3,
    idle: 1,
    dialing: 1,
    waiting: 2,
    inFlight: 1,
    maxConnections: 100,
    maxConnectionsPerOrigin: 20,
    maxIdleConnections: 20,
    origins: [],
    counters: {
      ...{ requests: 7, reused: 5, lostUnsent: 0, lostRaces: 1, leaks: 2, dialed: 1, opened: 1 },
      ...{ dialedFor, closed: { idle: 1 }, refused: none },
    },
    ...more,
  } as ObservedPool
}

function processOf(clients: ClientSnapshot[], pools: ObservedPool[] = [poolOf()]): ProcessSnapshot {
  const facts = {
    pid: 1,
    node: '26',
    uptime: 1,
    name: 'x',
    loop: { p50: 1, p99: 20, max: 300 },
    cpu: 0,
    rss: 1,
  }
  return { version: 1, at: 0, process: facts, clients, pools, events: [] }
}

function origin(key: string, waiting = 0): ObservedPool['origins'][number] {
  return {
    ...{ origin: key, connections: 3, idle: 1, dialing: 1, inFlight: 1, waiting },
    ...{ oldestWait: 1_500, limit: null, groups: [] },
  } as unknown as ObservedPool['origins'][number]
}

test('names are those of OpenTelemetry as Prometheus spells them, with unit and _total', () => {
  const spelled = Object.fromEntries(metricNames.map((name) => [name, prometheusName(name, catalog[name])]))
  expect(spelled).toMatchObject({
    'http.client.request.duration': 'http_client_request_duration_seconds',
    'http.client.request.time_in_queue': 'http_client_request_time_in_queue_seconds',
    'http.client.open_connections': 'http_client_open_connections',
    'keepwarm.client.calls': 'keepwarm_client_calls_total',
    'keepwarm.client.phase.time': 'keepwarm_client_phase_time_seconds_total',
    'keepwarm.client.retry.budget': 'keepwarm_client_retry_budget_ratio',
    'nodejs.eventloop.delay.p99': 'nodejs_eventloop_delay_p99_seconds',
  })
  for (const name of Object.values(spelled)) expect(name).toMatch(/^[a-z][a-z0-9_]*$/)
})

test('buckets are cumulative, and those of each server name it', () => {
  const text = prometheusText(processOf([clientOf('orders')]))
  const lines = text.split('\n').filter((line) => line.startsWith('http_client_request_duration_seconds'))
  const labels = 'keepwarm_client_name="orders",server_address="search",server_port="8055"'
  expect(lines).toEqual([
    `http_client_request_duration_seconds_bucket{${labels},le="0.1"} 3`,
    `http_client_request_duration_seconds_bucket{${labels},le="1"} 5`,
    `http_client_request_duration_seconds_bucket{${labels},le="+Inf"} 6`,
    `http_client_request_duration_seconds_sum{${labels}} 4.5`,
    `http_client_request_duration_seconds_count{${labels}} 6`,
  ])
})

test('what a client does not tell apart itself is _other, too', () => {
  const figures = {
    total_requests: 4,
    successful_requests: 3,
    failed_requests: 1,
    cancelled_requests: 0,
    avg_duration_ms: 500,
  }
  const operations = { list: figures, '(others)': figures } as unknown as ClientSnapshot['operations']
  const text = prometheusText(
    processOf([clientOf('a', { operations, attemptsByOrigin: [attemptsTo('(others)')] })]),
  )
  expect(text).toContain(
    'attempt_outcomes_total{keepwarm_client_name="a",server_address="_other",outcome="5xx"} 2\n',
  )
  const at = 'keepwarm_client_name="a",keepwarm_operation="_other"'
  expect(text).toContain(`keepwarm_client_operation_calls_total{${at},outcome="failed"} 1\n`)
  expect(text).toContain(`keepwarm_client_operation_time_seconds_total{${at}} 2\n`)
})

test('phases add up: the dial is taken out of the wait', () => {
  const text = prometheusText(processOf([clientOf('a')]))
  expect(text).toContain(
    'keepwarm_client_phase_time_seconds_total{keepwarm_client_name="a",phase="queue"} 0.3\n',
  )
  expect(text).toContain(
    'keepwarm_client_phase_time_seconds_total{keepwarm_client_name="a",phase="connect"} 0.2\n',
  )
})

test('connections that are dialed are neither active nor idle, and a server without any is shown empty', () => {
  const text = prometheusText(processOf([clientOf('a')], [poolOf({ origins: [origin('https://b', 2)] })]))
  const at = 'keepwarm_pool_name="a",server_address="b",server_port="443"'
  expect(text).toContain(`http_client_open_connections{${at},http_connection_state="active"} 1\n`)
  expect(text).toContain(`keepwarm_client_connection_oldest_wait_seconds{${at}} 1.5\n`)
  const home = 'keepwarm_pool_name="a",server_address="search",server_port="8055"'
  expect(text).toContain(`keepwarm_client_connection_pending_requests{${home}} 0\n`)
})

test('what is odd in a label is escaped', () => {
  const text = prometheusText(processOf([clientOf('a "b" \\ c\nd')]))
  expect(text).toContain('keepwarm_client_active_calls{keepwarm_client_name="a \\"b\\" \\\\ c\\nd"} 1\n')
})

test('beyond 64 servers all are _other, and one that was told apart stays so in later answers', () => {
  const many = Array.from({ length: 200 }, (_, i) => origin(`http://h${i}:80`, 1))
  let shown = many
  const source = { snapshot: () => processOf([], [poolOf({ origins: shown })]) }
  const first = prometheusText(source)
  const addresses = new Set([...first.matchAll(/server_address="([^"]+)"/g)].map(([, address]) => address))
  expect(addresses.size).toBe(MOST_ORIGINS + 1)
  const others = `keepwarm_client_connection_pending_requests{keepwarm_pool_name="pool 1",server_address="_other"}`
  expect(first).toContain(`${others} ${200 - MOST_ORIGINS}\n`)
  // The longest wait of many is no sum.
  expect(first).toContain('oldest_wait_seconds{keepwarm_pool_name="pool 1",server_address="_other"} 1.5\n')
  shown = many.slice(150).concat(many[0]!)
  const second = prometheusText(source)
  expect(second).toContain('server_address="h0"')
  expect(second).toContain(`${others} 50\n`)
})

test('clients of one name become one series, by the bounds that both have', () => {
  const other: HistogramSnapshot = { unit: 's', bounds: [0.5, 1], counts: [1, 1, 1], count: 3, sum: 2 }
  const second = clientOf('a', { histograms: { call: other, attempt: durations, queue: durations } })
  const lines = prometheusText(processOf([clientOf('a'), second])).split('\n')
  const calls = lines.filter((line) => line.startsWith('keepwarm_client_operation_duration_seconds'))
  expect(calls.map((line) => line.replace(/\{.*le=("[^"]*")\}/, '{$1}').replace(/\{keep.*\}/, ''))).toEqual([
    'keepwarm_client_operation_duration_seconds_bucket{"1"} 7',
    'keepwarm_client_operation_duration_seconds_bucket{"+Inf"} 9',
    'keepwarm_client_operation_duration_seconds_sum 6.5',
    'keepwarm_client_operation_duration_seconds_count 9',
  ])
  expect(new Set(lines).size).toBe(lines.length)
})

test('OpenMetrics: counters are declared without _total, units are named, and the end is marked', () => {
  const { format, contentType } = prometheusFormat(
    'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;q=0.5',
  )
  expect(contentType).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8')
  const text = prometheusText(processOf([clientOf('a')]), { format, labels: { cell: 'eu' } })
  expect(text).toContain(
    '# TYPE keepwarm_client_phase_time_seconds counter\n# UNIT keepwarm_client_phase_time_seconds seconds\n',
  )
  expect(text).toContain('keepwarm_client_calls_total{cell="eu",keepwarm_client_name="a",outcome="2xx"} 5\n')
  expect(text.endsWith('# EOF\n')).toBe(true)
  expect(prometheusFormat(undefined).format).toBe('text')
  expect(prometheusFormat('text/plain').contentType).toBe('text/plain; version=0.0.4; charset=utf-8')
})

test('the same snapshot gives the same text', () => {
  const one = clientOf('a', { retries: { byReason: { reset: 1, connect: 2 }, suppressed: {} } })
  const other = clientOf('a', { retries: { byReason: { connect: 2, reset: 1 }, suppressed: {} } })
  expect(prometheusText(processOf([one]))).toBe(prometheusText(processOf([other])))
})

test('an origin keeps its attributes, with the port that its scheme implies', () => {
  const names = new OriginNames()
  expect(names.attributes('https://search')).toEqual({ 'server.address': 'search', 'server.port': 443 })
  expect(names.attributes('http://[::1]:81#name')).toEqual({ 'server.address': '[::1]', 'server.port': 81 })
})

class Registry implements PrometheusRegistry {
  readonly metrics: Map<string, { name: string; get(): Promise<{ values: { value: number }[] }> }> = new Map()
  registerMetric(metric: never): void {
    this.metrics.set((metric as { name: string }).name, metric)
  }
  getSingleMetric(name: string): unknown {
    return this.metrics.get(name)
  }
  removeSingleMetric(name: string): void {
    this.metrics.delete(name)
  }
}

test('a registry reads one snapshot for all metrics, and another the next time', async () => {
  const registry = new Registry()
  let taken = 0
  registerPrometheus(registry, { snapshot: () => (taken++, processOf([clientOf('a')])) })
  await Promise.all(Array.from(registry.metrics.values(), (metric) => metric.get()))
  expect(taken).toBe(1)
  await registry.metrics.get('keepwarm_client_calls_started_total')!.get()
  expect(taken).toBe(2)
})

test('what was registered is removed; what has a name already is named, and then nothing is added', () => {
  const registry = new Registry()
  const source = processOf([clientOf('a')])
  const registered = registerPrometheus(registry, source)
  expect(registry.metrics.size).toBe(metricNames.length)
  expect(() => registerPrometheus(registry, source)).toThrow('http_client_request_duration_seconds')
  registered[Symbol.dispose]()
  expect(registry.metrics.size).toBe(0)
  expect(() => registerPrometheus(null as never, source)).toThrow('registry')
})

test.each([
  ['a client', { snapshot: () => clientOf('a') }],
  ['a list', []],
  ['nothing', undefined],
])('%s is no process: what to write instead is said', (_, given) => {
  expect(() => prometheusText(given as unknown as ProcessSnapshot)).toThrow(
    /fix: prometheusText\(observe\(clients\)\)/,
  )
})
