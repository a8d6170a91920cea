import { describe, expect, test } from 'vitest'
import { PoolCore } from './core.ts'
import { Waiter, type Slot } from './entities.ts'
import { defaultLimits, type PoolLimits } from './limits.ts'

/** A request by name, so that a test reads like a film strip. */
class Guest extends Waiter {
  readonly name: string
  constructor(name: string) {
    super()
    this.name = name
  }
}

/** Plays the pool: carries orders out when told to, and prints the state in one line. */
class Stage {
  readonly core: PoolCore<Guest>
  now = 0
  readonly dials: Slot[] = []
  readonly closing: Slot[] = []
  readonly refused: string[] = []

  constructor(limits: Partial<PoolLimits> = {}) {
    this.core = new PoolCore<Guest>({ ...defaultLimits, ageJitter: 0, ...limits })
  }

  ask(name: string, origin = 'a', deadline = Infinity): Guest {
    const guest = new Guest(name)
    this.core.acquire(guest, this.core.origin(origin).lane, deadline, this.now)
    this.carryOut()
    return guest
  }

  /** Ends a request the way HTTP/1.1 does: the response is complete, and a moment later the connection is free. */
  finish(guest: Guest): void {
    const slot = guest.slot!
    this.core.released(guest, this.now)
    this.core.drained(slot, this.now)
    this.carryOut()
  }

  opened(index = 0, streams = 1): Slot {
    const [slot] = this.dials.splice(index, 1)
    this.core.opened(slot!, streams, this.now, 0)
    this.carryOut()
    return slot!
  }

  failed(error: unknown, index = 0): void {
    const [slot] = this.dials.splice(index, 1)
    this.core.failed(slot!, error, this.now)
    this.carryOut()
  }

  /** The sockets that were ordered closed are gone. */
  gone(): number {
    const closed = this.closing.splice(0)
    for (const slot of closed) this.core.closed(slot, this.now)
    this.carryOut()
    return closed.length
  }

  pass(ms: number): void {
    const end = this.now + ms
    while (this.core.wakeAt <= end) {
      this.now = Math.max(this.now, this.core.wakeAt)
      this.core.tick(this.now)
      this.carryOut()
    }
    this.now = end
  }

  carryOut(): void {
    const { opens, closes, refusals, leases } = this.core
    while (opens.length + closes.length + refusals.length + leases.length > 0) {
      this.dials.push(...opens.splice(0))
      this.closing.push(...closes.splice(0))
      for (const guest of refusals.splice(0)) this.refused.push(`${guest.name}:${guest.refusal}`)
      for (const guest of leases.splice(0))
        this.core.dispatched(guest.slot!, guest.slot!.maxStreams > 1, this.now)
    }
  }

  /** The state in one line. */
  get figures(): string {
    const { open, dialing, idle, waiting } = this.core
    return `${open} open, ${dialing} dialing, ${idle.count} idle, ${waiting} waiting`
  }
}

