/**
 * A world around the pool's core: requests, sockets and servers that do what a schedule says. After every step the laws
 * are checked.
 *
 *     const world = new PoolWorld(limits)
 *     for (const step of steps) world.apply(step)    throws BrokenLaw
 *     world.end('rest')
 */
import type { PoolLimits } from '../pool/limits.ts'
import { must } from './laws.ts'
import { checkState } from './pool-laws.ts'
import { PoolNetwork } from './pool-network.ts'
import { ADDRESSES, GROUP, LEADS, limiterOf, ORIGINS, type Ending, type Step } from './pool-schedule.ts'

export class PoolWorld extends PoolNetwork {
  /** @throws BrokenLaw */
  apply(step: Step): void {
    this.act(step)
    this.carryOut(step[0] === 'warm')
    checkState(this)
  }

  /** Nobody asks any more: everything must come to an end. */
  end(ending: Ending): void {
    if (ending === 'shutdown') this.core.shutdown(this.now)
    if (ending === 'destroy') this.destroy()
    for (const origin of this.origins) this.core.maintain(origin, 0, this.now)
    this.carryOut()
    const isActive = (): boolean => this.sockets.length > 0 || this.waiting.length > 0 || this.wanted > 0
    for (let round = 0; isActive(); round++) {
      must(round < 200, 'everything comes to an end')
      this.pass(1_000)
      for (const { slot } of [...this.sockets]) if (slot.suspended) this.core.retire(slot, 'silent', this.now)
      this.carryOut(true)
      while (this.dials.length > 0) this.open(0, 1, 0, 0)
      while (this.running.length > 0) this.finish(0, 0)
      this.pass(10)
      this.goneSockets(Infinity)
      checkState(this)
    }
    this.pass(31_000 + this.core.limits.idleGrace) // a pause after a failed dial may still run out
    must(this.settled === this.asked, 'every request settles')
    must(this.core.open === 0 && this.core.waiting === 0, 'nothing is left')
    must(this.core.wakeAt === Infinity, 'calm: a settled state asks for nothing')
  }

  /** Connections that origins should have. */
  private get wanted(): number {
    return this.core.isClosed ? 0 : this.origins.reduce((sum, origin) => sum + origin.wanted, 0)
  }

  private act(step: Step): void {
    switch (step[0]) {
      case 'ask':
        return this.ask(step[1], step[2], step[3] === 1, step[4] ?? 1)
      case 'finish':
        return this.finish(step[1], step[2])
      case 'hint':
        return this.hint(step[1], step[2])
      case 'open':
        return this.open(step[1], step[2], step[3], step[4])
      case 'refuse':
        return this.refuse(step[1])
      case 'abort':
        return this.abort(step[1])
      case 'cut':
        return this.cut(step[1])
      case 'close':
        return this.close(step[1], step[2])
      case 'goaway':
        return this.goaway(step[1])
      case 'suspend':
        return this.suspend(step[1])
      case 'resume':
        return this.resume(step[1])
      case 'upgrade':
        return this.upgrade(step[1])
      case 'gone':
        return this.goneSockets(step[1])
      case 'resize':
        return this.resize(step[1], step[2], step[3], step[4], step[5])
      case 'limit':
        return this.limit(step[1])
      case 'limiter':
        return this.limiter(step[1])
      case 'sample':
        return this.sample(step[1], step[2], step[3], step[4], step[5])
      case 'warm':
        return this.warm(step[1], step[2])
      case 'maintain':
        return this.maintain(step[1], step[2])
      case 'lead':
        return this.lead(step[1], step[2])
      case 'doubt':
        return this.doubt(step[1])
      case 'pass':
        return this.pass(step[1])
      case 'jump':
        this.now += step[1]
        this.orphanedSince.fill(Infinity) // nobody was there to look
        return
      case 'sleep':
        this.core.slept(this.now)
        must(this.core.idle.count === 0, 'nothing that slept is used')
        return
      case 'shutdown':
        return this.core.shutdown(this.now)
    }
  }

  // ── limits ─────────────────────────────────────────────────────────────────────────────────────────────────

  private warm(origin: number, count: number): void {
    if (this.core.isClosed) return // the pool refuses
    this.core.warm(this.origins[origin % ORIGINS.length]!, count, this.now)
  }

  private maintain(origin: number, count: number): void {
    if (this.core.isClosed) return // the pool refuses
    const home = origin % ORIGINS.length
    this.maintained[home] ||= count > 0
    this.core.maintain(this.origins[home]!, count, this.now)
  }

  private lead(origin: number, bits: number): void {
    const home = origin % ORIGINS.length
    const leads = ADDRESSES.filter((_, bit) => (bits & (1 << bit)) > 0)
    this.leads[home] = leads.length === 0 ? LEADS[home]! : leads
    if (this.origins[home]!.addresses !== null)
      this.core.resolved(this.origins[home]!, this.leads[home], this.now)
  }

  private resize(max: number, perOrigin: number, idle: number, dials: number, queue: number): void {
    const limits: PoolLimits = {
      ...this.core.limits,
      maxConnections: Math.max(1, max),
      maxConnectionsPerOrigin: Math.max(1, Math.min(max, perOrigin)),
      maxIdleConnections: idle,
      maxDials: Math.max(1, dials),
      maxQueue: queue,
    }
    this.resized(limits)
  }

  private limit(maxInFlight: number): void {
    const { limits } = this.core
    const { maxQueue, limiter } = limits.groups.get(GROUP) ?? limits
    const groups = new Map([[GROUP, { maxInFlight: Math.max(1, maxInFlight), maxQueue, limiter }]])
    this.resized({ ...limits, groups })
  }

  /** Of the group too, where it has limits of its own. */
  private limiter(rule: number): void {
    const { limits } = this.core
    const limiter = limiterOf(rule)
    const groups = new Map([...limits.groups].map(([name, own]) => [name, { ...own, limiter }]))
    this.resized({ ...limits, groups, limiter })
  }

  private resized(limits: PoolLimits): void {
    this.core.resize(limits, this.now)
    this.carryOut()
    this.allowed = this.core.open
    this.allowedDials = this.core.dialing
  }
}
