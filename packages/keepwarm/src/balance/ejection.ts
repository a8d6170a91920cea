/**
 * Passive outlier ejection: an endpoint whose requests fail, while those of the others do not, is left out for a while.
 * Two rules: so many failures in a row; and, where there are enough endpoints with enough requests, a success rate far
 * below the average of all. Time and chance are arguments, there are no timers: whoever looks brings it up to date.
 */
import type { EjectionSettings } from './options.ts'
import { successRate, SuccessRates } from './success-rates.ts'

/** What is remembered of one endpoint. Only {@link Ejection} writes it. */
export class OutlierRecord {
  /** Failures since the last success. */
  failures = 0
  connectFailures = 0
  /** Of the interval with the number `interval`. */
  interval = 0
  requests = 0
  successes = 0
  ejected = false
  ejectedUntil = 0
  /** Why it was ejected last, for people. */
  reason: string | undefined
  /** Whether that was for its failures in a row, and not for its success rate. */
  forFailures = false
  /** Ejections in a row, less those that are forgiven. */
  times = 0
  readmittedAt: number = -Infinity
}

export interface Ejectable {
  readonly outlier: OutlierRecord
}

/** Who acts on it. */
export interface EjectionHost<E extends Ejectable> {
  ejected(endpoint: E): void
  /** @param at the moment from which it takes part again. */
  readmitted(endpoint: E, at: number): void
}

/** The rules, over all endpoints of a service. */
export class Ejection<E extends Ejectable> {
  private readonly settings: EjectionSettings
  private readonly host: EjectionHost<E>
  private readonly out: E[] = []
  private nextReturn = Infinity
  private endpoints = 0
  private intervalNumber = 1
  private intervalEnd = -Infinity
  private readonly rates = new SuccessRates<E>()

  constructor(settings: EjectionSettings, host: EjectionHost<E>) {
    this.settings = settings
    this.host = host
  }

  /** How many are out. */
  get count(): number {
    return this.out.length
  }

  /** How many may be out at once; one always may. */
  get most(): number {
    const share = this.settings.maxShare ?? (this.endpoints < 10 ? 0.5 : 0.1)
    return Math.max(1, Math.floor(share * this.endpoints))
  }

  /** There are so many endpoints now. Those that are out stay out, even if fewer may be. */
  resize(endpoints: number): void {
    this.endpoints = endpoints
  }

  /** Lets those in again whose time is over, and compares when an interval is. Nothing to do costs two comparisons. */
  look(now: number, random: number): void {
    if (now >= this.nextReturn) this.readmitDue(now)
    if (now >= this.intervalEnd) this.endInterval(now, random)
  }

  /** A request succeeded. */
  succeeded(endpoint: E, now: number, random: number): void {
    this.look(now, random)
    const { outlier } = endpoint
    // What was under way when it was ejected, or was sent there because nothing better was left, changes nothing.
    if (outlier.ejected) return
    outlier.failures = 0
    outlier.connectFailures = 0
    this.countRequest(endpoint)
    outlier.successes++
  }

  /** A request failed. */
  failed(endpoint: E, connectFailure: boolean, now: number, random: number): void {
    this.look(now, random)
    const { outlier } = endpoint
    if (outlier.ejected) return
    outlier.failures++
    outlier.connectFailures = connectFailure ? outlier.connectFailures + 1 : 0
    this.countRequest(endpoint)
    if (!this.isFailing(endpoint) || this.out.length >= this.most) return
    const unconnected = outlier.connectFailures >= this.settings.connectFailures
    const reason = unconnected
      ? `${outlier.connectFailures} failures to connect in a row`
      : `${outlier.failures} failures in a row`
    this.eject(endpoint, reason, true, now, random)
  }

  /** Whether it has failed often enough in a row to be ejected, even where no more may be. */
  isFailing({ outlier }: E): boolean {
    const { failures, connectFailures } = this.settings
    return outlier.failures >= failures || outlier.connectFailures >= connectFailures
  }

  /**
   * A check passed: an endpoint that was out for failures in a row may come back. One that was out for its success rate
   * stays out, because it answers checks as it answered some of the requests.
   */
  checkPassed(endpoint: E, now: number): void {
    const { outlier } = endpoint
    if (outlier.ejected && outlier.forFailures) this.readmit(endpoint, now)
  }

  /** The endpoint is no longer one of them. */
  forget(endpoint: E): void {
    remove(this.out, endpoint)
    this.rates.remove(endpoint)
  }

  private countRequest(endpoint: E): void {
    const { outlier } = endpoint
    if (outlier.interval !== this.intervalNumber) {
      outlier.interval = this.intervalNumber
      outlier.requests = 0
      outlier.successes = 0
    }
    if (++outlier.requests === this.settings.minimumRequests) this.rates.add(endpoint)
  }

  private eject(endpoint: E, reason: string, forFailures: boolean, now: number, random: number): void {
    const { outlier } = endpoint
    const { interval, ejectFor, maxEjectFor } = this.settings
    const forgiven = Math.floor((now - outlier.readmittedAt) / interval)
    outlier.times = Math.max(0, outlier.times - forgiven) + 1
    outlier.ejected = true
    outlier.ejectedUntil = now + Math.min(maxEjectFor, ejectFor * outlier.times) * (0.75 + random / 4)
    outlier.reason = reason
    outlier.forFailures = forFailures
    this.out.push(endpoint)
    this.nextReturn = Math.min(this.nextReturn, outlier.ejectedUntil)
    this.host.ejected(endpoint)
  }

  private readmitDue(now: number): void {
    this.nextReturn = Infinity
    for (let index = this.out.length - 1; index >= 0; index--) {
      const endpoint = this.out[index]!
      const { ejectedUntil } = endpoint.outlier
      if (ejectedUntil <= now) this.readmit(endpoint, ejectedUntil)
      else this.nextReturn = Math.min(this.nextReturn, ejectedUntil)
    }
  }

  private readmit(endpoint: E, at: number): void {
    const { outlier } = endpoint
    this.forget(endpoint)
    outlier.ejected = false
    outlier.failures = 0
    outlier.connectFailures = 0
    outlier.interval = 0
    outlier.readmittedAt = at
    this.host.readmitted(endpoint, at)
  }

  /** What nobody looked at for a whole interval is old news. */
  private endInterval(now: number, random: number): void {
    const { interval, minimumEndpoints } = this.settings
    const fresh = now < this.intervalEnd + interval
    if (fresh && this.rates.count >= minimumEndpoints) this.compare(now, random)
    this.rates.clear()
    this.intervalNumber++
    this.intervalEnd = now + interval
  }

  /** The worst goes first, as long as one may. */
  private compare(now: number, random: number): void {
    const { deviations, margin } = this.settings
    const average = this.rates.average()
    const limit = Math.min(average - deviations * this.rates.deviation(average), average - margin)
    while (this.out.length < this.most) {
      const worst = this.rates.worstBelow(limit)
      if (worst === undefined) return
      const { outlier } = worst
      const reason = `${percent(successRate(worst))} of ${outlier.requests} requests succeeded; the average is ${percent(average)}`
      this.eject(worst, reason, false, now, (random + this.out.length * GOLDEN) % 1)
    }
  }
}

/** Spreads the moments of those that are ejected together, so that they do not return together. */
const GOLDEN = 0.618_033_988_75

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`
}

/** The order does not matter. */
function remove<E>(list: E[], one: E): void {
  const index = list.indexOf(one)
  if (index < 0) return
  const last = list.pop()!
  if (index < list.length) list[index] = last
}
