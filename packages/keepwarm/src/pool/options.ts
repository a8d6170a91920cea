import { egressOptionNames, egressProblems, type EgressOptions } from '../egress/options.ts'
import { ConfigError, type ConfigProblem } from '../errors.ts'
import { isObject, namesOf, optionProblems } from '../known-options.ts'
import type { Runtime } from '../runtime.ts'
import type { ClientOptions } from './connection.ts'
import type { ConnectOptions, TlsOptions } from './dial.ts'
import {
  groupLimitProblems,
  groupProblems,
  resolveGroups,
  type EndpointGroupLimits,
  type EndpointGroups,
} from './groups.ts'
import { limiterProblems, resolveLimiterOption, type LimiterOption } from './limiter-options.ts'
import { defaultLimits, type PoolLimits, type QueueDiscipline } from './limits.ts'
import type { Network } from './network.ts'
import type { ProxyOption } from './proxy-route.ts'
import { resolveSizing, sizingProblems, type AdaptiveOptions } from './sizing-options.ts'

/** Limits that can be changed while the pool works. */
export interface LimitOptions {
  /** Connections in all; dials in progress and retiring connections count. Default 100. */
  readonly maxConnections?: number
  /** Connections to one origin. Default 20, never more than `maxConnections`. */
  readonly maxConnectionsPerOrigin?: number
  /** Idle connections kept in all. Default 20, never more than `maxConnections`. */
  readonly maxIdleConnections?: number
  /**
   * Requests that may wait for one origin; the next one fails at once with `queue_full`. Those for whom a dial is under
   * way don't count, so that 0 means: as many as there may be connections. Default 256.
   */
  readonly maxQueue?: number
  /**
   * Connections to one IP address, over all origins that lead there. Names are then looked up by the pool, and each dial
   * goes to the address that has fewest. Default Infinity: addresses are not looked at.
   */
  readonly maxConnectionsPerAddress?: number
  /** Dials under way at once, in all. Default 32. */
  readonly maxDials?: number
  /**
   * Whether the number of requests in flight to one origin follows what its server can do: a limit that grows while the
   * server keeps up, and shrinks when it becomes slow, says that it is too much (429, 503 with Retry-After), or no longer
   * answers. Whoever is above it waits in line. Each endpoint group has a limit of its own. true for the defaults; other
   * options, when changed, let it begin anew. Not to be confused with `adaptive`, which is about connections. Default false.
   */
  readonly limiter?: LimiterOption
  /** Limits of endpoint groups that the pool was made with, by their name. */
  readonly groups?: Readonly<Record<string, EndpointGroupLimits>>
}

