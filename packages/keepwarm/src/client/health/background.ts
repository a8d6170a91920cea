/** Checks the endpoints again and again, by one timer that keeps no process alive. When, {@link EndpointChecks} says. */
import { Alarm } from '../../alarm.ts'
import { withoutDeadline } from '../../deadline/ambient.ts'
import { EndpointChecks, type CheckFinding } from '../../health/checks.ts'
import { resolveChecks, type CheckOptions, type CheckSettings } from '../../health/options.ts'
import type { Runtime } from '../../runtime.ts'
import type { Asked } from './ask.ts'

/** @internal */
export interface ChecksHost {
  readonly runtime: Runtime
  readonly endpoints: readonly string[]
  /** Asks an endpoint. Never rejects. */
  ask(origin: string, within: number, signal: AbortSignal): Promise<Asked>
  /** What the checks say of an endpoint by now. */
  checked(origin: string, up: boolean, now: number): void
  /** A number that is another one when calls were made since. */
  traffic(): number
}

/** What the checks of an endpoint know. JSON-safe. */
export interface LastCheck {
  /** Whether they let it take part. */
  readonly up: boolean
  readonly finding: CheckFinding
  /** How many in a row passed, or did not, like the last one. */
  readonly inARow: number
  /** Since the last one, in ms. */
  readonly ago: number
  /** What it failed with; null where it was answered. */
  readonly error: string | null
  /** How many since then came to nothing because our own pool had no connection free. */
  readonly missed: number
}

interface Checked {
  readonly origin: string
  readonly checks: EndpointChecks
  underWay: boolean
  error: string | null
  missed: number
  /** When the next may go out, after one that was missed. */
  notBefore: number
}

/** @internal */
export class BackgroundChecks {
  private readonly host: ChecksHost
  private readonly endpoints: readonly Checked[]
  private readonly settings: CheckSettings
  private readonly alarm: Alarm
  private readonly stopping = new AbortController()
  private traffic: number
  private usedAt = -Infinity

  constructor(host: ChecksHost, options: CheckOptions | undefined) {
    const { runtime } = host
    const now = runtime.now()
    this.host = host
    this.settings = resolveChecks(options)
    this.endpoints = host.endpoints.map((origin) => ({
      origin,
      checks: new EndpointChecks(options, now, runtime.random()),
      underWay: false,
      error: null,
      missed: 0,
      notBefore: now,
    }))
    this.traffic = host.traffic()
    this.alarm = new Alarm(runtime, () => this.look())
    this.set(now)
  }

  /** There are no checks from now on; those under way are broken off. */
  stop(): void {
    this.stopping.abort()
    this.alarm.cancel()
  }

  /** What is known of an endpoint; undefined before its first check. */
  last(origin: string, now: number): LastCheck | undefined {
    const one = this.endpoints.find((each) => each.origin === origin)
    if (one === undefined) return undefined
    const { up, lastFinding, lastCheckAt, inARow } = one.checks.snapshot()
    if (lastFinding === null || lastCheckAt === null) return undefined
    return { up, finding: lastFinding, inARow, ago: now - lastCheckAt, error: one.error, missed: one.missed }
  }

  private look(): void {
    const now = this.host.runtime.now()
    const traffic = this.host.traffic()
    if (traffic !== this.traffic) this.usedAt = now
    this.traffic = traffic
    for (const one of this.endpoints) if (now >= this.dueAt(one)) void this.check(one)
    this.set(now)
  }

  private dueAt({ checks, underWay, notBefore }: Checked): number {
    return underWay ? Infinity : Math.max(checks.dueAt(this.usedAt), notBefore)
  }

  /** Nobody tells of traffic: it is looked for once in an interval at least, in case that nothing is due for longer. */
  private set(now: number): void {
    let next = now + this.settings.interval
    for (const one of this.endpoints) next = Math.min(next, this.dueAt(one))
    this.alarm.set(next, false)
  }

  private async check(one: Checked): Promise<void> {
    const { host, settings, stopping } = this
    one.underWay = true
    // The client may have been made while a request was served, whose deadline is not that of the checks.
    const ask = (): Promise<Asked> => host.ask(one.origin, settings.timeout, stopping.signal)
    const asked = await withoutDeadline(ask)
    if (stopping.signal.aborted) return
    const now = host.runtime.now()
    one.underWay = false
    this.learn(one, asked, now)
    this.set(now)
  }

  /**
   * One that passed lets an endpoint in again whose requests failed, even where the checks themselves never found it
   * down. One that was missed is made up for soon, and changes nothing.
   */
  private learn(one: Checked, { finding, health }: Asked, now: number): void {
    const { host } = this
    if (finding === 'unknown') {
      one.missed++
      one.notBefore = now + this.settings.edgeInterval
      return
    }
    one.missed = 0
    one.error = health.error ?? null
    const change = one.checks.result(finding, now, host.runtime.random())
    if (change === 'down') host.checked(one.origin, false, now)
    else if (finding === 'pass' && one.checks.up) host.checked(one.origin, true, now)
  }
}
