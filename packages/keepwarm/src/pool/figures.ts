/**
 * What a pool did, counted as it happens: in all and by origin, in histograms, and told to whoever listens. Whatever is
 * said to it costs additions, and nothing more where nobody listens.
 */
import { BucketCounts } from '../observe/buckets.ts'
import { channels } from '../observe/channels.ts'
import { idOf } from '../observe/identity.ts'
import type { WaitEnd, WaitStart } from '../observe/pool-events.ts'
import type { PoolCounters, PoolHistograms } from '../observe/pool-snapshot.ts'
import type { DialFacts } from './dial-facts.ts'
import type { Origin, Slot } from './entities.ts'
import type { Lease } from './lease.ts'
import type { CloseReason } from './limits.ts'
import { dialCode, newCounters } from './origin-figures.ts'
import { linkTo, unlink } from './runs.ts'
import * as tell from './telling.ts'

/** Seconds: as OpenTelemetry advises for durations of requests, and of connections. */
const moments = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]
const uses = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 30, 60, 120, 300]
const lives = [0.01, 0.1, 0.5, 1, 5, 10, 30, 60, 120, 300, 600, 1_800, 3_600]
const requests = [0, 1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 10_000]

/** Buckets take ms and have bounds in seconds. */
const ONE = 1_000

export class Figures {
  readonly counters: PoolCounters = newCounters()
  private readonly dials = new BucketCounts(moments)
  private readonly waits = new BucketCounts(moments)
  /** Requests that got a connection in the moment in which they came. */
  private atOnce = 0
  private readonly uses = new BucketCounts(uses)
  private readonly lives = new BucketCounts(lives)
  private readonly requests = new BucketCounts(requests)
  /** Those of whom it was told that they wait. */
  private readonly waiting = new Map<Lease, WaitStart>()
  private readonly owner: object

  /** @param owner the pool */
  constructor(owner: object) {
    this.owner = owner
  }

  /** The number of the pool in this process. */
  get pool(): number {
    return idOf(this.owner)
  }

  /** Somebody may be told later of a request that did not wait: its caller's context has to be kept for that. */
  mayTellLater(lease: Lease): boolean {
    return (channels.race.hasSubscribers || channels.leak.hasSubscribers) && lease.trail == null
  }

  get histograms(): PoolHistograms {
    const wait = this.waits.snapshot()
    const [none = 0, ...others] = wait.counts
    return {
      dial: this.dials.snapshot(),
      wait: { ...wait, counts: [none + this.atOnce, ...others], count: wait.count + this.atOnce },
      use: this.uses.snapshot(),
      lifetime: this.lives.snapshot(),
      requests: { ...this.requests.snapshot(), unit: 'requests' },
    }
  }

  // ── requests ───────────────────────────────────────────────────────────────────────────────────────────────

  asked({ figures }: Origin, now: number): void {
    this.counters.requests++
    figures.counters.requests++
    figures.touchedAt = now
  }

  /** It has no connection, and stands in line or is turned away. */
  queued(lease: Lease, now: number): void {
    if (channels['wait:start'].hasSubscribers || channels['wait:end'].hasSubscribers)
      this.waiting.set(lease, tell.waitStart(this.pool, lease, now))
  }

  /** It goes out on its connection, before that is told. */
  given(lease: Lease, slot: Slot, now: number): void {
    const { counters } = slot.origin.figures
    if (lease.reused) {
      this.counters.reused++
      counters.reused++
    }
    if (now === lease.queuedAt) this.atOnce++
    else this.waits.add(now - lease.queuedAt)
    linkTo(slot, lease)
    if (this.waiting.size > 0) this.waited(lease, 'leased', now)
  }

  private waited(lease: Lease, outcome: WaitEnd['outcome'], now: number): void {
    const start = this.waiting.get(lease)
    if (start === undefined) return
    this.waiting.delete(lease)
    tell.waitEnd(start, lease, outcome, now)
  }

  /** Its caller gave it up before it went out. */
  left(lease: Lease, now: number): void {
    if (this.waiting.size > 0) this.waited(lease, 'left', now)
  }

