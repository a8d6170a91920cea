import { AgendaItem } from '../agenda.ts'
import type { Runtime } from '../runtime.ts'
import type { CallTimeouts } from './plan.ts'
import { isByItself, type Stage } from './stage.ts'
import type { Timed, Timekeeper } from './timekeeper.ts'

/** The body of an answer that is asked for again is read away for this long, in ms, or until the next attempt is due. */
const LONGEST_DISCARD = 1_000

/** The times of one call: in which stage it is, since when, and when that must end. */
export class CallClock extends AgendaItem implements Timed {
  readonly startedAt: number
  /** When the whole call must be over. */
  readonly deadline: number
  readonly timeouts: CallTimeouts
  stage: Stage = 'admit'
  attemptStartedAt = 0
  /** How long the attempt may take, in ms: a breaker's probe has less time than others. */
  attemptLimit: number
  /** When another attempt may go out beside one that was written and has no answer. */
  hedgeAt: number = Infinity
  /** When the next attempt goes out. */
  againAt = 0
  private readonly runtime: Runtime
  private readonly timekeeper: Timekeeper
  private readonly ring: { onLimit(now: number): void }
  /** When the stage began, or was last seen to move. */
  private movedAt = 0
  /** The reader wants no more for now, which is not the server's fault. */
  private still = false

  constructor(
    runtime: Runtime,
    timekeeper: Timekeeper,
    timeouts: CallTimeouts,
    ring: { onLimit(now: number): void },
    by: number,
  ) {
    super()
    this.runtime = runtime
    this.timekeeper = timekeeper
    this.timeouts = timeouts
    this.ring = ring
    this.startedAt = runtime.now()
    this.deadline = Math.min(by, this.startedAt + timeouts.total)
    this.attemptLimit = timeouts.attempt
  }

  get now(): number {
    return this.runtime.now()
  }

  /** When the call was over; undefined while it is not. */
  get endedAt(): number | undefined {
    return this.stage === 'over' ? this.movedAt : undefined
  }

  get attemptEndsAt(): number {
    return this.attemptStartedAt + this.attemptLimit
  }

  /**
   * Only an earlier limit moves the clock; a later one is found out when it rings. It is first set for the shortest
   * limit of any stage, so that most calls never move it.
   */
  enter(stage: Stage, now: number = this.now): void {
    // Whoever waits for nothing but the clock is kept alive by it; all others by the pool and the socket.
    if (isByItself(stage) !== isByItself(this.stage)) this.timekeeper.holdFor(isByItself(stage) ? 1 : -1)
    this.stage = stage
    this.movedAt = now
    if (stage !== 'send' && stage !== 'headers') this.hedgeAt = Infinity
    if (stage === 'over') return this.timekeeper.forget(this)
    const limit = this.limit()
    if (this.bucket === -1) this.timekeeper.call(this, Math.min(limit, now + this.shortest))
    else if (limit < this.at) this.timekeeper.call(this, limit)
  }

  /** Begins an attempt. `limit`: how long it may take. */
  begin(limit: number, now: number): void {
    this.attemptStartedAt = now
    this.attemptLimit = Math.min(limit, this.timeouts.attempt)
  }

  /** Another attempt, already under way, is the one that the call waits for from here on. */
  goOnWith(other: { stage: Stage; movedAt: number; begunAt: number; limit: number }): void {
    this.begin(other.limit, other.begunAt)
    this.enter(other.stage, other.movedAt)
  }

  /** It rang for something else than a limit: it is set again. */
  rearm(): void {
    this.timekeeper.call(this, this.limit())
  }

  /** Something of what the stage waits for has come. */
  moved(): void {
    this.movedAt = this.now
  }

  pause(still: boolean): void {
    this.still = still
    if (!still && this.stage === 'body') this.enter('body')
  }

  onTime(now: number): void {
    const limit = this.limit()
    if (now < limit) this.timekeeper.call(this, limit)
    else this.ring.onLimit(now)
  }

  /** Whether it is the attempt's own limit that is reached first, not that of the stage. */
  get attemptIsLate(): boolean {
    return this.attemptEndsAt <= this.stageEndsAt
  }

  private limit(): number {
    if (this.stage === 'backoff') return Math.min(this.deadline, this.againAt)
    if (this.stage === 'prepare') return this.deadline // no attempt has begun
    return Math.min(this.hedgeAt, this.stopsAt)
  }

  /** When the attempt, or the call, has lasted too long. */
  get stopsAt(): number {
    return Math.min(this.deadline, this.attemptEndsAt, this.stageEndsAt)
  }

  private get shortest(): number {
    const { write, headers, bodyIdle } = this.timeouts
    return Math.min(write, headers, bodyIdle)
  }

  private get stageEndsAt(): number {
    const { write, headers, bodyIdle } = this.timeouts
    if (this.stage === 'send') return this.movedAt + write
    if (this.stage === 'headers') return this.movedAt + headers
    if (this.stage === 'body' && !this.still) return this.movedAt + bodyIdle
    return this.stage === 'discard' ? Math.max(this.againAt, this.movedAt + LONGEST_DISCARD) : Infinity
  }
}
