/**
 * The core under seeded random schedules: requests, aborts, dials that succeed, fail and hang, server closes, GOAWAYs,
 * h2 sessions, passing time and shutdown, in any order. The laws are checked after every event; a failing seed replays
 * exactly.
 */
import { expect, test } from 'vitest'
import { ManualRuntime } from '../testing/manual-runtime.ts'
import { PoolCore } from './core.ts'
import { Waiter, type Origin, type Slot } from './entities.ts'
import { defaultLimits } from './limits.ts'

const SEEDS = Number(process.env['KEEPWARM_SEEDS'] ?? 200)
const EVENTS = 2_000
const ORIGINS = ['a', 'b', 'c', 'd']

class Guest extends Waiter {
  settled: string | undefined
  deadline = Infinity
  running = false
}

class World {
  readonly core: PoolCore<Guest>
  readonly chance: ManualRuntime
  now = 0
  events = 0
  dials: Slot[] = []
  closing: Slot[] = []
  sockets = new Set<Slot>()
  guests = new Set<Guest>()
  settling: { slot: Slot; at: number }[] = []
  opened = 0
  gone = 0
  /** After limits were lowered, as many as there were may stay open until they are freed. */
  allowed = 0

  constructor(seed: number) {
    this.chance = new ManualRuntime(seed)
    this.core = new PoolCore<Guest>({
      ...defaultLimits,
      maxConnections: 1 + this.pick(12),
      maxConnectionsPerOrigin: 1 + this.pick(6),
      maxIdleConnections: this.pick(5),
      maxDials: 1 + this.pick(6),
      maxQueue: 1 + this.pick(20),
      maxConnectionAge: 2_000 + this.pick(30_000),
      idleTimeout: 500 + this.pick(5_000),
      maxRequestsPerConnection: this.pick(3) === 0 ? 1 + this.pick(5) : Infinity,
    })
  }

  pick(n: number): number {
    return Math.floor(this.chance.random() * n)
  }

  step(): void {
    this.events++
    const roll = this.pick(100)
    if (roll < 35) this.ask()
    else if (roll < 60) this.finish()
    else if (roll < 72) this.dial()
    else if (roll < 77) this.abort()
    else if (roll < 81) this.serverCloses()
    else if (roll < 90) this.socketsGo()
    else if (roll < 91) this.resize()
    else if (roll < 92) this.warm()
    else this.pass(this.pick(20) === 0 ? this.pick(20_000) : this.pick(300))
    this.check()
  }

  ask(): void {
    const guest = new Guest()
    guest.deadline = this.now + 100 + this.pick(5_000)
    this.guests.add(guest)
    this.core.acquire(guest, this.core.origin(ORIGINS[this.pick(4)]!), guest.deadline, this.now)
    this.carryOut()
  }

  finish(): void {
    const running = [...this.guests].filter((guest) => guest.running)
    const guest = running[this.pick(running.length)]
    if (guest === undefined) return
    this.settle(guest, 'answered')
    const slot = guest.slot!
    guest.slot = null
    this.core.released(slot, this.now)
    this.carryOut()
    if (slot.maxStreams === 1) this.settling.push({ slot, at: this.now + this.pick(3) })
  }

  dial(): void {
    const index = this.pick(this.dials.length)
    const slot = this.dials[index]
    if (slot === undefined) return
    this.dials.splice(index, 1)
    if (this.pick(4) === 0) {
      this.sockets.delete(slot)
      this.gone++
      this.core.failed(slot, new Error('refused'), this.now)
    } else {
      this.core.opened(slot, slot.origin.key === 'd' ? 1 + this.pick(10) : 1, this.now, this.chance.random())
    }
    this.carryOut()
  }

  abort(): void {
    const waiting = [...this.guests].filter((guest) => guest.waiting)
    const guest = waiting[this.pick(waiting.length)]
    if (guest === undefined) return
    this.core.cancel(guest)
    this.settle(guest, 'aborted')
    this.carryOut()
  }

