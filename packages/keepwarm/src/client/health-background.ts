/** Checks the endpoints again and again, by one timer that keeps no process alive. When, {@link EndpointChecks} says. */
import { Alarm } from '../alarm.ts'
import { withoutDeadline } from '../deadline/ambient.ts'
import { EndpointChecks, type CheckFinding } from '../health/checks.ts'
import { resolveChecks, type CheckOptions } from '../health/options.ts'
import type { Runtime } from '../runtime.ts'
import type { Asked } from './health-ask.ts'

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
}

interface Checked {
  readonly origin: string
  readonly checks: EndpointChecks
  error: string | null
}

export class BackgroundChecks {
  private readonly host: ChecksHost
  private readonly endpoints: readonly Checked[]
  private readonly interval: number
  private readonly alarm: Alarm
  private readonly stopping = new AbortController()
  private traffic: number
  private usedAt = -Infinity

  constructor(host: ChecksHost, options: CheckOptions | undefined) {
    const { runtime } = host
    const now = runtime.now()
    this.host = host
    this.interval = resolveChecks(options).interval
    this.endpoints = host.endpoints.map((origin) => ({
      origin,
      checks: new EndpointChecks(options, now, runtime.random()),
      error: null,
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
    return { up, finding: lastFinding, inARow, ago: now - lastCheckAt, error: one.error }
  }

  private look(): void {
    const now = this.host.runtime.now()
    const traffic = this.host.traffic()
    if (traffic !== this.traffic) this.usedAt = now
    this.traffic = traffic
    for (const one of this.endpoints) if (one.checks.due(now, this.usedAt)) void this.check(one, now)
    this.set(now)
  }

  /** Nobody tells of traffic: it is looked for once in an interval at least, in case that nothing is due for longer. */
  private set(now: number): void {
    let next = now + this.interval
    for (const { checks } of this.endpoints) next = Math.min(next, checks.dueAt(this.usedAt))
    this.alarm.set(next, false)
  }

  private async check(one: Checked, began: number): Promise<void> {
    const { host, stopping } = this
    const { checks, origin } = one
    checks.began(began)
    // The client may have been made while a request was served, whose deadline is not that of the checks.
    const { finding, health } = await withoutDeadline(() => host.ask(origin, checks.timeout, stopping.signal))
    if (stopping.signal.aborted) return
    const now = host.runtime.now()
    one.error = health.error ?? null
    this.learn(one, finding, now)
    this.set(now)
  }

  /**
   * A check that told nothing counts as one that found what was known before. One that passed lets an endpoint in again
   * whose requests failed, even where the checks themselves never found it down.
   */
  private learn({ checks, origin }: Checked, finding: Asked['finding'], now: number): void {
    const { host } = this
    const random = host.runtime.random()
    if (finding === 'unknown') return void checks.result(checks.up ? 'pass' : 'fail', now, random)
    const change = checks.result(finding, now, random)
    if (change === 'down') host.checked(origin, false, now)
    else if (finding === 'pass' && checks.up) host.checked(origin, true, now)
  }
}