/** Options of a {@link ConnectionPool}. All durations in milliseconds; nothing is unlimited unless you say so. */
export interface ConnectionPoolOptions extends Omit<LimitOptions, 'groups'>, EgressOptions {
  /**
   * Endpoint groups by their name: paths whose requests have a limit and a line of their own, so that slow ones cannot
   * starve the others. They use the connections of their origin like all requests.
   * @example groups: { generate: { paths: ['/api/generate', '/api/chat'], maxInFlight: 8 } }
   */
  readonly groups?: EndpointGroups
  /**
   * What is done about a line that has not been empty for `overloadAfter`. `fifo`: nothing, it is served in the order of
   * coming. `lifo`: the newest first, because the oldest will hardly be served in time. `codel`: whoever comes then waits
   * for `overloadWait` at most, instead of `acquireTimeout`. Default `fifo`.
   */
  readonly discipline?: QueueDiscipline
  /** How long a line must not have been empty to count as overloaded. Default 1 s. */
  readonly overloadAfter?: number
  /** How long a request waits at most that joins an overloaded line under `codel`. Default 100 ms. */
  readonly overloadWait?: number
  /** How long a request waits for a connection before it fails with `acquire_timeout`. Default 5 s. */
  readonly acquireTimeout?: number
  /** How long a dial may take: DNS, TCP, the way through a proxy, and TLS together. Default 10 s. */
  readonly connectTimeout?: number
  /**
   * How often the names of open connections are looked up again. Connections to an address that was missing twice in a row
   * finish what they carry and take nothing new. Infinity for never. Default 30 s.
   */
  readonly dnsRefresh?: number
  /** How long an idle connection is kept when the server names no time. Default 15 s. */
  readonly idleTimeout?: number
  /**
   * How long an idle connection is kept at most when the server's `Keep-Alive` header allows it (less 1 s).
   * Default: `idleTimeout` when you set that, else 60 s.
   */
  readonly maxIdleTimeout?: number
  /** How long a surplus idle connection is kept before `maxIdleConnections` closes it. Default 1 s. */
  readonly idleGrace?: number
  /**
   * Whether the number of an origin's connections follows what it needs: a few more than the peak of the last minute are
   * kept, and dialed before they are asked for, so that requests need not wait for dials; it grows at once and shrinks
   * one by one. `maxIdleConnections` and all limits hold. true for the defaults. Default false.
   */
  readonly adaptive?: boolean | AdaptiveOptions
  /** Age from which a connection takes no new request, less up to 10 % by chance. Default 5 min. */
  readonly maxConnectionAge?: number
  /** Requests that one connection serves. Default Infinity. */
  readonly maxRequestsPerConnection?: number
  /**
   * HTTP/2: a session on which nothing arrived for so long is asked for a sign of life by a ping, whether requests run
   * on it or not; also one on which a request was given up unanswered, and then at once. Servers dislike frequent pings.
   * Infinity for never. Default 15 s.
   */
  readonly pingAfter?: number
  /**
   * HTTP/2: when so long after a ping nothing has arrived either, what runs on the session fails, as if it had been
   * reset, and the session is closed. Default 5 s.
   */
  readonly pingTimeout?: number
  /** A response that nobody reads on in for so long is reported as a leak, once. Infinity for never. Default 60 s. */
  readonly leakAfter?: number
  /** Records where each request was asked for, so that a leak can be found. Costs microseconds each. Default false. */
  readonly leakStacks?: boolean
  /** Whether HTTP/2 may be negotiated (ALPN, https only). Default true. */
  readonly allowH2?: boolean
  /** TLS and socket options, or a connector of your own with undici's signature. */
  readonly connect?: ConnectOptions
  /**
   * TLS options of one https origin (a client certificate, another authority), on top of `connect`; undefined for
   * no others. Asked once per origin; TLS sessions are resumed within each origin's configuration.
   * @example tls: ({ hostname }) => (hostname === 'bank' ? { key, cert } : undefined)
   */
  readonly tls?: (origin: URL) => TlsOptions | undefined
  /** Speak HTTP/2 with http origins, without TLS and without asking; they must all understand it. Default false. */
  readonly http2PriorKnowledge?: boolean
  /**
   * The proxy that connections are tunnelled through, always by CONNECT or SOCKS 5: its URL, the URL with headers
   * and `connect` options of its own, or `environment` for HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY.
   * Default: none, whatever the environment says.
   * @example proxy: 'http://user:password@proxy:3128'
   */
  readonly proxy?: ProxyOption
  /** Options of the underlying undici Client: header sizes, its coarse header and body timeouts (300 s). */
  readonly client?: ClientOptions
  /** Limits for undici's WebSocket over this pool. */
  readonly webSocket?: object
  /** Limits for undici's EventSource over this pool. */
  readonly eventSource?: object
  /** Clock, timers and chance. For tests. */
  readonly runtime?: Runtime
  /**
   * Where connections lead instead of the machine's own network; `connect`, `tls`, `proxy`, `client` and the like then
   * say nothing. For tests.
   */
  readonly network?: Network
}

const limitNames = {
  maxConnections: true,
  maxConnectionsPerOrigin: true,
  maxIdleConnections: true,
  maxQueue: true,
  maxConnectionsPerAddress: true,
  maxDials: true,
  limiter: true,
  groups: true,
} as const satisfies Record<keyof LimitOptions, true>

const limitOptionNames = namesOf<LimitOptions>(limitNames)

export const poolOptionNames: ReadonlySet<string> = namesOf<ConnectionPoolOptions>({
  ...limitNames,
  ...egressOptionNames,
  discipline: true,
  overloadAfter: true,
  overloadWait: true,
  acquireTimeout: true,
  adaptive: true,
  dnsRefresh: true,
  connectTimeout: true,
  idleTimeout: true,
  maxIdleTimeout: true,
  idleGrace: true,
  maxConnectionAge: true,
  maxRequestsPerConnection: true,
  pingAfter: true,
  pingTimeout: true,
  leakAfter: true,
  leakStacks: true,
  allowH2: true,
  connect: true,
  tls: true,
  http2PriorKnowledge: true,
  proxy: true,
  client: true,
  webSocket: true,
  eventSource: true,
  runtime: true,
  network: true,
})

/** @throws ConfigError naming every option that a pool does not have, and what is wrong with where it may call. */
export function checkPoolOptions(options: ConnectionPoolOptions): void {
  const unknown = optionProblems(options, poolOptionNames)
  refuse(isObject(options) ? [...unknown, ...egressProblems(options)] : unknown)
}

/** @throws ConfigError naming everything that is no limit, or none that can be changed. */
export function checkLimitNames(limits: LimitOptions, groups: EndpointGroups | undefined): void {
  refuse([...optionProblems(limits, limitOptionNames), ...groupLimitProblems(limits.groups, groups)])
}