  serverCloses(): void {
    const ready = [...this.sockets].filter((slot) => slot.state === 'ready')
    const slot = ready[this.pick(ready.length)]
    if (slot === undefined) return
    this.core.retire(slot, slot.maxStreams > 1 ? 'goaway' : 'server_closed', this.now)
    this.carryOut()
    if (slot.maxStreams === 1) {
      for (const guest of this.guests) if (guest.slot === slot && guest.running) this.lose(guest)
      this.closing.push(slot)
    }
  }

  /** Its connection died under it: it ends, or goes again on one that never served. */
  lose(guest: Guest): void {
    const slot = guest.slot!
    guest.slot = null
    guest.running = false
    this.core.released(slot, this.now)
    if (this.pick(2) === 0) {
      this.settle(guest, 'reset')
    } else {
      guest.fresh = true
      this.core.distrust(slot.origin, this.now)
      this.core.acquire(guest, slot.origin, guest.deadline, this.now, true)
    }
    this.carryOut()
  }

  socketsGo(): void {
    for (const slot of this.closing.splice(0)) {
      if (!this.sockets.delete(slot)) continue
      this.dials = this.dials.filter((dial) => dial !== slot)
      this.gone++
      this.core.closed(slot, this.now)
      this.carryOut()
    }
  }

  resize(): void {
    const maxConnections = 1 + this.pick(12)
    const maxConnectionsPerOrigin = Math.min(maxConnections, 1 + this.pick(6))
    const maxIdleConnections = this.pick(5)
    this.core.resize(
      { ...this.core.limits, maxConnections, maxConnectionsPerOrigin, maxIdleConnections },
      this.now,
    )
    this.carryOut()
    this.allowed = this.core.open
  }

  warm(): void {
    this.core.warm(this.core.origin(ORIGINS[this.pick(4)]!), 1 + this.pick(5), this.now)
    this.carryOut()
  }

  pass(ms: number): void {
    const end = this.now + ms
    for (;;) {
      const drain = this.settling.reduce((first, one) => Math.min(first, one.at), Infinity)
      const next = Math.min(this.core.wakeAt, drain)
      if (next > end) break
      this.now = Math.max(this.now, next)
      if (drain <= this.now) this.drain()
      this.core.tick(this.now)
      this.carryOut()
      if (drain > this.now && this.core.wakeAt <= this.now)
        throw new Error('the core asks for more of the same moment')
    }
    this.now = end
  }

  drain(): void {
    const due = this.settling.filter(({ at }) => at <= this.now)
    this.settling = this.settling.filter(({ at }) => at > this.now)
    for (const { slot } of due) this.core.drained(slot, this.now)
    this.carryOut()
  }

  carryOut(): void {
    const { opens, closes, refusals, leases } = this.core
    while (opens.length + closes.length + refusals.length + leases.length > 0) {
      for (const slot of opens.splice(0)) {
        this.opened++
        this.sockets.add(slot)
        this.dials.push(slot)
      }
      this.closing.push(...closes.splice(0))
      for (const guest of refusals.splice(0)) this.settle(guest, guest.refusal!)
      for (const guest of leases.splice(0)) {
        must(guest.settled === undefined, 'a settled request is not given a connection')
        guest.running = true
        const slot = guest.slot!
        must(
          !guest.fresh || slot.served === 1 || slot.maxStreams > 1,
          'a fresh connection where one is needed',
        )
        this.core.dispatched(slot, slot.maxStreams > 1 && slot.streams < slot.maxStreams, this.now)
        if (slot.maxStreams > 1 && slot.blocked) this.settling.push({ slot, at: this.now + this.pick(3) })
      }
    }
  }

  settle(guest: Guest, how: string): void {
    must(guest.settled === undefined, 'settles exactly once')
    guest.settled = how
    guest.running = false
    this.guests.delete(guest)
  }

