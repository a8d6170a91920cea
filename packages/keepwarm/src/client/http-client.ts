import { Readable } from 'node:stream'
import { Dispatcher } from 'undici'
import { Breaker } from '../breaker/machine.ts'
import { KeepwarmError } from '../errors.ts'
import {
  Exchange,
  type CallHandler,
  type ExchangeHost,
  type OriginGuard,
  type Outcome,
} from '../exchange/exchange.ts'
import type { CallPlan } from '../exchange/plan.ts'
import { Timekeeper } from '../exchange/timekeeper.ts'
import { Recorder, type ClientMetrics } from '../observe/recorder.ts'
import { modernHandler } from '../pool/modern-handler.ts'
import { ConnectionPool } from '../pool/pool.ts'
import type { PoolSnapshot } from '../pool/snapshot.ts'
import { RetryBudget } from '../retry/budget.ts'
import { realRuntime, type Runtime } from '../runtime.ts'
import { Call } from './call.ts'
import { mergeHeaders, normalizeHeaders, withHeader, type WireHeaders } from './headers.ts'
import { readHealth, type Health } from './health.ts'
import { planCall, resolveBase, resolvePlan, type CallOptions, type HttpClientOptions } from './options.ts'
import { resolveTarget, type Base } from './target.ts'
import { verdictOf } from './verdict.ts'

/** The platform's fetch; its undici takes our dispatcher, and its Response is the one that SDKs know. */
const platformFetch = globalThis.fetch

/** Origins whose breaker and budget are remembered. */
const REMEMBERED_ORIGINS = 1_024
const HEALTH_TIMEOUT = 2_000

type Method = Dispatcher.HttpMethod

/**
 * An HTTP client for calling services: pooled connections, deadlines, retries that are paid for by successes, a
 * breaker per origin, and figures of all of it. It is itself an undici `Dispatcher`, so that `fetch`, `undici.request`
 * and SDKs can use it.
 *
 * Calls reject with {@link KeepwarmError}; its `code` says what happened, `phase` where, `attempts` what was tried.
 *
 * @example
 * await using client = new HttpClient({ baseUrl: 'http://search:8055', timeout: 5_000 })
 * const hits = await client.post('/api/query', { json: { q: 'pools' } }).json()
 */
export class HttpClient extends Dispatcher {
  readonly name: string
  /** The pool that carries the calls: its own, or the one it was given. */
  readonly pool: ConnectionPool
  /** A `fetch` over this client, for SDKs: `new Ollama({ fetch: client.fetch })`. */
  readonly fetch: typeof globalThis.fetch
  private readonly ownsPool: boolean
  private readonly options: HttpClientOptions
  private readonly runtime: Runtime
  private readonly base: Base | undefined
  private readonly headers: WireHeaders
  private readonly plan: CallPlan
  private readonly recorder = new Recorder()
  private readonly guards = new Map<string, OriginGuard>()
  private readonly exchangeHost: ExchangeHost
  private lastHealth: Health | undefined
  private inFlight = 0
  private closing = false
  private readonly idle = Promise.withResolvers<void>()

  /** @throws ConfigError naming every option that is wrong. */
  constructor(options: HttpClientOptions = {}) {
    super()
    this.options = options
    this.runtime = options.runtime ?? realRuntime
    const resolved = options.baseUrl === undefined ? undefined : resolveBase(options.baseUrl)
    this.base = resolved?.base
    const headers = normalizeHeaders(options.headers ?? {})
    const authorization = resolved?.authorization
    this.headers = authorization === undefined ? headers : withHeader(headers, 'authorization', authorization)
    this.plan = resolvePlan(options)
    this.name = options.name ?? (this.base === undefined ? 'default' : new URL(this.base.origin).host)
    this.ownsPool = options.pool === undefined
    this.pool = options.pool ?? new ConnectionPool(poolOptions(options))
    this.newGuard() // so that wrong options fail here, not at the first call
    this.exchangeHost = this.hostExchanges()
    this.fetch = (input, init) => platformFetch(input, { ...init, dispatcher: this } as unknown as RequestInit)
  }

