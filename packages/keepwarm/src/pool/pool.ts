import { Dispatcher } from 'undici'
import { originAdmission, type Admission } from '../egress/admission.ts'
import { KeepwarmError } from '../errors.ts'
import { checkClose, checkEvict, checkWarmCount, type CloseOptions, type EvictOptions } from './arguments.ts'
import { Conductor } from './conductor.ts'
import { listConnections, type ConnectionSnapshot } from './connections.ts'
import { readGauges, type PoolGauges } from './gauges.ts'
import { Lease, type PoolHandler } from './lease.ts'
import { modernHandler } from './modern-handler.ts'
import {
  checkLimitNames,
  checkPoolOptions,
  resolveLimits,
  type ConnectionPoolOptions,
  type LimitOptions,
} from './options.ts'
import { canonicalOrigin, originKey } from './origin-key.ts'
import { acceptOptions, priorityLevel } from './request-options.ts'
import { takeSnapshot, type PoolCounters, type PoolSnapshot, type PoolSnapshotOptions } from './snapshot.ts'

/**
 * A bounded pool of connections to any number of origins, HTTP/1.1 and HTTP/2: an undici `Dispatcher`, to be used
 * under `undici.request`, `fetch`, interceptors and every SDK that takes a dispatcher. Limits hold whatever
 * happens, waiting requests have a deadline and can be aborted at once, idle connections don't keep the process
 * alive.
 *
 * Requests fail with {@link KeepwarmError} `queue_full`, `acquire_timeout` or `closed` where the pool itself
 * refuses; what a socket or undici says is passed on as it is, so that interceptors recognise it.
 *
 * @example
 * await using pool = new ConnectionPool({ maxConnections: 50 })
 * const { statusCode } = await request('http://localhost:8055/health', { dispatcher: pool })
 */
export class ConnectionPool extends Dispatcher {
  private readonly options: ConnectionPoolOptions
  private readonly conductor: Conductor
  private readonly admit: Admission | undefined
  private changed: LimitOptions = {}

  /** @throws ConfigError naming every option that is wrong. */
  constructor(options: ConnectionPoolOptions = {}) {
    super()
    checkPoolOptions(options)
    const { proxy: _hasCredentials, ...others } = options
    this.options = others
    this.admit = originAdmission(options)
    this.conductor = new Conductor(this, options)
    Object.defineProperty(this, forConsole, { value: () => this.shown() })
  }

  /** Read by undici's WebSocket and EventSource. */
  get webSocketOptions(): object {
    return this.options.webSocket ?? {}
  }
  get eventSourceOptions(): object {
    return this.options.eventSource ?? {}
  }

  /** True once close() or destroy() was called. */
  get closed(): boolean {
    return this.conductor.core.isClosed
  }

  /** What the pool did so far. */
  get counters(): PoolCounters {
    return this.conductor.figures.counters
  }

  /** The totals of this moment, JSON-safe; with `holders` also who holds connections longest. */
  snapshot(options: PoolSnapshotOptions = {}): PoolSnapshot {
    const { conductor } = this
    return takeSnapshot(conductor, conductor.runtime.now(), options)
  }

  /** @internal What the history of a client looks at; of the origins that `isMine` names, or of all. */
  gauges(isMine?: (origin: string) => boolean): PoolGauges {
    const { core, figures, runtime } = this.conductor
    return readGauges(core, figures.counters, runtime.now(), isMine)
  }

  /** @internal Of requests that say nothing else, and of connections whose server names no time; ms. */
  get patience(): { readonly acquire: number; readonly idle: number } {
    const { acquireTimeout, core } = this.conductor
    return { acquire: acquireTimeout, idle: core.limits.idleTimeout }
  }

  /**
   * Every connection with its state, age, requests, bytes and the reason why it was opened; or `most` of them, busy ones
   * first and the oldest first among these.
   */
  connections(most?: number): ConnectionSnapshot[] {
    return listConnections(this.conductor.slots, this.conductor.runtime.now(), most)
  }

  /**
   * Retires connections softly: what runs on them is finished, nothing new goes out on them. All of them, or those of
   * one origin, or the one with this id. Returns how many.
   */
  evict(which: EvictOptions = {}): number {
    checkEvict(which)
    const { slots, core, runtime } = this.conductor
    const key = which.origin === undefined ? undefined : canonicalOrigin(String(which.origin))
    const chosen = [...slots].filter(
      ({ state, origin, id }) =>
        state === 'ready' &&
        (key === undefined || origin.key === key || origin.key.startsWith(`${key}#`)) &&
        (which.id === undefined || id === which.id),
    )
    for (const slot of chosen) core.retire(slot, 'evicted', runtime.now())
    this.conductor.carryOut()
    return chosen.length
  }

  /** @internal Why nobody should have two connections to the origin now. */
  crowding(origin: string): 'pool_busy' | 'limit_tight' | undefined {
    const { core } = this.conductor
    const known = core.find(origin)
    if (known === undefined) return undefined
    if (!core.hasSpare(known)) return 'pool_busy'
    const { inFlight, maxInFlight } = known.lane
    return inFlight >= TIGHT * maxInFlight ? 'limit_tight' : undefined
  }

