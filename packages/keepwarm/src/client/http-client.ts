import { Dispatcher } from 'undici'
import { ConfigError, KeepwarmError } from '../errors.ts'
import { breakerDefaults } from '../breaker/options.ts'
import type { CallHandler } from '../exchange/host.ts'
import type { CallPlan } from '../exchange/plan.ts'
import type { VerdictOptions } from '../health/options.ts'
import type { HistorySlice } from '../observe/history.ts'
import type { ClientMetrics } from '../observe/recorder.ts'
import type { ClientSnapshot, RecentEvent } from '../observe/snapshot.ts'
import { checkClose, type CloseOptions } from '../pool/arguments.ts'
import { modernHandler } from '../pool/modern-handler.ts'
import { ConnectionPool } from '../pool/pool.ts'
import { realRuntime, type Runtime } from '../runtime.ts'
import { resolveBases } from './base.ts'
import { ClientBreakers } from './breakers.ts'
import { Call } from './call.ts'
import { Calls } from './calls.ts'
import { planChanges, type ClientChanges } from './changes.ts'
import { asking, readingOf } from './decode/reading.ts'
import { makeFetch } from './fetch/fetch.ts'
import { EveryRequest } from './fetch/fetch-headers.ts'
import { beneath } from './intercepted.ts'
import { normalizeHeaders, withHeader } from './headers.ts'
import { ClientHealth } from './health/of-client.ts'
import type { HealthReport } from './health/report.ts'
import type { Health } from './health/health.ts'
import { lookAt } from './look.ts'
import type { CallOptions, HttpClientOptions } from './options.ts'
import { guardOptions, planCall, resolvePlan } from './plan.ts'
import { poolOptions } from './pool-options.ts'
import { snapshotOf } from './snapshot.ts'
import { watched } from './watching.ts'
import { Journey, type JourneyHost } from './redirects/journey.ts'
import type { CallHost } from './sending.ts'
import { asInvalid, closeUnsent, wireRequest, type Defaults } from './wire-request.ts'

