/** What servers and sockets do in a world around the pool's core: dials end, connections close, and time passes. */
import { must } from './laws.ts'
import { nth, type Socket } from './pool-books.ts'
import { PoolRequests } from './pool-requests.ts'
import { HTTP2_ORIGIN } from './pool-schedule.ts'

export class PoolNetwork extends PoolRequests {
  protected open(n: number, streams: number, settings: number, chance: number): void {
    const socket = this.takeDial(n)
    if (socket === undefined) return
    const { limits } = this.core
    const maxStreams = socket.home === HTTP2_ORIGIN ? Math.max(1, streams) : 1
    socket.settledAt = this.now + settings
    socket.restsSince = this.now
    socket.lastsUntil = this.now + limits.maxConnectionAge * (1 - limits.ageJitter * chance)
    const { slot, home } = socket
    const { replaces } = slot
    this.failedAhead[home] = -Infinity
    this.core.opened(slot, maxStreams, this.now, chance)
    const isSuccessor = replaces !== null && slot.state === 'ready'
    must(!isSuccessor || replaces.state !== 'ready', 'where there is a successor, the old one takes no more')
    this.carryOut()
  }

  protected refuse(n: number): void {
    const socket = this.takeDial(n)
    if (socket === undefined) return
    this.drop(socket)
    this.failedDial = socket.dialedAt
    if (socket.slot.openedFor === 'minimum') this.failedAhead[socket.home] = this.now
    this.core.failed(socket.slot, 'refused', this.now)
  }

  private takeDial(n: number): Socket | undefined {
    return this.dials.length === 0 ? undefined : this.dials.splice(n % this.dials.length, 1)[0]
  }

  protected close(n: number, then: number): void {
    const socket = this.nthReady(n)
    if (socket === undefined) return
    this.core.retire(socket.slot, 'server_closed', this.now)
    this.carryOut()
    while (socket.running.length > 0) this.lose(socket.running[0]!, then)
  }

  protected goaway(n: number): void {
    const socket = this.nthReady(n)
    if (socket === undefined) return
    this.core.retire(socket.slot, socket.slot.maxStreams > 1 ? 'goaway' : 'connection_close', this.now)
  }

  protected suspend(n: number): void {
    const { slot } = this.nthReady(n) ?? {}
    if (slot !== undefined && slot.maxStreams > 1) this.core.suspend(slot, this.now)
  }

  protected resume(n: number): void {
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

  protected goneSockets(count: number): void {
    for (const socket of this.closing.splice(0, count)) {
      this.drop(socket)
      this.core.closed(socket.slot, this.now)
      this.carryOut()
    }
  }

  protected destroy(): void {
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
    must(this.waiting.length === 0, 'nobody waits after destruction')
  }

  // ── time ────────────────────────────────────────────────────────────────────────────────────────────────────

  protected pass(ms: number): void {
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
}
