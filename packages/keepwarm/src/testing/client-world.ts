/**
 * A world around a whole client, or a bare pool: callers and simulated servers that do what a schedule says. After every
 * step the laws are checked.
 *
 *     const world = new ClientWorld(limits)
 *     for (const step of steps) await world.apply(step)    throws BrokenLaw
 *     await world.end('rest')
 */
import { HttpClient } from '../client/http-client.ts'
import { ConnectionPool } from '../pool/pool.ts'
import { ClientBooks, PATIENT } from './client-books.ts'
import { send } from './client-callers.ts'
import { fateOf, nth, serverDeeds } from './client-deeds.ts'
import { optionsOf, poolPart } from './client-limits.ts'
import {
  Allowance,
  checkFigures,
  checkGroups,
  checkMetrics,
  checkNothingLeft,
  checkPool,
} from './client-laws.ts'
import { SERVERS, type ClientEnding, type ClientLimits, type ClientStep } from './client-schedule.ts'
import { Visit } from './client-visit.ts'
import { must } from './laws.ts'
import { sentRequest } from './network-request.ts'

/** Text, stream, handler. */
const wellReaders = [0, 1, 4]

/** Longer than sockets need to close. */
const SOON = 20

/** Longer than any breaker stays open, or a ping is waited for. */
const LONG = 80_000

export class ClientWorld extends ClientBooks {
  readonly client: HttpClient | undefined
  readonly pool: ConnectionPool
  private readonly allowed: Allowance
  private readonly allowedAt: readonly Allowance[]
  private closed = false
  /** Promises of the pool and the client that are not settled. */
  private promised = 0
  private untried = 0
  private checks = 0

  constructor(limits: ClientLimits, told?: (how: string) => void) {
    super(limits, told)
    const options = optionsOf(limits, this)
    this.client = limits.pool === 1 ? undefined : new HttpClient(options)
    this.pool = this.client?.pool ?? new ConnectionPool(poolPart(options))
    this.countAttempts()
    const { maxConnections = 100, maxConnectionsPerOrigin = 20, latency = 1 } = limits
    this.allowed = new Allowance(maxConnections, latency, 'the servers never see more than maxConnections')
    const perOrigin = 'a server never sees more than maxConnectionsPerOrigin'
    this.allowedAt = SERVERS.map(
      () => new Allowance(Math.min(maxConnections, maxConnectionsPerOrigin), latency, perOrigin),
    )
  }

  get now(): number {
    return this.runtime.now()
  }

  /** @throws BrokenLaw */
  async apply(step: ClientStep): Promise<void> {
    await this.act(step)
    await this.runtime.settle()
    this.check()
  }

  /** Nobody calls any more: everything must come to an end. */
  async end(ending: ClientEnding): Promise<void> {
    if (ending === 'destroy') await this.destroy()
    if (ending === 'close') this.close(0)
    if (ending === 'rest') await this.rest()
    if (!this.closed) this.close(0)
    await this.passAll()
    must(this.underWay.length === 0, 'every call ends')
    await this.pass(SOON)
    this.check()
    must(this.promised === 0, 'what was promised is settled: closing, and connections to come')
    checkNothingLeft(this.pool, this)
    if (this.client === undefined) return
    checkFigures(this.client, this)
    checkMetrics(this.client, this, this.neverTried)
  }

  /** Calls for which the pool was not asked: the breaker refused them, or they ended while a hook ran. */
  private get neverTried(): number {
    if (this.limits.hooks !== 1) return this.untried
    return this.visits.filter(({ settled, attempts }) => settled !== 'turned away' && attempts === 0).length
  }

  private countAttempts(): void {
    const { attempts = 3, hedge } = this.limits
    const dispatch = this.pool.dispatch.bind(this.pool)
    this.pool.dispatch = (options, handler) => {
      const visit = this.visitOf(sentRequest(options, '').headers)
      visit.attempts++
      const most = hedge !== undefined && visit.mayRepeat ? attempts + 1 : attempts
      this.law(visit.attempts <= most, 'no more attempts than allowed')
      return dispatch(options, handler)
    }
  }

  // ── laws ───────────────────────────────────────────────────────────────────────────────────────────────────

  private check(): void {
    if (this.broken !== undefined) throw this.broken
    const snapshot = this.pool.snapshot()
    checkPool(snapshot, this)
    checkGroups(snapshot)
    // A snapshot costs more than a step; what does not add up will not do so later.
    if (this.client !== undefined && ++this.checks % 8 === 0) checkFigures(this.client, this)
    const heard = this.now === this.jumpedTo ? -Infinity : this.now // by the servers
    this.allowed.check(this.network.history, snapshot.connections, heard)
    for (const [n, server] of this.servers.entries()) {
      const open = snapshot.origins.find(({ origin }) => origin === server.origin)?.connections ?? 0
      this.allowedAt[n]!.check(server.history, open, heard)
    }
    if (this.underWay.length > 0 || this.promised > 0) return
    must(this.runtime.holding === 0, 'what nobody waits for does not hold the process')
  }

  /** All who are under way are within their time. */
  private checkTime(): void {
    for (const { deadline } of this.underWay) {
      must(deadline > this.now, 'every call ends by its deadline, and not later')
    }
  }

  // ── steps ──────────────────────────────────────────────────────────────────────────────────────────────────