/** A client holds credentials, which must not end up in a log. */
const forConsole = Symbol.for('nodejs.util.inspect.custom')

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
  /** Its breakers: to look at, to hold open or closed, to save and restore. */
  readonly breakers: ClientBreakers
  private readonly ownsPool: boolean
  private readonly runtime: Runtime
  private readonly defaults: Defaults
  private readonly callHost: CallHost
  private options: HttpClientOptions
  private plan: CallPlan
  private readonly calls: Calls
  private readonly journeys: JourneyHost
  private readonly ownHealth: ClientHealth

  /** @throws ConfigError naming every option that is wrong; `invalid_request` for a header that is none. */
  constructor(options: HttpClientOptions = {}) {
    super()
    this.options = options
    this.plan = resolvePlan(options)
    const resolved = options.baseUrl === undefined ? undefined : resolveBases(options.baseUrl)
    const headers = normalizeHeaders(options.headers ?? {})
    const authorization = resolved?.authorization
    this.runtime = options.runtime ?? realRuntime
    const asks = asking(headers, { decompress: options.decompress ?? true })
    this.defaults = {
      base: resolved?.base,
      headers: authorization === undefined ? asks : withHeader(asks, 'authorization', authorization),
    }
    this.callHost = {
      base: resolved?.base,
      endpoints: resolved?.origins ?? [],
      reading: readingOf(options),
      runtime: this.runtime,
      patience: () => Math.min(this.plan.timeouts.headers, this.plan.timeouts.total),
      send: (method, path, said, handler) => this.send(method, path, said, handler),
    }
    this.name = options.name ?? (resolved === undefined ? 'default' : new URL(resolved.base.origin).host)
    this.ownsPool = options.pool === undefined
    this.pool = options.pool ?? new ConnectionPool(poolOptions(options))
    const guards = guardOptions(options, this.plan)
    const { name, runtime, pool, plan, defaults } = this
    const endpoints = resolved?.origins ?? []
    const { metrics, logger, interceptors } = options
    const look = lookAt({ pool, runtime, snapshot: () => this.snapshot(), loop: () => this.calls.loop })
    const calls = new Calls({
      ...{ name, runtime, pool: beneath(pool, interceptors), endpoints, metrics, logger, look, ...guards },
      gauged: { pool, isOwn: this.ownsPool },
    })
    this.calls = calls
    this.breakers = new ClientBreakers(calls.origins, runtime, endpoints, name)
    const window = guards.breaker?.window ?? breakerDefaults.window
    const { healthPath = '/health', healthChecks, warmUp, minConnections } = options
    this.ownHealth = new ClientHealth({
      ...{ runtime, pool, calls, plan, defaults, endpoints, window },
      ...{ healthPath, healthChecks, warmUp, minConnections },
    })
    this.journeys = { runtime, calls, endpoints }
    const { reading } = this.callHost
    const every = new EveryRequest(defaults, reading)
    const host = { runtime, calls, plan, defaults, every, reading, dispatcher: this, pool }
    this.fetch = makeFetch(Object.defineProperty(host, 'plan', { get: () => this.plan }))
    Object.defineProperty(this, forConsole, { value: () => `HttpClient { ${this.name} }` })
  }

  get(path: string | URL, options?: CallOptions): Call {
    return this.call('GET', path, options)
  }
  head(path: string | URL, options?: CallOptions): Call {
    return this.call('HEAD', path, options)
  }
  post(path: string | URL, options?: CallOptions): Call {
    return this.call('POST', path, options)
  }
  put(path: string | URL, options?: CallOptions): Call {
    return this.call('PUT', path, options)
  }
  patch(path: string | URL, options?: CallOptions): Call {
    return this.call('PATCH', path, options)
  }
  delete(path: string | URL, options?: CallOptions): Call {
    return this.call('DELETE', path, options)
  }

  /** A call with any method. `path` is joined to the base URL; without one it is a whole URL. */
  call(method: Method, path: string | URL, options?: CallOptions): Call {
    const target = path instanceof URL ? path.href : path
    return new Call(this.callHost, method, target, options)
  }

  /** Accepts any dispatcher call, such as those of `undici.request` and `fetch`, under the client's own policies. */
  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    this.calls.begin(this.plan, options, modernHandler(handler))
    return true
  }

  /** The figures so far, under the original system's names. */
  getMetrics(): ClientMetrics {
    return this.calls.recorder.metrics(this.calls.origins.state(), this.ownHealth.last?.healthy)
  }

  resetMetrics(): void {
    this.calls.recorder.reset()
  }

  /**
   * Connects before the first call: dials until its pool has `count` connections to the base URL's origin, or to
   * `origin`, as far as the limits allow. Resolves with the number that is ready, rejects with the dial's error when
   * one fails, with ConfigError when there is neither a base URL nor an origin.
   *
   * @example await client.warm(5)
   */
  async warm(count: number, origin: string | URL | undefined = this.defaults.base?.origin): Promise<number> {
    if (origin !== undefined) return this.pool.warm(origin, count)
    const expected = 'an origin such as http://search:8055, as the client has no baseUrl'
    throw new ConfigError([{ variable: 'origin', received: 'undefined', expected }])
  }

  /**
   * New settings while it works, all or none: limits of its own pool at once, the rest for calls that begin from now on.
   * @throws ConfigError naming what is wrong, or cannot change while the client works; `dryRun` does no more than that.
   * @example client.configure({ timeout: 2_000, maxConnections: 50 })
   */
  configure(changes: ClientChanges, how: { readonly dryRun?: boolean } = {}): void {
    const { options, plan, limits } = planChanges(this.options, changes)
    if (how.dryRun === true) return
    if (this.ownsPool) this.pool.setLimits(limits)
    this.options = options
    this.plan = plan
  }

  /** All that is counted, and how it is at this moment: JSON-safe and versioned. See docs/metrics.md; `pool` has its own. */
  snapshot(): ClientSnapshot {
    const { name, runtime, pool, plan, calls } = this
    const { recorder, origins, endpoints } = calls
    const health = this.ownHealth.report()
    return snapshotOf({ name, runtime, pool, plan, recorder, origins, endpoints, health }, this)
  }

  /**
   * What it did in each second of the last quarter of an hour, from the unix second `since` on, as far as the seconds are
   * over. The next slice begins at `from + seconds`. Default: all.
   */
  history(since: number = 0): HistorySlice {
    return this.calls.recorder.historySince(since, this.runtime.now())
  }

  /** What happened lately: breakers that opened, the first of many refusals; those with a number above `after`. */
  recentEvents(after: number = 0): RecentEvent[] {
    return this.calls.recorder.events.recent(after)
  }

  /** True once close() or destroy() was called. */
  get closed(): boolean {
    return this.calls.isClosing
  }

  /**
   * Asks every endpoint for `healthPath` now (2 s, one attempt, past the breakers and the figures). Never rejects. The
   * service is well when one endpoint is; one that answers 200 but calls itself unhealthy is not.
   */
  checkHealth(): Promise<Health> {
    return this.ownHealth.check()
  }

  /**
   * How it is by what is known already, at once and without a request: by how calls ended lately, the breakers, who waits
   * for a connection, and what checks found. JSON-safe, for a `/health` of your own.
   *
   * @param thresholds from which numbers on something is no longer healthy.
   * @throws ConfigError when a threshold cannot be used.
   * @example
   * const { status, reasons } = client.health()
   * // unhealthy, ['37 of 60 requests failed (62 %) in the last 10 s']
   */
  health(thresholds?: VerdictOptions): HealthReport {
    return this.ownHealth.report(thresholds)
  }

  /**
   * Takes no new calls, lets those under way finish, retries included, then closes its own pool. Resolves when the
   * last socket is gone. With `timeout` (ms) whatever is left then is ended. Rejects with ConfigError, and closes
   * nothing, when the timeout is no number from 0.
   */
  override close(options?: CloseOptions): Promise<void>
  override close(callback: () => void): void
  override close(how?: CloseOptions | (() => void)): Promise<void> | void {
    if (typeof how === 'function') return void this.closeAfter().then(how)
    return this.closeAfter(how)
  }

  /** Ends everything under way with `error`, and its own pool. */
  override destroy(error?: Error | null): Promise<void>
  override destroy(callback: () => void): void
  override destroy(error: Error | null, callback: () => void): void
  override destroy(error?: Error | null | (() => void), callback?: () => void): Promise<void> | void {
    if (typeof error === 'function') return this.destroy(null, error)
    this.ownHealth.stop()
    const idle = this.calls.close()
    this.calls.endAll(error ?? new Error('the client was destroyed'), error ?? undefined)
    const done = this.ownsPool ? this.pool.destroy(error ?? null) : idle
    if (callback !== undefined) return void done.then(callback)
    return done
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  private async closeAfter(options?: CloseOptions): Promise<void> {
    checkClose(options)
    this.ownHealth.stop()
    const idle = this.calls.close()
    const { timeout } = options ?? {}
    const late = (): void => {
      const cause = new KeepwarmError('closed', `still busy ${timeout} ms after close()`)
      this.calls.endAll(cause)
      if (this.ownsPool) void this.pool.destroy(cause)
    }
    const timer = timeout === undefined ? undefined : this.runtime.after(timeout, late)
    await idle
    if (this.ownsPool) await this.pool.close()
    timer?.cancel()
  }

  private send(method: Method, path: string, options: CallOptions | undefined, handler: CallHandler): void {
    try {
      const planned = planCall(this.plan, options)
      const { options: wire, upload, makeBody } = wireRequest(this.defaults, method, path, options)
      const whole = makeBody === undefined ? planned : { ...planned, makeBody }
      const told = watched(handler, wire, options)
      const most = options?.followRedirects ?? this.options.followRedirects
      if (most === undefined || most === false) return this.calls.begin(whole, wire, told, upload)
      new Journey(this.journeys, whole, told, most === true ? 10 : most).begin(wire, upload)
    } catch (error) {
      closeUnsent(options?.body)
      handler.onResponseError?.(null as never, asInvalid(error))
    }
  }
}