describe('PoolCore', () => {
  test('a request waits for its dial, the connection is then reused by the next', () => {
    const stage = new Stage()
    const first = stage.ask('first')
    expect(stage.figures).toBe('1 open, 1 dialing, 0 idle, 1 waiting')
    const slot = stage.opened()
    expect(first.slot).toBe(slot)
    stage.finish(first)
    expect(stage.figures).toBe('1 open, 0 dialing, 1 idle, 0 waiting')
    expect(stage.ask('second').slot).toBe(slot)
    expect(stage.figures).toBe('1 open, 0 dialing, 0 idle, 0 waiting')
  })

  test('between the end of a response and the drain nobody dials for the one who comes', () => {
    const stage = new Stage()
    const first = stage.ask('first')
    const slot = stage.opened()
    stage.core.released(first, 0)
    const second = stage.ask('second')
    expect(stage.figures).toBe('1 open, 0 dialing, 0 idle, 1 waiting')
    stage.core.drained(slot, 0)
    stage.carryOut()
    expect(second.slot).toBe(first.slot)
  })

  test('when the connection dies in that moment instead, a new one is dialed', () => {
    const stage = new Stage()
    const first = stage.ask('first')
    const slot = stage.opened()
    stage.core.released(first, 0)
    stage.ask('second')
    stage.core.retire(slot, 'connection_close', 0)
    stage.carryOut()
    expect(stage.figures).toBe('2 open, 1 dialing, 0 idle, 1 waiting')
  })

  test('a connection freed during a dial serves the waiter, the dial is pooled', () => {
    const stage = new Stage()
    const first = stage.ask('first')
    stage.opened()
    const second = stage.ask('second')
    expect(stage.figures).toBe('2 open, 1 dialing, 0 idle, 1 waiting')
    stage.finish(first)
    expect(second.slot).not.toBeNull()
    stage.opened()
    expect(stage.figures).toBe('2 open, 0 dialing, 1 idle, 0 waiting')
  })

  test('dials count against the limit of an origin, the line is first come first served', () => {
    const stage = new Stage({ maxConnectionsPerOrigin: 2 })
    const guests = ['1', '2', '3', '4'].map((name) => stage.ask(name))
    expect(stage.figures).toBe('2 open, 2 dialing, 0 idle, 4 waiting')
    stage.opened()
    stage.opened()
    stage.finish(guests[0]!)
    expect([guests[2]!.slot !== null, guests[3]!.slot !== null]).toEqual([true, false])
  })

  test('the newest idle connection is used first', () => {
    const stage = new Stage()
    const [a, b] = [stage.ask('a'), stage.ask('b')]
    stage.opened()
    stage.opened()
    const last = b.slot
    stage.finish(a)
    stage.finish(b)
    expect(stage.ask('c').slot).toBe(last)
  })

  test('surplus idle connections are closed after the grace, oldest first, and not before', () => {
    const stage = new Stage({ maxIdleConnections: 1, idleGrace: 1_000 })
    const guests = ['a', 'b', 'c'].map((name) => stage.ask(name))
    for (const _ of guests) stage.opened()
    const [oldest, next] = guests.map((guest) => guest.slot)
    for (const guest of guests) stage.finish(guest)
    stage.pass(999)
    expect(stage.closing).toEqual([])
    stage.pass(1)
    expect(stage.closing).toEqual([oldest, next])
    expect(stage.closing.map((slot) => slot.closeReason)).toEqual(['idle_limit', 'idle_limit'])
  })

  test('an idle connection in steady use is never closed by the idle limit', () => {
    const stage = new Stage({ maxIdleConnections: 1, idleGrace: 1_000 })
    const guests = ['a', 'b', 'c'].map((name) => stage.ask(name))
    for (const _ of guests) stage.opened()
    for (let round = 0; round < 50; round++) {
      for (const guest of guests) stage.finish(guest)
      stage.pass(400)
      guests.splice(0, 3, stage.ask('a'), stage.ask('b'), stage.ask('c'))
      stage.pass(50)
    }
    expect(stage.figures).toBe('3 open, 0 dialing, 0 idle, 0 waiting')
  })

  test("an idle connection ends at its time; the server's hint moves it, less the margin, up to the cap", () => {
    const stage = new Stage({ idleTimeout: 15_000, maxIdleTimeout: 60_000, idleMargin: 1_000 })
    const close = (hint: number | undefined): number => {
      const start = stage.now
      const guest = stage.ask('x')
      if (stage.dials.length > 0) stage.opened()
      if (hint !== undefined) stage.core.hinted(guest.slot!, hint)
      stage.finish(guest)
      while (stage.closing.length === 0) stage.pass(1_000)
      stage.gone()
      return stage.now - start
    }
    expect(close(undefined)).toBe(15_000)
    expect(close(5_000)).toBe(4_000)
    expect(close(30_000)).toBe(29_000)
    expect(close(600_000)).toBe(60_000)
  })

  test('a hint within the margin means: not again', () => {
    const stage = new Stage()
    const guest = stage.ask('x')
    stage.opened()
    stage.core.hinted(guest.slot!, 1_000)
    stage.finish(guest)
    expect(stage.closing[0]?.closeReason).toBe('keep_alive_hint')
  })

  test('a connection in use is looked at for its age alone, however short it may rest', () => {
    const stage = new Stage({ idleTimeout: 1, maxConnectionAge: 10_000 })
    const guest = stage.ask('long')
    stage.opened()
    let wakes = 0
    while (stage.core.wakeAt < 10_000) {
      wakes++
      stage.pass(stage.core.wakeAt - stage.now)
    }
    expect(wakes).toBeLessThan(5) // the agenda looks once a turn of its wheel
    stage.finish(guest)
    expect(stage.core.wakeAt).toBe(stage.now + 1)
  })

  test('age: an idle one ends at its time, a busy one after its request', () => {
    const stage = new Stage({ maxConnectionAge: 10_000 })
    const [idle, busy] = [stage.ask('idle'), stage.ask('busy')]
    stage.opened()
    stage.opened()
    stage.finish(idle)
    stage.pass(9_999)
    expect(stage.closing).toEqual([])
    stage.pass(1)
    expect(stage.closing.map((slot) => slot.closeReason)).toEqual(['age'])
    stage.core.released(busy, stage.now)
    stage.carryOut()
    expect(stage.closing).toHaveLength(2)
  })

  test('jitter takes off up to its share of the age, by chance', () => {
    const stage = new Stage({ maxConnectionAge: 10_000, ageJitter: 0.1 })
    stage.ask('x')
    const [slot] = stage.dials
    stage.core.opened(slot!, 1, 0, 0.5)
    expect(slot!.retireAt).toBe(9_500)
  })

  test('a connection serves so many requests and no more', () => {
    const stage = new Stage({ maxRequestsPerConnection: 2 })
    const first = stage.ask('1')
    stage.opened()
    stage.finish(first)
    const second = stage.ask('2')
    stage.finish(second)
    expect(stage.closing.map((slot) => slot.closeReason)).toEqual(['requests'])
  })

  test('the wait ends at its deadline, not before and not later', () => {
    const stage = new Stage({ maxConnectionsPerOrigin: 1 })
    stage.ask('busy')
    stage.opened()
    stage.ask('late', 'a', 5_000)
    stage.pass(4_999)
    expect(stage.refused).toEqual([])
    stage.pass(1)
    expect(stage.refused).toEqual(['late:acquire_timeout'])
    expect(stage.core.waiting).toBe(0)
  })

  test('the line is bounded: one more fails at once', () => {
    const stage = new Stage({ maxConnectionsPerOrigin: 1, maxQueue: 1 })
    for (const name of ['1', '2', '3']) stage.ask(name)
    expect(stage.refused).toEqual(['3:queue_full'])
  })

  test('whom a dial will serve does not count as waiting: a line of length 0 still dials', () => {
    const stage = new Stage({ maxConnectionsPerOrigin: 2, maxQueue: 0 })
    for (const name of ['1', '2', '3']) stage.ask(name)
    expect(stage.dials).toHaveLength(2)
    expect(stage.refused).toEqual(['3:queue_full'])
  })

  test('a waiter that leaves frees its place; its dial is pooled for the next', () => {
    const stage = new Stage()
    const guest = stage.ask('leaves')
    stage.core.cancel(guest, stage.now)
    expect(stage.figures).toBe('1 open, 1 dialing, 0 idle, 0 waiting')
    stage.opened()
    expect(stage.figures).toBe('1 open, 0 dialing, 1 idle, 0 waiting')
  })

  test('fifty requests to a dead origin cost one round of dials and share the failure', () => {
    const stage = new Stage({ maxConnectionsPerOrigin: 5 })
    for (let i = 0; i < 50; i++) stage.ask(String(i))
    expect(stage.dials).toHaveLength(5)
    for (let i = 0; i < 4; i++) stage.failed(new Error('refused'))
    expect(stage.refused).toEqual([])
    stage.failed(new Error('refused'))
    expect(stage.refused).toHaveLength(50)
    expect(stage.figures).toBe('0 open, 0 dialing, 0 idle, 0 waiting')
  })

  test('a failed dial does not fail who came after it began: another is dialed for them', () => {
    const stage = new Stage({ maxConnectionsPerOrigin: 1 })
    stage.ask('before')
    stage.pass(1)
    stage.ask('after')
    stage.failed(new Error('refused'))
    expect(stage.refused).toEqual(['before:dial_failed'])
    stage.pass(10)
    expect(stage.figures).toBe('1 open, 1 dialing, 0 idle, 1 waiting')
  })

  test('while others still work, a failed dial is tried again after a moment, and costs nobody', () => {
    const stage = new Stage({ maxConnectionsPerOrigin: 2 })
    const guests = ['1', '2', '3'].map((name) => stage.ask(name))
    stage.opened()
    stage.failed(new Error('reset'))
    expect(stage.refused).toEqual([])
    for (const pause of [10, 20, 40]) {
      stage.pass(pause - 1)
      expect(stage.dials).toHaveLength(0)
      stage.pass(1)
      expect(stage.dials).toHaveLength(1)
      stage.failed(new Error('reset'))
    }
    stage.finish(guests[0]!)
    expect(guests[1]!.slot).not.toBeNull()
  })

  test('at the limit of all connections the longest idle one of another origin makes room', () => {
    const stage = new Stage({ maxConnections: 2 })
    for (const name of ['a', 'b']) {
      const guest = stage.ask(name, name)
      stage.opened()
      stage.finish(guest)
    }
    const guest = stage.ask('c', 'c')
    expect(stage.closing.map((slot) => [slot.origin.key, slot.closeReason])).toEqual([['a', 'evicted']])
    expect(stage.dials).toEqual([])
    stage.gone()
    expect(stage.opened()).toBe(guest.slot)
    expect(stage.figures).toBe('2 open, 0 dialing, 1 idle, 0 waiting')
  })

  test('origins that wait for room are served in turn', () => {
    const stage = new Stage({ maxConnections: 1 })
    const busy = stage.ask('busy', 'x')
    stage.opened()
    const a1 = stage.ask('a1', 'a')
    stage.ask('a2', 'a')
    const b = stage.ask('b1', 'b')
    stage.core.released(busy, 0)
    stage.core.retire(busy.slot!, 'server_closed', 0)
    stage.carryOut()
    stage.gone()
    expect(stage.dials.map((slot) => slot.origin.key)).toEqual(['a'])
    stage.opened()
    stage.core.released(a1, 0)
    stage.core.retire(a1.slot!, 'server_closed', 0)
    stage.carryOut()
    stage.gone()
    expect(stage.opened()).toBe(b.slot)
  })

  test('HTTP/2: requests share a session up to its streams; the next session is dialed only when it is full', () => {
    const stage = new Stage()
    stage.ask('1')
    stage.opened(0, 3)
    stage.ask('2')
    const third = stage.ask('3')
    expect(stage.figures).toBe('1 open, 0 dialing, 0 idle, 0 waiting')
    const fourth = stage.ask('4')
    expect(stage.figures).toBe('2 open, 1 dialing, 0 idle, 1 waiting')
    stage.core.released(third, 0)
    stage.carryOut()
    expect(fourth.slot).toBe(third.slot)
  })

  test('HTTP/2: a session that is going away finishes what runs, new requests go elsewhere at once', () => {
    const stage = new Stage()
    const old = stage.ask('old')
    const slot = stage.opened(0, 100)
    stage.core.retire(slot, 'goaway', 0)
    stage.ask('new')
    expect(stage.figures).toBe('2 open, 1 dialing, 0 idle, 1 waiting')
    expect(stage.closing).toEqual([])
    stage.core.released(old, 0)
    stage.carryOut()
    expect(stage.closing).toEqual([slot])
  })

  test('shutdown closes what is idle, finishes what runs and waits, refuses what comes', () => {
    const stage = new Stage({ maxConnectionsPerOrigin: 1 })
    const idle = stage.ask('idle', 'b')
    stage.opened()
    stage.finish(idle)
    const running = stage.ask('running')
    stage.opened()
    const waiting = stage.ask('waiting')
    stage.core.shutdown(0)
    stage.carryOut()
    expect(stage.gone()).toBe(1)
    stage.ask('late')
    expect(stage.refused).toEqual(['late:closed'])
    stage.finish(running)
    expect(waiting.slot).not.toBeNull()
    stage.finish(waiting)
    expect(stage.gone()).toBe(1)
    expect(stage.figures).toBe('0 open, 0 dialing, 0 idle, 0 waiting')
  })

  test('shutdown calls off dials that nobody waits for', () => {
    const stage = new Stage()
    stage.core.cancel(stage.ask('left'), 0)
    stage.ask('stays', 'b')
    stage.core.shutdown(0)
    stage.carryOut()
    expect(stage.closing.map((slot) => [slot.origin.key, slot.closeReason])).toEqual([['a', 'shutdown']])
  })

  test('an origin over its share gives a freed connection up when another has none and waits', () => {
    const stage = new Stage({ maxConnections: 4, maxConnectionsPerOrigin: 4 })
    const hot = ['1', '2', '3', '4', '5', '6'].map((name) => stage.ask(name, 'hot'))
    for (let i = 0; i < 4; i++) stage.opened()
    const cold = stage.ask('cold', 'cold')
    stage.finish(hot[0]!)
    expect(stage.closing.map((slot) => [slot.origin.key, slot.closeReason])).toEqual([['hot', 'shared']])
    stage.gone()
    expect(stage.opened()).toBe(cold.slot)
    stage.finish(hot[1]!)
    expect(hot[4]!.slot, 'and keeps the others').not.toBeNull()
  })

  test('shares that cannot be better are left alone: nobody is closed for the sake of it', () => {
    const stage = new Stage({ maxConnections: 3, maxConnectionsPerOrigin: 2 })
    const a = ['a1', 'a2', 'a3', 'a4'].map((name) => stage.ask(name, 'a'))
    for (let i = 0; i < 2; i++) stage.opened()
    const b = ['b1', 'b2', 'b3'].map((name) => stage.ask(name, 'b'))
    stage.opened()
    for (const guest of [a[0]!, a[1]!]) stage.finish(guest)
    expect(stage.closing).toEqual([])
    expect(b[1]!.slot).toBeNull()
  })

  test('the only connection changes hands when another origin has waited long enough for its first', () => {
    const stage = new Stage({ maxConnections: 1 })
    const a = ['1', '2', '3', '4', '5', '6'].map((name) => stage.ask(name, 'a'))
    stage.opened()
    stage.ask('b', 'b')
    stage.pass(199)
    for (const guest of a.slice(0, 3)) stage.finish(guest)
    expect(stage.closing).toEqual([])
    stage.pass(1)
    for (const guest of a.slice(3, 5)) if (stage.closing.length === 0) stage.finish(guest)
    expect(stage.closing.map((slot) => slot.closeReason)).toEqual(['shared'])
    stage.gone()
    expect(stage.dials.map((slot) => slot.origin.key)).toEqual(['b'])
  })

  test('an origin with nothing but a tunnel has its turn like one that has nothing', () => {
    const stage = new Stage({ maxConnections: 2 })
    const tunnel = stage.ask('tunnel', 'b')
    const upgraded = stage.opened()
    stage.core.retire(upgraded, 'upgrade', 0)
    stage.core.released(tunnel, 0)
    const guests = ['1', '2', '3', '4'].map((name) => stage.ask(name, 'a'))
    stage.opened()
    stage.ask('b', 'b')
    stage.pass(200)
    for (const guest of guests.slice(0, 2)) if (guest.slot?.state === 'ready') stage.finish(guest)
    expect(stage.closing.map((closing) => closing.closeReason)).toEqual(['upgrade', 'shared'])
  })

  test('a connection that was dialed serves before it changes hands, however long others have waited', () => {
    const stage = new Stage({ maxConnections: 1 })
    const busy = stage.ask('busy', 'x')
    stage.opened()
    const guests = ['a', 'b', 'c'].map((origin) => stage.ask(origin, origin))
    stage.pass(1_000)
    stage.finish(busy)
    for (const guest of guests) {
      stage.gone()
      expect(stage.opened()).toBe(guest.slot)
      stage.finish(guest)
    }
  })

  test('whoever waits alone and leaves gives the room up that others would have made', () => {
    const stage = new Stage({ maxConnections: 1 })
    const busy = stage.ask('busy', 'a')
    stage.opened()
    stage.core.cancel(stage.ask('leaves', 'b'), 0)
    stage.finish(busy)
    expect(stage.figures).toBe('1 open, 0 dialing, 1 idle, 0 waiting')
  })

  test('limits raised at run time: the origins that waited for room have it first', () => {
    const stage = new Stage({ maxConnections: 1, maxConnectionsPerOrigin: 1 })
    stage.ask('a1', 'a')
    stage.ask('a2', 'a')
    stage.ask('b', 'b')
    stage.core.resize({ ...stage.core.limits, maxConnections: 2, maxConnectionsPerOrigin: 2 }, 0)
    stage.carryOut()
    expect(stage.dials.map((slot) => slot.origin.key)).toEqual(['a', 'b'])
  })

  test('HTTP/2: a session that never served is found below one in use by a request that needs it', () => {
    const stage = new Stage()
    stage.core.warm(stage.core.origin('a'), 2, 0)
    stage.carryOut()
    const unused = stage.opened(0, 2)
    stage.opened(0, 2)
    expect(stage.ask('used').slot).not.toBe(unused)
    const loser = new Guest('loser')
    loser.fresh = true
    stage.core.acquire(loser, stage.core.origin('a').lane, Infinity, 0, true)
    expect(loser.slot).toBe(unused)
  })

  test('only so many dials are under way at once; the next begins when one has ended', () => {
    const stage = new Stage({ maxDials: 2 })
    for (const name of ['1', '2', '3', '4', '5']) stage.ask(name)
    expect(stage.dials).toHaveLength(2)
    stage.opened()
    expect(stage.dials).toHaveLength(2)
    stage.failed(new Error('refused'))
    stage.pass(10)
    expect(stage.dials).toHaveLength(2)
  })

  test('limits lowered at run time: idle ones go at once, busy ones when they are freed', () => {
    const stage = new Stage({ maxConnections: 3, maxConnectionsPerOrigin: 3 })
    const guests = ['1', '2', '3'].map((name) => stage.ask(name))
    for (const _ of guests) stage.opened()
    stage.finish(guests[0]!)
    stage.core.resize({ ...stage.core.limits, maxConnections: 1, maxConnectionsPerOrigin: 1 }, 0)
    stage.carryOut()
    expect(stage.gone()).toBe(1)
    stage.finish(guests[1]!)
    expect(stage.gone()).toBe(1)
    stage.finish(guests[2]!)
    expect(stage.figures).toBe('1 open, 0 dialing, 1 idle, 0 waiting')
  })

  test('the limit of all connections lowered alone: the first that is freed goes, the other makes room', () => {
    const stage = new Stage({ maxConnections: 2 })
    const [a, b] = [stage.ask('a', 'a'), stage.ask('b', 'b')]
    stage.opened()
    stage.opened()
    stage.core.resize({ ...stage.core.limits, maxConnections: 1 }, 0)
    const next = stage.ask('next', 'a')
    stage.finish(a)
    expect(stage.closing.map((slot) => slot.closeReason)).toEqual(['shrunk'])
    stage.finish(b)
    expect(stage.gone()).toBe(1)
    expect(stage.closing.map((slot) => slot.closeReason)).toEqual(['evicted'])
    stage.gone()
    expect(stage.opened()).toBe(next.slot)
  })

  test('limits raised at run time: whoever waits is dialed for', () => {
    const stage = new Stage({ maxConnections: 1, maxConnectionsPerOrigin: 1 })
    for (const name of ['1', '2', '3']) stage.ask(name)
    stage.core.resize({ ...stage.core.limits, maxConnections: 3, maxConnectionsPerOrigin: 3 }, 0)
    stage.carryOut()
    expect(stage.dials).toHaveLength(3)
  })

  test('warm dials what is missing, within the limits, and nothing when it is there', () => {
    const stage = new Stage({ maxConnectionsPerOrigin: 3 })
    expect(stage.core.warm(stage.core.origin('a'), 5, 0)).toBe(3)
    stage.carryOut()
    for (let i = 0; i < 3; i++) stage.opened()
    expect(stage.figures).toBe('3 open, 0 dialing, 3 idle, 0 waiting')
    stage.core.warm(stage.core.origin('a'), 2, 0)
    stage.carryOut()
    expect(stage.dials).toEqual([])
  })

  test('a server that was seen to close idle connections after 5 s is not given the chance again', () => {
    const stage = new Stage()
    for (let i = 0; i < 2; i++) {
      const guest = stage.ask('x')
      const slot = stage.opened()
      stage.finish(guest)
      stage.pass(5_000)
      stage.core.retire(slot, 'server_closed', stage.now)
      stage.carryOut()
      stage.gone()
    }
    const guest = stage.ask('x')
    stage.opened()
    stage.finish(guest)
    stage.pass(3_999)
    expect(stage.closing).toEqual([])
    stage.pass(1)
    expect(stage.closing.map((slot) => slot.closeReason)).toEqual(['idle'])
  })

  test('a request whose connection was closed under it gets one that never served, and stale siblings go', () => {
    const stage = new Stage()
    const guests = ['1', '2', '3'].map((name) => stage.ask(name))
    for (const _ of guests) stage.opened()
    for (const guest of guests) stage.finish(guest)
    const loser = stage.ask('loser')
    stage.core.retire(loser.slot!, 'server_closed', 0)
    stage.core.released(loser, 0)
    stage.core.distrust(stage.core.origin('a'), 0)
    loser.fresh = true
    stage.core.acquire(loser, stage.core.origin('a').lane, Infinity, 0, true)
    stage.carryOut()
    expect(stage.closing.map((slot) => slot.closeReason)).toEqual(['server_closed', 'stale', 'stale'])
    expect(stage.opened()).toBe(loser.slot)
  })

  test('at the limit a used connection that is freed gives its place up for the unused one that is needed', () => {
    const stage = new Stage({ maxConnectionsPerOrigin: 1 })
    const guest = stage.ask('uses it')
    stage.opened()
    const loser = new Guest('loser')
    loser.fresh = true
    stage.core.acquire(loser, stage.core.origin('a').lane, Infinity, 0, true)
    stage.finish(guest)
    expect(stage.closing.map((slot) => slot.closeReason)).toEqual(['evicted'])
    stage.gone()
    expect(stage.opened()).toBe(loser.slot)
  })

  test('at the limit a used connection that rests does so too, when a second request needs an unused one', () => {
    const stage = new Stage({ maxConnectionsPerOrigin: 2 })
    const losers = [new Guest('1'), new Guest('2')]
    for (const loser of losers) loser.fresh = true
    const guest = stage.ask('uses it')
    stage.opened()
    stage.core.acquire(losers[0]!, stage.core.origin('a').lane, Infinity, 0, true)
    stage.finish(guest)
    expect(stage.figures).toBe('2 open, 1 dialing, 1 idle, 1 waiting')
    stage.core.acquire(losers[1]!, stage.core.origin('a').lane, Infinity, 0, true)
    stage.carryOut()
    expect(stage.closing.map((slot) => slot.closeReason)).toEqual(['evicted'])
    stage.gone()
    const slots = [stage.opened(), stage.opened()]
    expect(new Set(losers.map((loser) => loser.slot))).toEqual(new Set(slots))
  })
})
