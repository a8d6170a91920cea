/**
 * When an endpoint is checked, and what follows from what the checks find. Time and chance are arguments, there are no
 * timers: whoever carries the checks out asks `dueAt`, and sets one.
 */
import { resolveChecks } from './options.ts'
import type { CheckOptions, CheckSettings } from './options.ts'

/**
 * What one check found. `drain`: the endpoint says itself that it is about to leave, which is no matter of counting.
 */
export type CheckFinding = 'pass' | 'fail' | 'drain'

/** What a service says of itself when it wants no more requests. */
const leaving: ReadonlySet<string> = new Set([
  'drain',
  'draining',
  'stopping',
  'shutting_down',
  'terminating',
])

/**
 * What an answer to a check means: 2xx passes, unless the service says in words that it is unhealthy or draining.
 *
 * @param selfReported the `status` of the answer's JSON, where it has one.
 * @example findingOf(200, 'draining') // 'drain'
 */
export function findingOf(status: number, selfReported?: string): CheckFinding {
  const said = selfReported?.toLowerCase()
  if (said !== undefined && leaving.has(said)) return 'drain'
  return status >= 200 && status < 300 && said !== 'unhealthy' ? 'pass' : 'fail'
}

/** An endpoint's checks at one moment. JSON-safe; moments on the clock that is passed in. */
export interface CheckSnapshot {
  readonly up: boolean
  /** What the last check found; null before the first. */
  readonly lastFinding: CheckFinding | null
  readonly lastCheckAt: number | null
  /** How many in a row found the same as the last one, passed or not. */
  readonly inARow: number
  /** Whether one is under way. */
  readonly underWay: boolean
}

/**
 * The active checks of one endpoint. It is up until the checks prove otherwise: a client that has just started would
 * otherwise refuse to work.
 *
 * @example
 * if (checks.due(now, usedAt)) {
 *   checks.began(now)
 *   …
 *   if (checks.result('fail', now, random()) === 'down') balancer.healthChecked(name, false, now)
 * }
 */
export class EndpointChecks {
  private readonly settings: CheckSettings
  private isUp = true
  private lastFinding: CheckFinding | undefined
  private lastAt: number | undefined
  private beganAt: number | undefined
  private row = 0
  /** The first check comes somewhere in the first interval, so that those of many endpoints do not come together. */
  private readonly firstAt: number
  /** What chance makes of the interval until the next one. */
  private stretch = 1

  /**
   * @param random a number in [0, 1).
   * @throws ConfigError when an option cannot be used.
   */
  constructor(options: CheckOptions | undefined, now: number, random: number) {
    this.settings = resolveChecks(options)
    this.firstAt = now + random * this.settings.interval
  }

  /** Whether it is up, as far as the checks know. */
  get up(): boolean {
    return this.isUp
  }

  /** After so many milliseconds a check is given up; it has failed. */
  get timeout(): number {
    return this.settings.timeout
  }

  /**
   * When the next check is due; Infinity while one is under way. A request moves it: ask again after one.
   *
   * @param usedAt when the service was asked for last, at whichever endpoint; -Infinity when never.
   */
  dueAt(usedAt: number): number {
    if (this.beganAt !== undefined) return Infinity
    if (this.lastAt === undefined) return this.firstAt
    const { interval, idleInterval } = this.settings
    const idleAt = this.lastAt + idleInterval * this.stretch
    if (this.isAtEdge()) return this.lastAt + this.settings.edgeInterval * this.stretch
    const usualAt = this.lastAt + interval * this.stretch
    if (usedAt > this.lastAt - idleInterval) return Math.min(Math.max(usualAt, usedAt), idleAt)
    return idleAt
  }

  due(now: number, usedAt: number): boolean {
    return now >= this.dueAt(usedAt)
  }

  /** A check goes out. Each that began must have a result. */
  began(now: number): void {
    this.beganAt = now
  }

  /**
   * A check is over.
   *
   * @param random a number in [0, 1).
   * @returns what changed by it, if anything.
   */
  result(finding: CheckFinding, now: number, random: number): 'down' | 'up' | undefined {
    const { jitter, down, up } = this.settings
    const same = this.lastFinding !== undefined && passed(this.lastFinding) === passed(finding)
    this.row = same ? this.row + 1 : 1
    this.lastFinding = finding
    this.lastAt = now
    this.beganAt = undefined
    this.stretch = 1 + jitter * (2 * random - 1)
    if (this.isUp && !passed(finding) && (finding === 'drain' || this.row >= down)) {
      this.isUp = false
      return 'down'
    }
    if (!this.isUp && passed(finding) && this.row >= up) {
      this.isUp = true
      return 'up'
    }
    return undefined
  }

  snapshot(): CheckSnapshot {
    return {
      up: this.isUp,
      lastFinding: this.lastFinding ?? null,
      lastCheckAt: this.lastAt ?? null,
      inARow: this.row,
      underWay: this.beganAt !== undefined,
    }
  }

  /** The last check spoke against the state, but there were not enough such yet. */
  private isAtEdge(): boolean {
    return this.lastFinding !== undefined && passed(this.lastFinding) !== this.isUp
  }
}

function passed(finding: CheckFinding): boolean {
  return finding === 'pass'
}
