/** The pool: carries out what the core decides. */
import { Dispatcher, errors } from 'undici'
import { Alarm } from '../alarm.ts'
import { KeepwarmError } from '../errors.ts'
import { realRuntime, type Runtime } from '../runtime.ts'
import { Connection, type ConnectionHost } from './connection.ts'
import { PoolCore } from './core.ts'
import { Dialer } from './dial.ts'
import type { Slot } from './entities.ts'
import { tell } from './events.ts'
import { Lease, type LeaseHost, type PoolHandler } from './lease.ts'
import type { CloseReason } from './limits.ts'
import { modernHandler } from './modern-handler.ts'
import { resolveLimits, type ConnectionPoolOptions } from './options.ts'
import { canonicalOrigin, dialTarget, originKey } from './origin-key.ts'
import { refusalError } from './refusal.ts'
import { acceptOptions } from './request-options.ts'
import { newCounters, takeSnapshot, type PoolCounters, type PoolSnapshot } from './snapshot.ts'

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
  /** What the pool did so far. */
  readonly counters: PoolCounters = newCounters()
  private readonly options: ConnectionPoolOptions
  private readonly runtime: Runtime
  private readonly core: PoolCore<Lease>
  private readonly alarm: Alarm
  private readonly dialer: Dialer
  private readonly slots = new Set<Slot>()
  private readonly acquireTimeout: number
  private readonly leaseHost: LeaseHost
  private readonly connectionHost: ConnectionHost
  private readonly gone = Promise.withResolvers<void>()
  private carrying = false
  private owesDrain: string | URL | undefined
  private destroyed: Error | undefined

  constructor(options: ConnectionPoolOptions = {}) {
    super()
    this.options = options
    this.runtime = options.runtime ?? realRuntime
    this.core = new PoolCore<Lease>(resolveLimits(options))
    this.acquireTimeout = options.acquireTimeout ?? 5_000
    this.dialer = new Dialer(
      this.runtime,
      options.connectTimeout ?? 10_000,
      options.connect,
      options.allowH2 ?? true,
    )
    this.alarm = new Alarm(this.runtime, () => {
      this.core.tick(this.runtime.now())
      this.carryOut()
    })
    this.leaseHost = this.hostLeases()
    this.connectionHost = this.hostConnections()
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
    return this.core.isClosed
  }

  /** The totals of this moment, JSON-safe, O(1) in requests. */
  snapshot(): PoolSnapshot {
    return takeSnapshot(this.core, this.slots, this.counters, this.runtime.now())
  }

  /** False: the request has to wait, `drain` will be emitted when nobody waits any more. */
  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    const now = this.runtime.now()
    const modern: PoolHandler = modernHandler(handler)
    const acquireBy = Math.min(now + this.acquireTimeout, modern.acquireBy ?? Infinity)
    const lease = new Lease(this.leaseHost, options, modern, acquireBy)
    try {
      lease.options = acceptOptions(options)
      if (!lease.begin()) return true
      const key = originKey(lease.options, (origin) =>
        this.core.find(origin) ? origin : canonicalOrigin(origin),
      )
      this.counters.requests++
      this.core.acquire(lease, this.core.origin(key), acquireBy, now)
    } catch (error) {
      lease.fail(error as Error)
      return true
    }
    this.carryOut()
    if (!lease.waiting) return true
    this.owesDrain = options.origin ?? ''
    return false
  }

  /**
   * Takes no new requests; what runs and what waits is finished. Resolves when the last socket is gone.
   * With `timeout` (ms) whatever is left then is destroyed.
   */
  override close(options?: { timeout?: number }): Promise<void>
  override close(callback: () => void): void
  override close(how?: { timeout?: number } | (() => void)): Promise<void> | void {
    if (!this.core.isClosed) {
      this.core.shutdown(this.runtime.now())
      this.carryOut()
    }
    if (typeof how === 'function') return void this.gone.promise.then(how)
    if (how?.timeout === undefined) return this.gone.promise
    const late = new KeepwarmError('closed', `the pool was still busy ${how.timeout} ms after close()`)
    const timer = this.runtime.after(how.timeout, () => void this.destroy(late))
    return this.gone.promise.finally(() => timer.cancel())
  }

  /** Ends everything at once: what waits and what runs fails with `error`. Resolves when the last socket is gone. */
  override destroy(error?: Error | null): Promise<void>
  override destroy(callback: () => void): void
  override destroy(error: Error | null, callback: () => void): void
  override destroy(error?: Error | null | (() => void), callback?: () => void): Promise<void> | void {
    if (typeof error === 'function') return this.destroy(null, error)
    if (this.destroyed === undefined) {
      const reason =
        error ?? new KeepwarmError('closed', 'the connection pool was destroyed', { phase: 'wait' })
      this.destroyed = reason
      this.core.abandon(reason)
      for (const slot of this.slots) {
        slot.closeReason ??= 'destroyed'
        slot.carrier?.destroy(reason)
      }
      this.carryOut()
    }
    if (callback !== undefined) return void this.gone.promise.then(callback)
    return this.gone.promise
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  // ── carrying out ───────────────────────────────────────────────────────────────────────────────────────────

  /** Empties the core's orders. What an order sets off may give more orders; they are carried out in turn. */
  private carryOut(): void {
    if (this.carrying) return
    this.carrying = true
    const { closes, refusals, opens, leases } = this.core
    while (closes.length + refusals.length + opens.length + leases.length > 0) {
      for (const slot of closes) slot.carrier?.close()
      closes.length = 0
      for (const lease of refusals) this.refuse(lease)
      refusals.length = 0
      for (const slot of opens) this.open(slot)
      opens.length = 0
      for (const lease of leases) this.send(lease)
      leases.length = 0
    }
    this.carrying = false
    this.alarm.set(this.core.wakeAt, this.core.waiting > 0)
    if (this.core.waiting === 0) this.settle()
  }

  private settle(): void {
    if (this.owesDrain !== undefined) {
      const origin = this.owesDrain
      this.owesDrain = undefined
      tell(this, 'drain', origin, [this])
    }
    if (this.core.isClosed && this.core.open === 0) {
      this.alarm.cancel()
      this.gone.resolve()
    }
  }

  private refuse(lease: Lease): void {
    this.counters.refused[lease.refusal!]++
    lease.fail(refusalError(this.core, lease, this.runtime.now()))
  }

  private send(lease: Lease): void {
    const slot = lease.slot!
    if (lease.isOver) {
      // A callback aborted it after it was given the connection, which is free again.
      this.leaseHost.released(lease)
      return this.core.dispatched(slot, true, this.runtime.now())
    }
    lease.reused = slot.served > 1
    lease.leasedAt = this.runtime.now()
    if (lease.reused) this.counters.reused++
    const more = slot.carrier!.dispatch(lease)
    this.core.dispatched(slot, more || lease.neverOccupied, this.runtime.now())
  }

  private open(slot: Slot): void {
    if (slot.closeReason !== undefined) return this.core.closed(slot, this.runtime.now()) // called off before it began
    const target = dialTarget(slot.origin.key)
    this.slots.add(slot)
    this.counters.dialed++
    const cancel = this.dialer.dial(target, {
      opened: (socket) => {
        const connection = new Connection(
          this.connectionHost,
          slot,
          target.url,
          socket,
          this.options.client ?? {},
        )
        slot.carrier = connection
        this.counters.opened++
        tell(this, 'connect', target.url, [this, connection.client])
        const streams = connection.protocol === 'h2' ? 100 : 1
        this.core.opened(slot, streams, this.runtime.now(), this.runtime.random())
        this.carryOut()
      },
      failed: (error) => {
        this.slots.delete(slot)
        this.countClosed(slot.closeReason ?? 'dial_failed')
        if (slot.closeReason === undefined) this.core.failed(slot, error, this.runtime.now())
        else this.core.closed(slot, this.runtime.now())
        tell(this, 'connectionError', target.url, [this], error)
        this.carryOut()
      },
    })
    slot.carrier = { dispatch: () => false, close: cancel, destroy: cancel }
  }

  private countClosed(reason: CloseReason): void {
    this.counters.closed[reason] = (this.counters.closed[reason] ?? 0) + 1
  }

  // ── what leases and connections tell ───────────────────────────────────────────────────────────────────────

  private hostLeases(): LeaseHost {
    const { core, runtime } = this
    return {
      left: (lease) => {
        core.cancel(lease)
        this.carryOut()
      },
      released: (lease) => {
        const { slot } = lease
        if (slot === null) return
        lease.slot = null
        core.released(slot, runtime.now())
        this.carryOut()
      },
      again: (lease) => {
        const { slot } = lease
        const now = runtime.now()
        this.counters.lostUnsent++
        if (slot !== null) {
          core.retire(slot, 'server_closed', now)
          core.released(slot, now)
        }
        core.acquire(lease, lease.origin!, lease.acquireBy, now, true)
        this.carryOut()
      },
      race: (lease) => {
        const { slot, origin } = lease
        const now = runtime.now()
        this.counters.lostRaces++
        if (slot !== null) {
          core.retire(slot, 'server_closed', now)
          core.released(slot, now)
        }
        core.distrust(origin!, now)
        core.acquire(lease, origin!, Math.min(lease.callBy, now + this.acquireTimeout), now, true)
        this.carryOut()
      },
      hinted: (lease, keepAlive) => {
        if (lease.slot !== null && lease.slot.maxStreams === 1) core.hinted(lease.slot, keepAlive)
      },
    }
  }

  private hostConnections(): ConnectionHost {
    const { core, runtime } = this
    return {
      drained: (slot) => {
        core.drained(slot, runtime.now())
        this.carryOut()
      },
      retired: (slot, reason) => {
        core.retire(slot, reason, runtime.now())
        this.carryOut()
      },
      closed: (slot) => {
        this.slots.delete(slot)
        this.countClosed(slot.closeReason ?? 'server_closed')
        core.closed(slot, runtime.now())
        const { client } = slot.carrier as Connection
        const reason = new errors.InformationalError(slot.closeReason)
        tell(this, 'disconnect', dialTarget(slot.origin.key).url, [this, client], reason)
        this.carryOut()
      },
    }
  }
}
