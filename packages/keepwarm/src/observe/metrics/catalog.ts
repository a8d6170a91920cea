/**
 * Every metric that keepwarm shows, once: under its OpenTelemetry name, from which that of Prometheus follows. Those of the
 * conventions have the conventions' names; all others stand under `keepwarm.client`. Names, kinds and units are what
 * dashboards and alerts hold on to: add, do not rename.
 */

/** What adds up, what goes up and down, and what is divided into buckets. */
export type MetricKind = 'counter' | 'gauge' | 'histogram'

/** Seconds, a share from 0 to 1, or things that are counted: UCUM, as OpenTelemetry writes it. */
export type MetricUnit = 's' | '1' | `{${string}}`

export interface MetricRow {
  readonly kind: MetricKind
  readonly unit: MetricUnit
  /** One sentence. */
  readonly text: string
  /** How the values of several become one: of those beyond the limit of origins, of processes. Default `sum`. */
  readonly joined?: 'max'
}

const ofClients = {
  'http.client.request.duration': {
    kind: 'histogram',
    unit: 's',
    text: 'Attempts that were sent, from the first byte written to the end of the body.',
  },
  'http.client.request.time_in_queue': {
    kind: 'histogram',
    unit: 's',
    text: 'How long attempts waited for a connection, dials that they waited for included.',
  },
  'keepwarm.client.operation.duration': {
    kind: 'histogram',
    unit: 's',
    text: 'Calls as their callers see them: waiting, all attempts, the pauses between them, and the body.',
  },
  'keepwarm.client.calls.started': { kind: 'counter', unit: '{call}', text: 'Calls that began.' },
  'keepwarm.client.calls': {
    kind: 'counter',
    unit: '{call}',
    text: 'Calls that ended, by the class of their status or the code of their error; aborted are those that were cancelled.',
  },
  'keepwarm.client.active_calls': { kind: 'gauge', unit: '{call}', text: 'Calls under way.' },
  'keepwarm.client.operation.calls': {
    kind: 'counter',
    unit: '{call}',
    text: 'Calls that ended, by the operation that they name: successful, failed or cancelled.',
  },
  'keepwarm.client.operation.time': {
    kind: 'counter',
    unit: 's',
    text: 'Time of calls that ended, by the operation that they name.',
  },
  'keepwarm.client.attempts': {
    kind: 'counter',
    unit: '{attempt}',
    text: 'Attempts that began, by why: initial, retry or hedge.',
  },
  'keepwarm.client.attempt.outcomes': {
    kind: 'counter',
    unit: '{attempt}',
    text: 'Attempts that ended, by outcome: what the server did before retries mended it.',
  },
  'keepwarm.client.retries': {
    kind: 'counter',
    unit: '{attempt}',
    text: 'Attempts that went out again, by how the one before them ended.',
  },
  'keepwarm.client.retries.suppressed': {
    kind: 'counter',
    unit: '{attempt}',
    text: 'Retries that were not made, by why not; budget_empty is a dependency that fails too often.',
  },
  'keepwarm.client.hedges.won': {
    kind: 'counter',
    unit: '{attempt}',
    text: 'Second attempts beside a slow one that gave the answer.',
  },
  'keepwarm.client.rejections': {
    kind: 'counter',
    unit: '{request}',
    text: 'What we refused ourselves: breaker_open, queue_full, acquire_timeout, closed.',
  },
  'keepwarm.client.phase.time': {
    kind: 'counter',
    unit: 's',
    text: 'Where the time of calls went: before, queue, connect, send, headers, download. They do not overlap.',
  },
  'keepwarm.client.circuit.state': {
    kind: 'gauge',
    unit: '{breaker}',
    text: 'Breakers in this state: 1 for the state that a breaker is in, 0 for the others.',
  },
  'keepwarm.client.circuit.transitions': {
    kind: 'counter',
    unit: '{transition}',
    text: 'How often breakers opened, half-opened and closed.',
  },
  'keepwarm.client.retry.budget': {
    kind: 'gauge',
    unit: '1',
    text: 'The share of the retry budget that is left.',
  },
  'keepwarm.client.health': {
    kind: 'gauge',
    unit: '{client}',
    text: 'Clients in this state of health: 1 for the state that a client is in, 0 for the others.',
  },
} as const