function refuse(problems: readonly ConfigProblem[]): void {
  if (problems.length > 0) throw new ConfigError(problems)
}

interface Rule {
  readonly option: keyof ConnectionPoolOptions
  readonly least: number
  readonly whole: boolean
}

const rules: readonly Rule[] = [
  { option: 'maxConnections', least: 1, whole: true },
  { option: 'maxConnectionsPerOrigin', least: 1, whole: true },
  { option: 'maxIdleConnections', least: 0, whole: true },
  { option: 'maxQueue', least: 0, whole: true },
  { option: 'maxConnectionsPerAddress', least: 1, whole: true },
  { option: 'dnsRefresh', least: 1, whole: false },
  { option: 'maxDials', least: 1, whole: true },
  { option: 'acquireTimeout', least: 0, whole: false },
  { option: 'overloadAfter', least: 0, whole: false },
  { option: 'overloadWait', least: 0, whole: false },
  { option: 'connectTimeout', least: 1, whole: false },
  { option: 'idleTimeout', least: 0, whole: false },
  { option: 'maxIdleTimeout', least: 0, whole: false },
  { option: 'idleGrace', least: 0, whole: false },
  { option: 'maxConnectionAge', least: 1, whole: false },
  { option: 'maxRequestsPerConnection', least: 1, whole: true },
  { option: 'pingAfter', least: 1, whole: false },
  { option: 'pingTimeout', least: 1, whole: false },
  { option: 'leakAfter', least: 1, whole: false },
]

/**
 * Checks the options, all of them, and fills in the defaults.
 * @throws ConfigError naming every option that is wrong.
 */
export function resolveLimits(options: ConnectionPoolOptions, changed: LimitOptions = {}): PoolLimits {
  const { groups: groupChanges, ...others } = changed
  return resolve({ ...options, ...others }, groupChanges)
}

function resolve(options: ConnectionPoolOptions, groupChanges: LimitOptions['groups']): PoolLimits {
  refuse([
    ...rules.flatMap((rule) => check(rule, options[rule.option])),
    ...groupProblems(options.groups),
    ...disciplineProblems(options.discipline),
    ...sizingProblems(options.adaptive),
    ...limiterProblems(options.limiter),
  ])
  const limiter = resolveLimiterOption(options.limiter)
  const maxConnections = options.maxConnections ?? defaultLimits.maxConnections
  const within = (value: number | undefined, fallback: number): number =>
    Math.min(value ?? fallback, maxConnections)
  return {
    ...defaultLimits,
    maxConnections,
    maxConnectionsPerOrigin: within(options.maxConnectionsPerOrigin, defaultLimits.maxConnectionsPerOrigin),
    maxIdleConnections: within(options.maxIdleConnections, defaultLimits.maxIdleConnections),
    maxQueue: options.maxQueue ?? defaultLimits.maxQueue,
    groups: resolveGroups(options.groups, groupChanges, options.maxQueue ?? defaultLimits.maxQueue, limiter),
    limiter,
    adaptive: resolveSizing(options.adaptive),
    discipline: options.discipline ?? defaultLimits.discipline,
    overloadAfter: options.overloadAfter ?? defaultLimits.overloadAfter,
    overloadWait: options.overloadWait ?? defaultLimits.overloadWait,
    maxConnectionsPerAddress: options.maxConnectionsPerAddress ?? defaultLimits.maxConnectionsPerAddress,
    maxDials: options.maxDials ?? defaultLimits.maxDials,
    idleGrace: options.idleGrace ?? defaultLimits.idleGrace,
    idleTimeout: options.idleTimeout ?? defaultLimits.idleTimeout,
    maxIdleTimeout: options.maxIdleTimeout ?? options.idleTimeout ?? defaultLimits.maxIdleTimeout,
    maxConnectionAge: options.maxConnectionAge ?? defaultLimits.maxConnectionAge,
    maxRequestsPerConnection: options.maxRequestsPerConnection ?? defaultLimits.maxRequestsPerConnection,
  }
}

const disciplines: readonly QueueDiscipline[] = ['fifo', 'lifo', 'codel']

function disciplineProblems(discipline: unknown): ConfigProblem[] {
  if (discipline === undefined || disciplines.includes(discipline as QueueDiscipline)) return []
  const received = JSON.stringify(discipline) ?? typeof discipline
  return [{ variable: 'discipline', received, expected: disciplines.join(', ') }]
}

function check({ option, least, whole }: Rule, value: unknown): ConfigProblem[] {
  if (value === undefined) return []
  const number = typeof value === 'number' ? value : NaN
  if (number >= least && (!whole || Number.isInteger(number) || number === Infinity)) return []
  return [
    {
      variable: option,
      received: typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? typeof value),
      expected: `${whole ? 'a whole number' : 'milliseconds'} from ${least}`,
    },
  ]
}