  private act(step: ClientStep): void | Promise<void> {
    const [name, n = 0, count = 0] = step
    const server = nth(this.servers, n)
    const deed = serverDeeds[name]
    if (deed !== undefined) return deed(server, step.slice(2) as number[])
    switch (step[0]) {
      case 'call':
        return this.call(server.origin, step.slice(2) as number[], step[5])
      case 'fate':
        this.fate = fateOf(step.slice(1) as number[])
        return
      case 'hint':
        this.hints[n % this.hints.length] = count
        return
      case 'abort':
        return this.abort(n)
      case 'read':
        return this.chosen(n)?.resume()
      case 'resize':
        return this.resize(step.slice(1) as number[])
      default:
        return this.actOnAll(step, server.origin, count)
    }
  }

  private actOnAll(step: ClientStep, origin: string, count: number): void | Promise<void> {
    switch (step[0]) {
      case 'evict':
        return void this.pool.evict({ origin })
      case 'warm':
        return this.promise(this.pool.warm(origin, count))
      case 'maintain':
        return this.closed ? undefined : this.pool.maintain(origin, count)
      case 'pass':
        return this.pass(step[1])
      case 'jump':
        this.runtime.jump(step[1])
        this.jumpedTo = this.now
        return
      case 'close':
        return this.close(step[1])
      case 'destroy':
        return this.destroy()
      default:
        throw new Error(`there is no step "${step[0]}"`)
    }
  }

  private call(origin: string, step: readonly number[], limit = 0): void {
    const own = this.client === undefined ? Infinity : (this.limits.timeout ?? 30_000)
    const visit = new Visit(this.visits.length, origin, step, this.fate, this.now, own)
    if (limit > 0 && this.client !== undefined && !visit.isHandler) visit.deadline = this.now + limit
    this.enter(visit)
    if (this.closed) {
      // Nothing goes out any more; the call ends at once.
      return send(this, visit, limit, (how) => this.settle(visit, how === 'closed' ? 'turned away' : how))
    }
    send(this, visit, limit, (how) => {
      if (how === 'untried') this.untried++
      this.settle(visit, how)
    })
  }

  private chosen(n: number): Visit | undefined {
    return this.underWay.length === 0 ? undefined : this.underWay[n % this.underWay.length]
  }

  private async abort(n: number): Promise<void> {
    const visit = this.chosen(n)
    if (visit === undefined) return
    visit.abort(new Error('the caller left'))
    await this.runtime.settle()
    must(visit.settled !== undefined, 'a call that is given up ends at once')
  }

  private resize([max = 1, perOrigin = 1, idle = 0, dials = 1, queue = 0]: readonly number[]): void {
    const maxConnections = Math.max(1, max)
    const maxConnectionsPerOrigin = Math.min(maxConnections, Math.max(1, perOrigin))
    const limits = { maxIdleConnections: idle, maxDials: Math.max(1, dials), maxQueue: queue }
    const { connections, origins } = this.pool.snapshot()
    this.allowed.change(maxConnections, connections)
    for (const [n, { origin }] of this.servers.entries()) {
      const open = origins.find((other) => other.origin === origin)?.connections ?? 0
      this.allowedAt[n]!.change(maxConnectionsPerOrigin, open)
    }
    this.pool.setLimits({ maxConnections, maxConnectionsPerOrigin, ...limits })
  }

  private async pass(ms: number): Promise<void> {
    const { counters } = this.pool
    const before = counters.dialed
    await this.runtime.run(ms)
    this.checkTime()
    const most = 20 + 5 * this.visits.length + ms / 10
    must(counters.dialed - before <= most, 'calm: dials are few, and never go on without end')
  }

  private promise(promise: Promise<unknown>): void {
    this.promised++
    const done = (): unknown => this.promised--
    promise.then(done, done)
  }

  // ── endings ────────────────────────────────────────────────────────────────────────────────────────────────

  private close(timeout: number): void {
    this.closed = true
    this.promise((this.client ?? this.pool).close(timeout > 0 ? { timeout } : {}))
  }

  private async destroy(): Promise<void> {
    this.closed = true
    this.promise((this.client ?? this.pool).destroy(new Error('destroyed')))
    await this.runtime.settle()
    await this.runtime.run(0)
    must(this.underWay.length === 0, 'what is destroyed ends all calls at once')
  }

  /** The servers get well, and whoever calls them then is served. */
  private async rest(): Promise<void> {
    this.getWell()
    await this.passAll()
    await this.pass(LONG)
    this.check()
    if (this.closed) return
    for (const reader of wellReaders) {
      for (const { origin } of this.servers) {
        this.call(origin, [0, 0, reader])
        await this.pass(100)
        must(this.visits.at(-1)!.settled === 'answered 200', 'whoever calls a server that is well is served')
      }
    }
  }

  private getWell(): void {
    this.isWell = true
    if (!this.closed) this.pool.setLimits({ maxQueue: 10 })
    for (const server of this.servers) {
      server.behave({ dial: {}, idleTimeout: Infinity, workers: Infinity, maxStreams: 100 })
    }
  }

  /** Until all calls must be over; whoever uses a bare pool has patience, but not for ever. */
  private async passAll(): Promise<void> {
    const last = this.underWay.reduce((latest, { deadline }) => Math.max(latest, deadline), this.now)
    await this.pass(last === Infinity ? PATIENT : last - this.now)
    if (this.client === undefined)
      for (const visit of [...this.underWay]) visit.abort(new Error('out of patience'))
    await this.runtime.settle()
  }
}
