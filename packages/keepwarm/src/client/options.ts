/** What a client and a call may be told. What becomes of it is in plan.ts. */
import type { Dispatcher } from 'undici'
import type { BalanceOptions } from '../balance/options.ts'
import type { BreakerOptions } from '../breaker/options.ts'
import type { DeadlineHeader } from '../deadline/header.ts'
import type { Hooks } from '../exchange/hooks.ts'
import type { CheckOptions } from '../health/options.ts'
import type { HedgeOptions } from '../hedge/options.ts'
import type { Logger } from '../observe/logging/logger.ts'
import type { Priority } from '../pool/lanes.ts'
import type { ConnectionPoolOptions } from '../pool/options.ts'
import type { ConnectionPool } from '../pool/pool.ts'
import type { BudgetOptions } from '../retry/budget.ts'
import type { RetryOptions } from '../retry/options.ts'
import type { DecodeOptions } from './decode/reading.ts'
import type { MetricsOptions } from './metrics-options.ts'
import type { CookieJar } from './cookies.ts'
import type { BodyPart } from './body/bytes.ts'
import type { BodySource } from './body/parts.ts'
import type { ResponseHeaders } from './collect.ts'
import type { OnProgress } from './progress.ts'
import type { Query } from './query.ts'

/** What a client does by itself about failures. */
export type Resilience = 'standard' | 'hedged' | 'none'

/** Header names and values; undefined takes a default header away. Or a `Headers`, a Map, or pairs. */
export type HeaderInit =
  | Readonly<Record<string, string | readonly string[] | undefined>>
  | Iterable<readonly [string, string | readonly string[] | undefined]>

/**
 * What a body may be. A stream, an iterable and a generator can be sent once; all else can be sent again, and so can what
 * a function makes for each attempt.
 */
export type RequestBody =
  | BodyPart
  | Blob
  | FormData
  | URLSearchParams
  | BodySource
  | (() => BodySource | BodyPart | Blob | Promise<BodySource | BodyPart | Blob>)

/** Time limits of a call, in milliseconds; Infinity switches one off. */
export interface TimeoutOptions {
  /** The whole call: waiting, all attempts, the waits between them, and the body. Default 30 s. */
  readonly timeout?: number
  /** One attempt, from asking for a connection to the end of the body. Default: what is left of `timeout`. */
  readonly attemptTimeout?: number
  /** From the request's last byte to the response's headers. Default: what is left of the attempt. */
  readonly headersTimeout?: number
  /** The longest pause while the request is sent. Default 5 s. */
  readonly writeTimeout?: number
  /** The longest pause between two parts of the response's body. Default 10 s. */
  readonly bodyIdleTimeout?: number
}

