/**
 * Which of a service's endpoints gets a request: of two that chance draws, the one where it would wait less. That is
 * nearly as good as the best of all, and does not send everybody to the same one.
 *
 * Endpoints that fail, or whose checks do, are left out; unless so few are well that leaving them out would only bring
 * the rest down, too: then all are used. Time and chance are arguments, there are no timers.
 */
import { ConfigError } from '../errors.ts'
import { Ejection } from './ejection.ts'
import type { EjectionHost } from './ejection.ts'
import type { Endpoint } from './endpoint.ts'
import { Members } from './members.ts'
import type { Weights } from './members.ts'
import { resolveBalance, weightProblems } from './options.ts'
import type { BalanceOptions, BalanceSettings } from './options.ts'
import { describeEndpoint } from './snapshot.ts'
import type { BalanceSnapshot } from './snapshot.ts'

/**
 * What the ending of a request says about its endpoint.
 *
 * - `success`: it answered; a 404 is an answer.
 * - `failure`: it did not, or with an error of its own. Counts towards ejection.
 * - `overload`: it asked for less (429, 503 with Retry-After). It gets less, and is not ejected for it.
 * - `slow`: given up before it answered, because another did (a hedge that lost) or because it had taken too long.
 * - `ignored`: none of its doing. Nothing is learned.
 */
export type BalanceOutcome = 'success' | 'failure' | 'overload' | 'slow' | 'ignored'

/**
 * @example
 * const balancer = new Balancer(['http://a:80', 'http://b:80'], { failurePenalty: 10_000 })
 * const endpoint = balancer.pick(now, random(), random())
 * balancer.started(endpoint, now)
 * …
 * balancer.ended(endpoint, 'success', rtt, now, random())
 */
export class Balancer {
  private readonly settings: BalanceSettings
  private readonly ejection: Ejection<Endpoint> | undefined
  private readonly members: Members

  /**
   * @param endpoints at least one, each once.
   * @throws ConfigError when an endpoint or an option cannot be used.
   */
  constructor(endpoints: readonly string[], options: BalanceOptions = {}) {
    this.settings = resolveBalance(options)
    this.members = new Members(this.settings.decay, this.settings.weights)
    const { ejection } = this.settings
    if (ejection !== false) this.ejection = new Ejection(ejection, this.host())
    this.replace(endpoints, undefined, -Infinity)
  }

  /**
   * Chooses an endpoint; `started` says that it is used. Allocates nothing.
   *
   * @param random1 and `random2`: two numbers in [0, 1).
   * @param avoid the endpoint of the attempt before, or of the first one of a hedge: only taken if there is no other.
   */
  pick(now: number, random1: number, random2: number, avoid?: Endpoint): Endpoint {
    const { only, all, available } = this.members
    if (only !== undefined) return only
    this.ejection?.look(now, random1)
    const from = this.isPanic() ? all : available
    const first = from.draw(random1, avoid, undefined)
    if (first === undefined) return avoid!
    const second = from.draw(random2, first, avoid)
    return second === undefined ? first : this.better(first, second, now, random2)
  }

  /** A request goes out to it. Each that has started must end. */
  started(endpoint: Endpoint, now: number): void {
    endpoint.started(now)
    if (endpoint.member) this.members.inFlight++
  }

  /**
   * A request is over.
   *
   * @param rtt how long it took, in ms: until the answer began, not until the end of a long body.
   * @param random a number in [0, 1), used when this ejects an endpoint.
   * @param connectFailure whether the failure was that no connection came about.
   */
  ended(
    endpoint: Endpoint,
    outcome: BalanceOutcome,
    rtt: number,
    now: number,
    random: number,
    connectFailure: boolean = false,
  ): void {
    if (endpoint.inFlight > 0) {
      endpoint.inFlight--
      if (endpoint.member) this.members.inFlight--
    }
    if (outcome === 'ignored') return
    learn(endpoint, outcome, rtt, now)
    if (this.members.only === undefined && endpoint.member)
      this.judge(endpoint, outcome, now, random, connectFailure)
  }