  /** False: the request has to wait, `drain` will be emitted when nobody waits any more. */
  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    const { conductor } = this
    const now = conductor.runtime.now()
    const modern: PoolHandler = modernHandler(handler)
    const within = modern.acquireTimeout ?? conductor.acquireTimeout
    const acquireBy = Math.min(now + within, modern.acquireBy ?? Infinity)
    const lease = new Lease(conductor, options, modern, acquireBy)
    if (this.options.leakStacks === true) lease.stack = stackHere()
    try {
      lease.options = acceptOptions(options)
      if (lease.options.priority !== undefined) lease.priority = priorityLevel(lease.options.priority)
      if (!lease.begin()) return true
      return conductor.acquire(lease, originKey(lease.options, this.canonical), now)
    } catch (error) {
      lease.fail(error as Error)
      return true
    }
  }

  /**
   * Dials until there are `count` connections to the origin, TCP and TLS done, as far as the limits allow. Resolves
   * with the number that is ready.
   *
   * Rejects with the dial's error when one fails, with ConfigError when `count` is no whole number from 0.
   * @example await pool.warm('https://search:8055', 5)
   */
  async warm(origin: string | URL, count: number): Promise<number> {
    checkWarmCount(count)
    if (this.closed) throw new KeepwarmError('closed', 'the connection pool is closed')
    return this.conductor.warm(this.admitted(String(origin)), count)
  }

  /**
   * Keeps at least `count` connections to the origin open, busy ones among them, as far as the limits allow: those that
   * end are dialed again, after a failure with growing pauses (100 ms to 30 s). Idle ones of the minimum rest for up to
   * `maxIdleTimeout`. 0 ends it.
   *
   * @throws ConfigError when `count` is no whole number from 0
   * @example pool.maintain('https://search:8055', 2)
   */
  maintain(origin: string | URL, count: number): void {
    checkWarmCount(count)
    if (this.closed) throw new KeepwarmError('closed', 'the connection pool is closed')
    this.conductor.maintain(this.admitted(String(origin)), count)
  }

  /**
   * Changes limits while the pool works. Lower ones take effect as connections are freed: nothing that runs is cut.
   * @throws ConfigError naming every limit that is wrong; then nothing is changed.
   */
  setLimits(limits: LimitOptions): void {
    checkLimitNames(limits, this.options.groups)
    const groups = mergeGroups(this.changed.groups, limits.groups)
    const changed = { ...this.changed, ...limits, ...(groups !== undefined && { groups }) }
    const { core, runtime } = this.conductor
    core.resize(resolveLimits(this.options, changed), runtime.now())
    this.changed = changed
    this.conductor.carryOut()
  }

  /**
   * Takes no new requests; what runs and what waits is finished. Resolves when the last socket is gone.
   * With `timeout` (ms) whatever is left then is destroyed. Rejects with ConfigError, and closes nothing, when the
   * timeout is no number from 0.
   */
  override close(options?: CloseOptions): Promise<void>
  override close(callback: () => void): void
  override close(how?: CloseOptions | (() => void)): Promise<void> | void {
    if (typeof how === 'function') return void this.shut().then(how)
    return this.shut(how)
  }

  private async shut(options?: CloseOptions): Promise<void> {
    checkClose(options)
    const { core, gone, runtime } = this.conductor
    if (!core.isClosed) {
      core.shutdown(runtime.now())
      this.conductor.carryOut()
    }
    const { timeout } = options ?? {}
    if (timeout === undefined) return gone
    const late = new KeepwarmError('closed', `the pool was still busy ${timeout} ms after close()`)
    const timer = runtime.after(timeout, () => void this.destroy(late))
    return gone.finally(() => timer.cancel())
  }

  /** Ends everything at once: what waits and what runs fails with `error`. Resolves when the last socket is gone. */
  override destroy(error?: Error | null): Promise<void>
  override destroy(callback: () => void): void
  override destroy(error: Error | null, callback: () => void): void
  override destroy(error?: Error | null | (() => void), callback?: () => void): Promise<void> | void {
    if (typeof error === 'function') return this.destroy(null, error)
    this.conductor.destroy(
      error ?? new KeepwarmError('closed', 'the connection pool was destroyed', { phase: 'wait' }),
    )
    const { gone } = this.conductor
    if (callback !== undefined) return void gone.then(callback)
    return gone
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  /** Almost every origin comes as it is kept; parsing the others costs a microsecond. */
  private readonly canonical = (origin: string): string =>
    this.conductor.core.find(origin) === undefined ? this.admitted(origin) : origin

  private shown(): string {
    const { connections, waiting } = this.snapshot()
    return `ConnectionPool { ${connections} connections, ${waiting} waiting }`
  }

  /** What is kept was admitted. */
  private admitted(origin: string): string {
    const canonical = canonicalOrigin(origin)
    this.admit?.(canonical)
    return canonical
  }
}

/** A pool holds keys for TLS, and requests that wait, neither of which must end up in a log. */
const forConsole = Symbol.for('nodejs.util.inspect.custom')

/** From which share of a limit on it is all but reached. */
const TIGHT = 0.9

type GroupChanges = LimitOptions['groups']

/** What was changed before in a group stays changed. */
function mergeGroups(before: GroupChanges = {}, now: GroupChanges): GroupChanges {
  if (now === undefined) return undefined
  const changed = Object.entries(now).map(([name, limits]) => [name, { ...before[name], ...limits }])
  return { ...before, ...(Object.fromEntries(changed) as GroupChanges) }
}

/** Without the frame of dispatch() itself. */
function stackHere(): string | undefined {
  const here: { stack?: string } = {}
  Error.captureStackTrace(here, stackHere)
  return here.stack?.split('\n').slice(2).join('\n').trim()
}