  check(): void {
    const { core } = this
    const { limits } = core
    must(this.opened - this.gone === core.open, 'opened − closed = open')
    this.allowed = Math.min(this.allowed, core.open)
    must(core.open <= Math.max(limits.maxConnections, this.allowed), 'the limit of all connections')
    must(core.dialing <= Math.max(limits.maxDials), 'the limit of dials')
    const waiting = new Map<string, number>()
    for (const guest of this.guests) {
      must(guest.waiting !== guest.running, 'everybody either waits or runs')
      if (!guest.waiting) continue
      must(guest.deadline >= this.now, 'nobody waits past the deadline')
      waiting.set(guest.origin!.key, (waiting.get(guest.origin!.key) ?? 0) + 1)
    }
    let idle = 0
    for (const key of ORIGINS) {
      const origin = core.origin(key)
      const count = { open: 0, dialing: 0, ready: 0, expected: 0 }
      for (const slot of this.sockets) {
        if (slot.origin !== origin) continue
        count.open++
        if (slot.state === 'dialing') count.dialing++
        if (slot.state === 'ready') count.ready++
        if (slot.idle) idle++
        count.expected += slot.expected
        must(slot.streams >= 0 && slot.streams <= slot.maxStreams, 'streams within the connection')
      }
      for (const [name, value] of Object.entries(count)) {
        must(origin[name as keyof typeof count] === value, `${name} is what the sockets say`)
      }
      must(origin.open <= Math.max(limits.maxConnectionsPerOrigin, this.allowed), 'the limit of an origin')
      must(origin.waiting === (waiting.get(key) ?? 0), 'waiting is what the requests say')
      must(origin.line.count <= limits.maxQueue + 10 * 12, 'the line is bounded')
      must(!this.freshLeftOut(origin), 'a connection that never served goes to who needs one')
      must(origin.line.count === 0 || origin.top === null, 'nothing is free while somebody waits for it')
      this.checkHelp(origin)
    }
    must(core.waiting === [...waiting.values()].reduce((sum, n) => sum + n, 0), 'all who wait')
    must(core.idle.count === idle, 'idle is what the sockets say')
  }

  freshLeftOut(origin: Origin): boolean {
    if (origin.freshLine.count === 0) return false
    return [...this.sockets].some((slot) => slot.origin === origin && slot.free && slot.served === 0)
  }

  /** Whoever waits has a dial, a connection about to be free, or a limit in the way, and room is being made. */
  checkHelp(origin: Origin): void {
    const { core } = this
    const { limits } = core
    if (origin.waiting === 0 || this.now < origin.dialAfter || origin.open >= limits.maxConnectionsPerOrigin)
      return
    const dialed = origin.dialing * origin.streamsPerConnection
    let room = dialed
    let leaving = 0
    for (const slot of this.sockets) {
      if (slot.origin === origin && slot.state === 'ready') room += slot.blocked ? slot.expected : 0
      if (slot.state === 'retiring' && slot.streams === 0) leaving++
    }
    if (origin.freshLine.count + Math.max(0, origin.line.count - room + dialed) <= dialed) return
    if (core.dialing >= limits.maxDials) return
    must(core.open >= limits.maxConnections, 'whoever waits is dialed for, up to the limits')
    must(core.idle.count === 0 || leaving > 0, 'an idle connection makes room for those who wait')
  }

  /** Nobody asks any more: everything must come to an end by itself. */
  windDown(): void {
    this.core.shutdown(this.now)
    this.carryOut()
    for (let i = 0; i < 1_000 && (this.core.open > 0 || this.guests.size > 0); i++) {
      this.pass(1_000)
      while (this.dials.length > 0 && this.core.waiting > 0) this.dial()
      for (const guest of [...this.guests]) if (guest.running) this.finish()
      this.pass(10)
      this.socketsGo()
      this.check()
    }
    expect([this.core.open, this.core.waiting, this.guests.size]).toEqual([0, 0, 0])
    this.pass(1_000) // a pause after a failed dial may still run out
    expect(this.core.wakeAt, 'calm: a settled state asks for nothing').toBe(Infinity)
  }
}

function must(holds: boolean, law: string): void {
  if (!holds) throw new Error(`broken: ${law}`)
}

test(`the laws hold after every one of ${SEEDS * EVENTS} events`, { timeout: 120_000 }, () => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const world = new World(seed)
    try {
      for (let i = 0; i < EVENTS; i++) world.step()
      world.windDown()
    } catch (error) {
      throw new Error(
        `seed ${seed}, event ${world.events}, at ${world.now} ms: ${(error as Error).message}`,
        { cause: error },
      )
    }
  }
})