  get(path: string, options?: CallOptions): Call {
    return this.call('GET', path, options)
  }
  head(path: string, options?: CallOptions): Call {
    return this.call('HEAD', path, options)
  }
  post(path: string, options?: CallOptions): Call {
    return this.call('POST', path, options)
  }
  put(path: string, options?: CallOptions): Call {
    return this.call('PUT', path, options)
  }
  patch(path: string, options?: CallOptions): Call {
    return this.call('PATCH', path, options)
  }
  delete(path: string, options?: CallOptions): Call {
    return this.call('DELETE', path, options)
  }

  /** A call with any method. `path` is joined to the base URL; without one it is a whole URL. */
  call(method: Method, path: string, options?: CallOptions): Call {
    const what = `${method} ${path.split(/[?#]/, 1)[0]}`
    return new Call(
      (handler) => this.send(method, path, options, handler),
      what,
      options?.throwOnStatus ?? true,
    )
  }

  /** Accepts any dispatcher call, such as those of `undici.request` and `fetch`, under the client's own policies. */
  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    this.exchange(this.plan, options, modernHandler(handler))
    return true
  }

  /** The figures so far, under the original system's names. */
  getMetrics(): ClientMetrics {
    return this.recorder.metrics(this.breakerState(), this.lastHealth?.healthy)
  }

  resetMetrics(): void {
    this.recorder.reset()
  }

  /** The pool at this moment. */
  snapshot(): PoolSnapshot {
    return this.pool.snapshot()
  }

  /**
   * Asks `healthPath` (2 s, one attempt, past the breaker). Never rejects. A service that answers 200 but calls itself
   * unhealthy is unhealthy.
   */
  async checkHealth(): Promise<Health> {
    const startedAt = this.runtime.now()
    const facts = (): { response_time_ms: number; last_check: string } => ({
      response_time_ms: this.runtime.now() - startedAt,
      last_check: new Date(this.runtime.wallClock()).toISOString(),
    })
    try {
      const plan = { ...planCall(this.plan, { timeout: HEALTH_TIMEOUT, retry: false }), guarded: false }
      const path = this.options.healthPath ?? '/health'
      const call = new Call(
        (handler) => this.send('GET', path, undefined, handler, plan),
        `GET ${path}`,
        false,
      )
      const response = await call
      const health = await readHealth(response)
      this.lastHealth = { ...health, status_code: response.status, ...facts() }
    } catch (error) {
      this.lastHealth = { healthy: false, error: (error as Error).message, ...facts() }
    }
    return this.lastHealth
  }

  /**
   * Takes no new calls, lets those under way finish, retries included, then closes its own pool. Resolves when the
   * last socket is gone. With `timeout` (ms) whatever is left then is destroyed.
   */
  override close(options?: { timeout?: number }): Promise<void>
  override close(callback: () => void): void
  override close(how?: { timeout?: number } | (() => void)): Promise<void> | void {
    this.closing = true
    if (this.inFlight === 0) this.idle.resolve()
    const options = typeof how === 'object' ? how : {}
    const closed = this.closeAfter(options.timeout)
    if (typeof how === 'function') return void closed.then(how)
    return closed
  }

  /** Ends everything under way with `error`. */
  override destroy(error?: Error | null): Promise<void>
  override destroy(callback: () => void): void
  override destroy(error: Error | null, callback: () => void): void
  override destroy(error?: Error | null | (() => void), callback?: () => void): Promise<void> | void {
    if (typeof error === 'function') return this.destroy(null, error)
    this.closing = true
    const done = this.ownsPool ? this.pool.destroy(error ?? null) : this.idle.promise
    if (this.inFlight === 0) this.idle.resolve()
    if (callback !== undefined) return void done.then(callback)
    return done
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  private async closeAfter(timeout: number | undefined): Promise<void> {
    const late = (): void =>
      void this.pool.destroy(new KeepwarmError('closed', `still busy ${timeout} ms after close()`))
    const timer = timeout === undefined ? undefined : this.runtime.after(timeout, late)
    await this.idle.promise
    if (this.ownsPool) await this.pool.close()
    timer?.cancel()
  }

  private send(
    method: Method,
    path: string,
    options: CallOptions | undefined,
    handler: CallHandler,
    plan: CallPlan = this.plan,
  ): void {
    try {
      const { origin, path: wirePath } = resolveTarget(this.base, path, options?.query)
      let headers = mergeHeaders(this.headers, options?.headers)
      let body: unknown = null
      if (options?.json !== undefined) {
        body = JSON.stringify(options.json)
        headers = withHeader(headers, 'content-type', 'application/json')
      } else if (options?.body instanceof URLSearchParams) {
        body = options.body.toString()
        headers = withHeader(headers, 'content-type', 'application/x-www-form-urlencoded')
      } else if (options?.body !== undefined) {
        body = isChunks(options.body) ? Readable.from(options.body) : options.body
      }
      const wire = { origin, path: wirePath, method, headers, body, headersTimeout: 0, bodyTimeout: 0 }
      this.exchange(planCall(plan, options), wire as Dispatcher.DispatchOptions, handler)
    } catch (error) {
      handler.onResponseError?.(null as never, asInvalid(error))
    }
  }

  private exchange(plan: CallPlan, options: Dispatcher.DispatchOptions, handler: CallHandler): void {
    if (this.closing) {
      const closed = new KeepwarmError('closed', `the client "${this.name}" is closed`, { phase: 'admit' })
      return handler.onResponseError?.(null as never, closed)
    }
    this.inFlight++
    new Exchange(this.exchangeHost, plan, options, handler).start()
  }

  private hostExchanges(): ExchangeHost {
    const { runtime, pool, recorder } = this
    return {
      runtime,
      pool,
      timekeeper: new Timekeeper(runtime),
      guard: (origin) => this.guards.get(origin) ?? this.remember(origin),
      retried: (reason) => recorder.retried(reason),
      breakerChanged: (change) => {
        if (change === 'opened') recorder.breakerOpened()
      },
      ended: (exchange, outcome) => this.ended(exchange, outcome),
    }
  }

  private ended(exchange: Exchange, outcome: Outcome): void {
    const error = 'error' in outcome ? outcome.error : undefined
    this.recorder.ended(verdictOf(outcome), this.runtime.now() - exchange.startedAt, exchange.attempt, error)
    this.inFlight--
    if (this.closing && this.inFlight === 0) this.idle.resolve()
  }

  private remember(origin: string): OriginGuard {
    if (this.guards.size >= REMEMBERED_ORIGINS) {
      const now = this.runtime.now()
      for (const [key, guard] of this.guards)
        if (guard.breaker.state(now) === 'closed') this.guards.delete(key)
    }
    const guard = this.newGuard()
    this.guards.set(origin, guard)
    return guard
  }

  private newGuard(): OriginGuard {
    const { breaker, budget } = this.options
    return { breaker: new Breaker(breaker === false ? {} : breaker), budget: new RetryBudget(budget) }
  }

  private breakerState(): 'closed' | 'open' | 'half-open' {
    const now = this.runtime.now()
    let worst: 'closed' | 'open' | 'half-open' = 'closed'
    for (const { breaker } of this.guards.values()) {
      const state = breaker.state(now)
      if (state === 'open') return 'open'
      if (state === 'half-open') worst = 'half-open'
    }
    return worst
  }
}

/** A client of one upstream may use its whole pool for it; undici's coarse timers are off, the exchange keeps time. */
function poolOptions(options: HttpClientOptions): ConstructorParameters<typeof ConnectionPool>[0] {
  const { maxConnections = 100, baseUrl } = options
  return {
    ...options,
    maxConnectionsPerOrigin: options.maxConnectionsPerOrigin ?? (baseUrl === undefined ? 20 : maxConnections),
    client: { headersTimeout: 0, bodyTimeout: 0 },
  }
}

function isChunks(body: object | string): body is AsyncIterable<Uint8Array | string> {
  return typeof body === 'object' && Symbol.asyncIterator in body && !(body instanceof Readable)
}

function asInvalid(error: unknown): Error {
  if (error instanceof KeepwarmError) return error
  const message = error instanceof Error ? error.message : String(error)
  return new KeepwarmError('invalid_request', `the request cannot be sent: ${message}`, {
    phase: 'admit',
    cause: error,
  })
}