  refused(lease: Lease, now: number): void {
    const refusal = lease.refusal!
    const { figures } = lease.origin!
    this.counters.refused[refusal]++
    figures.counters.refused[refusal]++
    figures.touchedAt = now
    if (refusal === 'queue_full') lease.lane!.queueFull++
    else if (refusal === 'acquire_timeout') lease.lane!.acquireTimeouts++
    if (this.waiting.size > 0) this.waited(lease, refusal, now)
  }

  /** It needs its connection no more. */
  released(lease: Lease, slot: Slot, now: number): void {
    unlink(slot, lease)
    const held = now - lease.leasedAt
    const { figures } = slot.origin
    this.uses.add(held)
    figures.use.count++
    figures.use.total += held
  }

  /** Its connection was closed under it. */
  lost(lease: Lease, slot: Slot, kind: 'race' | 'unsent', now: number): void {
    unlink(slot, lease)
    const { counters } = slot.origin.figures
    for (const counted of [this.counters, counters]) {
      if (kind === 'race') counted.lostRaces++
      else counted.lostUnsent++
    }
    if (kind === 'race') slot.origin.lesson.count(slot.rested, now)
    if (channels.race.hasSubscribers) tell.race(this.pool, lease, slot, kind, now)
  }

  leaked(lease: Lease, stalledFor: number, now: number): void {
    this.counters.leaks++
    if (lease.origin !== null) lease.origin.figures.counters.leaks++
    if (channels.leak.hasSubscribers) tell.leak(this.pool, lease, stalledFor, now)
  }

  /** The limit of its lane is another than it was. */
  limited(lease: Lease, before: number, now: number): void {
    if (channels.limit.hasSubscribers) tell.limit(this.pool, lease.lane!, before, now)
  }

  // ── connections ────────────────────────────────────────────────────────────────────────────────────────────

  dialed(slot: Slot, change: 1 | -1, now: number): void {
    const { figures } = slot.origin
    for (const counters of [this.counters, figures.counters]) {
      counters.dialed += change
      counters.dialedFor[slot.openedFor] += change
    }
    figures.touchedAt = now
    if (change === 1) {
      if (channels['dial:start'].hasSubscribers || channels['dial:end'].hasSubscribers)
        tell.dialStart(this.pool, slot, now)
    } else if (slot.watched !== null) tell.dialEnd(slot, 'postponed', now)
  }

  opened(slot: Slot, how: DialFacts | undefined, now: number): void {
    const { figures } = slot.origin
    const { dials } = figures
    const took = now - slot.dialedAt
    this.counters.opened++
    figures.counters.opened++
    this.dials.add(took)
    dials.count++
    dials.total += took
    dials.dns += how?.dns ?? 0
    dials.tcp += how?.tcp ?? 0
    dials.tls += how?.tls ?? 0
    figures.touchedAt = now
    if (slot.watched !== null) tell.dialEnd(slot, 'opened', now, how)
    if (channels['connection:open'].hasSubscribers || channels['connection:close'].hasSubscribers)
      tell.connectionOpen(this.pool, slot, now)
  }

  dialFailed(slot: Slot, error: Error, now: number): void {
    const { figures } = slot.origin
    const isCalledOff = slot.closeReason !== undefined
    this.ended(slot, slot.closeReason ?? 'dial_failed', now)
    if (!isCalledOff) figures.dialFailed(dialCode(error))
    if (slot.watched !== null)
      tell.dialEnd(slot, isCalledOff ? 'called_off' : 'failed', now, undefined, error)
  }

  closed(slot: Slot, now: number): void {
    const reason = slot.closeReason ?? 'server_closed'
    const { figures } = slot.origin
    this.ended(slot, reason, now)
    figures.ended.connections++
    figures.ended.requests += slot.served
    this.lives.add(now - slot.openedAt)
    this.requests.add(slot.served * ONE)
    if (slot.watched !== null) tell.connectionClose(slot, reason, now)
  }

  private ended({ origin: { figures } }: Slot, reason: CloseReason, now: number): void {
    for (const { closed } of [this.counters, figures.counters]) closed[reason] = (closed[reason] ?? 0) + 1
    figures.touchedAt = now
  }
}