const ofPools = {
  'http.client.active_requests': {
    kind: 'gauge',
    unit: '{request}',
    text: 'Requests that have a connection.',
  },
  'http.client.open_connections': {
    kind: 'gauge',
    unit: '{connection}',
    text: 'Connections that are open, active or idle.',
  },
  'keepwarm.client.connection.dialing': {
    kind: 'gauge',
    unit: '{connection}',
    text: 'Connections that are being dialed.',
  },
  'keepwarm.client.connection.pending_requests': {
    kind: 'gauge',
    unit: '{request}',
    text: 'Requests that wait for a connection.',
  },
  'keepwarm.client.connection.oldest_wait': {
    kind: 'gauge',
    unit: 's',
    text: 'How long the request has waited that has waited longest.',
    joined: 'max',
  },
  'keepwarm.client.connection.limit': {
    kind: 'gauge',
    unit: '{connection}',
    text: 'Connections that a pool may have in all (maxConnections).',
  },
  'keepwarm.client.connection.origin.limit': {
    kind: 'gauge',
    unit: '{connection}',
    text: 'Connections that a pool may have to one origin (maxConnectionsPerOrigin).',
  },
  'keepwarm.client.connection.idle.max': {
    kind: 'gauge',
    unit: '{connection}',
    text: 'Idle connections that a pool keeps (maxIdleConnections).',
  },
  'keepwarm.client.concurrency.limit': {
    kind: 'gauge',
    unit: '{request}',
    text: 'Requests at a time that the adaptive limit allows at the moment; absent without one.',
  },
  'keepwarm.client.connection.acquires': {
    kind: 'counter',
    unit: '{request}',
    text: 'Requests that asked for a connection.',
  },
  'keepwarm.client.connection.reused': {
    kind: 'counter',
    unit: '{request}',
    text: 'Requests that went out on a connection that had served before.',
  },
  'keepwarm.client.connection.dialed': {
    kind: 'counter',
    unit: '{connection}',
    text: 'Dials that began, by why.',
  },
  'keepwarm.client.connection.opened': {
    kind: 'counter',
    unit: '{connection}',
    text: 'Dials that became a connection.',
  },
  'keepwarm.client.connection.closed': {
    kind: 'counter',
    unit: '{connection}',
    text: 'Connections that ended, and dials that failed, by why.',
  },
  'keepwarm.client.connection.lost': {
    kind: 'counter',
    unit: '{request}',
    text: 'Requests whose connection was gone as they went out, and that were given another: race or unsent.',
  },
  'keepwarm.client.connection.refused': {
    kind: 'counter',
    unit: '{request}',
    text: 'Requests that got no connection, by why.',
  },
  'keepwarm.client.leaks': {
    kind: 'counter',
    unit: '{response}',
    text: 'Responses whose body nobody read on in, so that they held a connection (leakAfter).',
  },
} as const

const ofProcess = {
  'nodejs.eventloop.delay.p50': {
    kind: 'gauge',
    unit: 's',
    text: 'Median delay of the event loop, lately.',
    joined: 'max',
  },
  'nodejs.eventloop.delay.p99': {
    kind: 'gauge',
    unit: 's',
    text: 'Delay of the event loop that one of a hundred exceeds, lately.',
    joined: 'max',
  },
  'nodejs.eventloop.delay.max': {
    kind: 'gauge',
    unit: 's',
    text: 'Longest delay of the event loop, lately.',
    joined: 'max',
  },
} as const

export type MetricName = keyof typeof ofClients | keyof typeof ofPools | keyof typeof ofProcess

/** In the order in which they are shown. */
export const catalog: Readonly<Record<MetricName, MetricRow>> = { ...ofClients, ...ofPools, ...ofProcess }

export const metricNames: readonly MetricName[] = Object.keys(catalog) as MetricName[]