/** Options of an {@link HttpClient}; those of its pool among them, unless it shares one. */
export interface HttpClientOptions
  extends TimeoutOptions, DecodeOptions, Omit<ConnectionPoolOptions, 'client'> {
  /** For messages and figures. Default: the base URL's host, or `default`. */
  readonly name?: string
  /**
   * Where paths lead; its own path is kept in front of them. A user name and password become an Authorization header.
   * Several, which differ in their origins alone, are endpoints of one service: each attempt goes to one of them.
   */
  readonly baseUrl?: string | URL | readonly (string | URL)[]
  /** How attempts are spread over the endpoints, where `baseUrl` names several. */
  readonly balance?: BalanceOptions
  /** A pool to share. The client then neither configures nor closes it. */
  readonly pool?: ConnectionPool
  /** Sent with every call. */
  readonly headers?: HeaderInit
  /** When and how often a call is tried again; false for never. Default 3 attempts in all. */
  readonly retry?: RetryOptions | false
  /** What pays for retries. */
  readonly budget?: BudgetOptions
  /** When an origin is left alone; false for never. */
  readonly breaker?: BreakerOptions | false
  /**
   * Sends a second attempt of idempotent calls beside one that is slow, and takes the answer that comes first. Default
   * false.
   */
  readonly hedge?: HedgeOptions | boolean
  /**
   * What the options above are when they are not given: `standard` as they say, `hedged` with hedging besides, `none`
   * without retries, breaker and hedging. Default `standard`.
   */
  readonly resilience?: Resilience
  /** With less time left than this, in ms, no attempt is begun. Default 0. */
  readonly attemptFloor?: number
  /** The header in which the server is told how much time is left. Default: none. */
  readonly deadlineHeader?: DeadlineHeader
  /**
   * undici's interceptors, between the calls and the pool: they see each attempt, within its limits. As with `compose()`
   * the last one sees it first. Default: none.
   */
  readonly interceptors?: readonly Dispatcher.DispatcherComposeInterceptor[]
  /**
   * Keeps the cookies of responses and sends them where they belong: a jar of `tough-cookie`, or one like it. Default: none.
   */
  readonly cookies?: CookieJar
  /** What is done on the way of each call, such as signing it: see docs/hooks.md. Default: nothing. */
  readonly hooks?: Hooks
  /** The most bytes of a response's body, on the wire and decoded. Default 64 MiB. */
  readonly maxResponseBytes?: number
  /**
   * Whether, and how many times, calls go where a redirect leads; true for 10. Another origin gets none of the headers
   * that may hold secrets. `client.fetch` follows by its own rules, those of the standard. Default false.
   */
  readonly followRedirects?: boolean | number
  /**
   * Where its lines go: pino, `console`, or what has their methods. One for each call at debug, one for each anomaly at warn,
   * of which storms make few; see docs/telemetry.md. Default: nowhere.
   */
  readonly logger?: Logger
  /** How its figures are kept: see docs/metrics.md. */
  readonly metrics?: MetricsOptions
  /** What health checks ask for. Default `/health`. */
  readonly healthPath?: string
  /**
   * Asks every endpoint of `baseUrl` for `healthPath` again and again; one that fails takes no part until it is well.
   * true for the defaults: every 10 s, down after 3 failures, up after 2 passes. Default false.
   */
  readonly healthChecks?: CheckOptions | boolean
  /**
   * Connections that are dialed to each endpoint of `baseUrl` at once, before the first call. A dial that fails is told
   * by `health()`; the first call tries again. Default 0.
   */
  readonly warmUp?: number
  /**
   * Connections that are kept open to each endpoint of `baseUrl`, as far as the pool's limits allow, until the client is
   * closed. Default 0.
   */
  readonly minConnections?: number
}

/** What one call may say for itself. */
export interface CallOptions extends TimeoutOptions, DecodeOptions {
  /**
   * How long each attempt waits for a connection, in ms, before the call fails with `acquire_timeout`. Default: as the
   * client has it, 5 s. There is no `connectTimeout` of a call: a dial serves whoever waits, and outlives who left.
   */
  readonly acquireTimeout?: number
  /** What is done on its way, after what the client does. */
  readonly hooks?: Hooks
  /** Added to a query that the path has. */
  readonly query?: Query
  readonly headers?: HeaderInit
  /** A value to send as JSON. One of `json`, `form` and `body`. */
  readonly json?: unknown
  /** Names and values to send as application/x-www-form-urlencoded. */
  readonly form?: Query
  /** A body to send as it is; FormData goes as multipart/form-data, and its files are never held in memory. */
  readonly body?: RequestBody
  /**
   * Whether the body waits until the server says that it wants it (100 Continue). Over HTTP/2 alone; where the server
   * speaks HTTP/1.1 the call is refused. Default false.
   */
  readonly expectContinue?: boolean
  /** Told with each part of the body that is given to the connection. */
  readonly onUploadProgress?: OnProgress
  /** Told with each part of the response's body that arrives. */
  readonly onDownloadProgress?: OnProgress
  /**
   * What the call is, for figures and hooks: one name of few, such as `search.query`, never with an id in it. Default: none.
   */
  readonly operation?: string
  /** Told what the server sent after the body, by names in lower case, where it sent any; before the call resolves. */
  readonly onTrailers?: (trailers: ResponseHeaders) => void
  readonly signal?: AbortSignal
  readonly retry?: RetryOptions | false
  /** Whether a second attempt may go out beside a slow one, where the client hedges. Default true. */
  readonly hedge?: boolean
  /** `none`: one attempt, past the breaker. Default: as the client has it. */
  readonly resilience?: 'none'
  /**
   * Whether a GET whose body breaks off is asked for the rest, where the server names the version with a strong ETag.
   * The caller sees one body. Default false.
   */
  readonly resume?: boolean
  /** Whether the server may get it twice. Default: by the method, or an Idempotency-Key header. */
  readonly idempotent?: boolean
  /** Whether it is served before or after others that wait for a connection. Default `auto`. */
  readonly priority?: Priority
  /** Whether the shorthands throw HttpStatusError when the status is not from 200 to 299. Default true. */
  readonly throwOnStatus?: boolean
  /** Whether, and how many times, it goes where a redirect leads; true for 10. Default: as the client has it. */
  readonly followRedirects?: boolean | number
  readonly maxResponseBytes?: number
}