  /**
   * What active checks say of an endpoint by now: their word puts it out and lets it in again. One that was ejected for
   * failures in a row comes back before its time when its checks pass. Endpoints that are not known are ignored.
   */
  healthChecked(name: string, up: boolean, now: number): void {
    const endpoint = this.members.find(name)
    if (endpoint === undefined) return
    const wasDown = endpoint.down
    endpoint.down = !up
    if (up && wasDown) endpoint.risingSince = now
    if (up) this.ejection?.checkPassed(endpoint, now)
    this.place(endpoint)
  }

  /**
   * The endpoints are these from now on. What is known of those that stay is kept, and requests under way go on.
   *
   * @param weights of all; those of before when left out.
   * @throws ConfigError when there is none, or one twice; then nothing has changed.
   */
  update(endpoints: readonly string[], now: number, weights?: Weights): void {
    const problems = weights === undefined ? [] : weightProblems(weights)
    if (problems.length > 0) throw new ConfigError(problems)
    this.replace(endpoints, weights, now)
  }

  /** The endpoint with this name, if there is one. */
  find(name: string): Endpoint | undefined {
    return this.members.find(name)
  }

  /** What is known of each endpoint, for people and dashboards. */
  snapshot(now: number): BalanceSnapshot {
    // What falls due at this moment has happened; when an interval ends, chance is not needed until somebody is ejected.
    this.ejection?.look(now, 0)
    return {
      version: 1,
      panic: this.members.only === undefined && this.isPanic(),
      available: this.members.available.count,
      endpoints: Array.from(this.members.each(), (each) =>
        describeEndpoint(each, this.share(each, now), now),
      ),
    }
  }

  /** So few are well that the others, even those that are out, could hardly be worse. */
  private isPanic(): boolean {
    const { available, well, size } = this.members
    return available.count === 0 || well < this.settings.panicBelow * size
  }

  /** One that takes only a part of its share loses by chance, as often as that makes it. */
  private better(first: Endpoint, second: Endpoint, now: number, random: number): Endpoint {
    const ratio = this.share(first, now) / this.share(second, now)
    if (ratio !== 1) {
      // The digits of the number that the draw did not use are chance, too.
      const chance = (random * 65_536) % 1
      if (ratio < 1 && chance >= ratio) return second
      if (ratio > 1 && chance >= 1 / ratio) return first
    }
    const { failurePenalty } = this.settings
    const { crowd } = this.members
    const less = second.load(now, failurePenalty, crowd) < first.load(now, failurePenalty, crowd)
    return less ? second : first
  }

  private share({ risingSince }: Endpoint, now: number): number {
    const { slowStart, slowStartFrom } = this.settings
    const passed = now - risingSince
    return passed >= slowStart ? 1 : Math.max(slowStartFrom, passed / slowStart)
  }

  private judge(
    endpoint: Endpoint,
    outcome: BalanceOutcome,
    now: number,
    random: number,
    connectFailure: boolean,
  ): void {
    const { ejection } = this
    if (ejection === undefined || (outcome !== 'success' && outcome !== 'failure')) return
    if (outcome === 'success') ejection.succeeded(endpoint, now, random)
    else ejection.failed(endpoint, connectFailure, now, random)
    if (ejection.isFailing(endpoint) !== endpoint.failing) this.place(endpoint)
  }

  /** Puts it where it belongs, after something about it has changed. */
  private place(endpoint: Endpoint): void {
    endpoint.failing = this.ejection?.isFailing(endpoint) ?? false
    this.members.place(endpoint)
  }

  private host(): EjectionHost<Endpoint> {
    return {
      ejected: (endpoint) => this.place(endpoint),
      readmitted: (endpoint, at) => {
        endpoint.risingSince = at
        this.place(endpoint)
      },
    }
  }

  private replace(endpoints: readonly string[], weights: Weights | undefined, now: number): void {
    this.members.replace(endpoints, weights, now, (left) => this.ejection?.forget(left))
    this.ejection?.resize(endpoints.length)
  }
}

/** Who asks for less is treated as one who fails: it answers fast, and shall not get more for it. */
function learn(endpoint: Endpoint, outcome: BalanceOutcome, rtt: number, now: number): void {
  const { latency, failures } = endpoint
  if (outcome === 'success') {
    latency.answered(rtt, now)
    failures.succeeded(now)
    return
  }
  latency.tookAtLeast(rtt, now)
  if (outcome !== 'slow') failures.failed(now)
}
