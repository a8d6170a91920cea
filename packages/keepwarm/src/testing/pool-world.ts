/**
 * A world around the pool's core: requests, sockets and servers that do what a schedule says. After every step the laws
 * are checked.
 *
 *     const world = new PoolWorld(limits)
 *     for (const step of steps) world.apply(step)    throws BrokenLaw
 *     world.end('rest')
 */
import type { Lane } from '../pool/lanes.ts'
import type { PoolLimits } from '../pool/limits.ts'
import { Guest, PoolBooks, put, type Socket } from './pool-books.ts'
import { must } from './laws.ts'
import { hasRoomFor } from './pool-fairness.ts'
import { checkState } from './pool-laws.ts'
import { ADDRESSES, GROUP, HTTP2_ORIGIN, LEADS, ORIGINS, type Ending, type Step } from './pool-schedule.ts'

export class PoolWorld extends PoolBooks {
  private lastTurn = 0
  private firstTurn = 0

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
        return
      case 'shutdown':
        return this.core.shutdown(this.now)
    }
  }

  // ── requests ───────────────────────────────────────────────────────────────────────────────────────────────

  private ask(origin: number, patience: number, fickle: boolean, kind: number): void {
    const home = origin % ORIGINS.length
    const guest = new Guest(home, this.now + patience, fickle, kind)
    const full = this.isFull(this.laneOf(guest))
    const { isClosed } = this.core
    this.asked++
    this.line(guest, false)
    must(!isClosed || guest.refusal === 'closed', 'nobody is served who came after the end')
    must(!(guest.waiting && full), 'the line is bounded')
    must(guest.refusal !== 'queue_full' || full, 'nobody is sent away while the line has room')
  }

  /** So many wait for whom no dial is under way, and no more may be dialed. */
  private isFull({ origin, limits, inFlight, waiting }: Lane): boolean {
    const { limits: all, open, dialing } = this.core
    const places = Math.max(0, limits.maxInFlight - inFlight)
    const promised = Math.min(places, origin.dialing * origin.streamsPerConnection + origin.expected)
    const room = open < all.maxConnections && dialing < all.maxDials
    const mayDial = room && hasRoomFor(this, origin) && this.now >= origin.dialAfter
    return waiting - promised >= limits.maxQueue && !(mayDial && waiting < places)
  }

  private line(guest: Guest, front: boolean): void {
    guest.askedAt = this.now
    guest.turn = front ? --this.firstTurn : ++this.lastTurn
    if (front) this.core.again(guest, guest.deadline, this.now)
    else this.core.acquire(guest, this.laneOf(guest), guest.deadline, this.now)
    guest.waited = guest.waiting
    if (guest.waiting) put(this.waiting, guest)
  }

  private finish(n: number, drains: number): void {
    const guest = nth(this.running, n)
    if (guest === undefined) return
    const { slot } = guest.socket!
    if (slot.maxStreams === 1) this.drains.push({ socket: guest.socket!, at: this.now + drains })
    this.settle(guest, 'answered')
    this.core.released(guest, this.now)
    this.carryOut()
  }

  private hint(n: number, keepAlive: number): void {
    const guest = nth(this.running, n)
    if (guest === undefined || guest.socket!.slot.maxStreams > 1) return
    const { idleMargin, maxIdleTimeout } = this.core.limits
    guest.socket!.hint = Math.min(keepAlive - idleMargin, maxIdleTimeout)
    this.core.hinted(guest.socket!.slot, keepAlive)
  }

  private abort(n: number): void {
    const guest = nth(this.waiting, n)
    if (guest === undefined) return
    this.core.cancel(guest, this.now)
    this.settle(guest, 'aborted')
  }

  private cut(n: number): void {
    const guest = nth(this.running, n)
    if (guest === undefined) return
    const { slot } = guest.socket!
    if (slot.maxStreams === 1) this.core.retire(slot, 'aborted', this.now)
    this.settle(guest, 'aborted')
    this.core.released(guest, this.now)
  }

  private upgrade(n: number): void {
    const guest = nth(this.running, n)
    if (guest === undefined || guest.socket!.slot.maxStreams > 1) return
    const { slot } = guest.socket!
    this.core.retire(slot, 'upgrade', this.now)
    this.settle(guest, 'upgraded')
    this.core.released(guest, this.now)
  }

  /** Its connection died under it. */
  private lose(guest: Guest, then: number): void {
    const { slot } = guest.socket!
    if (then === 0) {
      this.settle(guest, 'reset')
      return this.core.released(guest, this.now)
    }
    this.leaveSocket(guest)
    guest.fresh ||= then === 2
    if (then === 2) this.core.distrust(slot.origin, this.now)
    this.line(guest, true)
    this.carryOut()
  }

  // ── sockets ────────────────────────────────────────────────────────────────────────────────────────────────

  private open(n: number, streams: number, settings: number, chance: number): void {
    const socket = this.takeDial(n)
    if (socket === undefined) return
    const { limits } = this.core
    const maxStreams = socket.home === HTTP2_ORIGIN ? Math.max(1, streams) : 1
    socket.settledAt = this.now + settings
    socket.restsSince = this.now
    socket.lastsUntil = this.now + limits.maxConnectionAge * (1 - limits.ageJitter * chance)
    this.core.opened(socket.slot, maxStreams, this.now, chance)
    this.carryOut()
  }

  private refuse(n: number): void {
    const socket = this.takeDial(n)
    if (socket === undefined) return
    this.drop(socket)
    this.failedDial = socket.dialedAt
    this.core.failed(socket.slot, 'refused', this.now)
  }

  private takeDial(n: number): Socket | undefined {
    return this.dials.length === 0 ? undefined : this.dials.splice(n % this.dials.length, 1)[0]
  }

  private close(n: number, then: number): void {
    const socket = this.nthReady(n)
    if (socket === undefined) return
    this.core.retire(socket.slot, 'server_closed', this.now)
    this.carryOut()
    while (socket.running.length > 0) this.lose(socket.running[0]!, then)
  }

  private goaway(n: number): void {
    const socket = this.nthReady(n)
    if (socket === undefined) return
    this.core.retire(socket.slot, socket.slot.maxStreams > 1 ? 'goaway' : 'connection_close', this.now)
  }

  private suspend(n: number): void {
    const { slot } = this.nthReady(n) ?? {}
    if (slot !== undefined && slot.maxStreams > 1) this.core.suspend(slot, this.now)
  }

  private resume(n: number): void {
    const suspended = this.sockets.filter(({ slot }) => slot.suspended)
    const socket = nth(suspended, n)
    if (socket !== undefined) this.core.resume(socket.slot, this.now)
  }

  private nthReady(n: number): Socket | undefined {
    const { sockets } = this
    for (let i = 0; i < sockets.length; i++) {
      const socket = sockets[(n + i) % sockets.length]!
      if (socket.slot.state === 'ready') return socket
    }
    return undefined
  }

  private goneSockets(count: number): void {
    for (const socket of this.closing.splice(0, count)) {
      this.drop(socket)
      this.core.closed(socket.slot, this.now)
      this.carryOut()
    }
  }

  private destroy(): void {
    this.core.abandon('destroyed')
    for (const socket of this.sockets) socket.slot.closeReason ??= 'destroyed'
    this.carryOut()
    for (const socket of [...this.sockets]) {
      this.core.retire(socket.slot, 'destroyed', this.now)
      while (socket.running.length > 0) this.lose(socket.running[0]!, this.gone % 3)
      this.carryOut()
      this.drop(socket)
      this.core.closed(socket.slot, this.now)
    }
    this.dials.length = this.closing.length = 0
  }

  // ── time and limits ────────────────────────────────────────────────────────────────────────────────────────

  private pass(ms: number): void {
    const end = this.now + ms
    for (let turns = 0; ; turns++) {
      must(turns < 500, 'the core is seldom woken')
      const drain = this.drains.reduce((first, { at }) => Math.min(first, at), Infinity)
      const next = Math.min(this.core.wakeAt, drain)
      if (next > end) break
      this.now = Math.max(this.now, next)
      if (drain <= this.now) this.drain()
      this.core.tick(this.now)
      this.carryOut(true) // whoever it was for may have been timed out by the same tick
    }
    this.now = this.ticked = end
  }

  private drain(): void {
    const all = this.drains
    this.drains = all.filter(({ at }) => at > this.now)
    for (const { socket, at } of all) {
      if (at > this.now) continue
      if (socket.running.length === 0) socket.restsSince = this.now
      this.core.drained(socket.slot, this.now)
      this.carryOut()
    }
  }

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

  private doubt(n: number): void {
    const guest = nth(this.running, n)
    if (guest !== undefined) this.core.suspect(guest.slot!, this.now)
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
    const { maxQueue } = limits.groups.get(GROUP) ?? limits
    const groups = new Map([[GROUP, { maxInFlight: Math.max(1, maxInFlight), maxQueue }]])
    this.resized({ ...limits, groups })
  }

  private resized(limits: PoolLimits): void {
    this.core.resize(limits, this.now)
    this.carryOut()
    this.allowed = this.core.open
    this.allowedDials = this.core.dialing
    this.allowedInGroup = Math.max(...this.groups.map(({ inFlight }) => inFlight))
  }
}

function nth<T>(list: readonly T[], n: number): T | undefined {
  return list.length === 0 ? undefined : list[n % list.length]
}
