/** Scenes that are about the moment: what comes first, what comes in the same turn, and what comes too late. */
import { describe, expect, test } from 'vitest'
import { ManualRuntime } from '../testing/manual-runtime.ts'
import { Guest, PoolStage } from '../testing/pool-stage.ts'

const fates = (guests: Guest[]): string[] => guests.map(({ fate }) => fate)

describe('places', () => {
  test('a connection on its way out holds its place: at the limit the next is dialed when its socket is gone', () => {
    const stage = new PoolStage({ maxConnectionsPerOrigin: 1 })
    const long = stage.ask('long')
    const session = stage.opened(100)
    stage.retire(session, 'goaway')
    const next = stage.ask('next')
    expect(stage.figures).toBe('1 open, 0 dialing, 0 idle, 1 waiting')
    stage.release(long)
    expect(stage.reasons).toEqual(['goaway'])
    expect(stage.dials).toEqual([])
    stage.gone()
    expect(stage.opened(100)).toBe(next.slot)
  })

  test('the place of a failed dial goes to whoever waits for room, another origin included', () => {
    const stage = new PoolStage({ maxConnections: 1 })
    stage.ask('dead', 'dead')
    const other = stage.ask('other', 'other')
    expect(stage.dials.map(({ origin }) => origin.key)).toEqual(['dead'])
    stage.failed()
    expect(stage.opened()).toBe(other.slot)
    expect(stage.figures).toBe('1 open, 0 dialing, 0 idle, 0 waiting')
  })

  test('the place of an idle connection that the server closed is free, and nobody is evicted for it', () => {
    const stage = new PoolStage({ maxConnections: 2 })
    const guests = stage.askMany(2)
    const slots = guests.map(() => stage.opened())
    for (const guest of guests) stage.finish(guest)
    stage.retire(slots[0]!, 'server_closed')
    stage.gone()
    const other = stage.ask('other', 'b')
    expect(stage.closing).toEqual([])
    expect(stage.opened()).toBe(other.slot)
    expect(stage.figures).toBe('2 open, 0 dialing, 1 idle, 0 waiting')
  })

  test('of the idle ones the oldest of all goes first, whatever its origin', () => {
    const stage = new PoolStage({ maxIdleConnections: 2, idleGrace: 100 })
    for (const origin of ['a', 'b', 'a', 'c']) {
      const guests = [stage.ask('holds', origin)]
      if (stage.dials.length === 0) guests.push(stage.ask('opens', origin))
      stage.opened()
      for (const guest of guests) stage.finish(guest)
      stage.pass(10)
    }
    expect(stage.figures).toBe('4 open, 0 dialing, 4 idle, 0 waiting')
    stage.pass(200)
    expect(stage.closing.map(({ origin, closeReason }) => [origin.key, closeReason])).toEqual([
      ['b', 'idle_limit'],
      ['a', 'idle_limit'],
    ])
  })

  test('no idle connections allowed: one that rests goes when the grace is over', () => {
    const stage = new PoolStage({ maxIdleConnections: 0, idleGrace: 0 })
    const guest = stage.ask('x')
    stage.opened()
    stage.finish(guest)
    stage.pass(0)
    expect(stage.reasons).toEqual(['idle_limit'])
  })

  test('a burst is followed by rest: the connections shrink to the idle limit, then to none, and no alarm is left', () => {
    const stage = new PoolStage({ maxIdleConnections: 5, idleGrace: 1_000, idleTimeout: 15_000 })
    const burst = stage.askMany(20)
    for (const _ of burst) stage.opened()
    for (const guest of burst) stage.finish(guest)
    stage.pass(1_000)
    expect(stage.gone()).toHaveLength(15)
    stage.pass(14_000)
    expect(stage.gone()).toHaveLength(5)
    expect(stage.figures).toBe('0 open, 0 dialing, 0 idle, 0 waiting')
    expect(stage.core.wakeAt).toBe(Infinity)
  })
})

describe('the line', () => {
  test('who comes as a connection is freed cannot overtake who waits', () => {
    const stage = new PoolStage({ maxConnectionsPerOrigin: 1 })
    const [first, second] = stage.askMany(2)
    const slot = stage.opened()
    stage.core.released(first!, stage.now) // the response is complete, and its reader asks again at once
    const eager = stage.ask('eager')
    stage.core.drained(slot, stage.now)
    stage.carryOut()
    expect(fates([second!, eager])).toEqual(['served', 'waits'])
    expect(first!.slot).toBe(slot)
    stage.finish(second!)
    expect(eager.slot).toBe(slot)
  })

  test('a place in line lost by leaving is lost: the others move up, in their order', () => {
    const stage = new PoolStage({ maxConnectionsPerOrigin: 1 })
    const guests = stage.askMany(5)
    stage.opened()
    stage.leave(guests[2]!)
    const served: string[] = []
    for (const guest of [guests[0]!, guests[1]!, guests[3]!, guests[4]!]) {
      served.push(guest.name)
      expect(guest.fate).toBe('served')
      stage.finish(guest)
    }
    expect(served).toEqual(['a1', 'a2', 'a4', 'a5'])
  })

  test('no time to wait: what is free is taken, nothing is dialed', () => {
    const stage = new PoolStage()
    expect(stage.ask('cold', 'a', 0).fate).toBe('acquire_timeout')
    expect(stage.dials).toEqual([])
    stage.core.warm(stage.core.origin('a'), 1, stage.now)
    stage.carryOut()
    stage.opened()
    expect(stage.ask('warm', 'a', 0).fate).toBe('served')
  })

  test('a connection in the millisecond of the timeout, before it: it is served and never refused', () => {
    const stage = new PoolStage({ maxConnectionsPerOrigin: 1 })
    const holder = stage.ask('holder')
    stage.opened()
    const late = stage.ask('late', 'a', 100)
    stage.jump(100)
    stage.finish(holder)
    stage.tick()
    expect(late.fate).toBe('served')
    expect(late.refusal).toBeUndefined()
  })

  test('a connection in the millisecond of the timeout, after it: the next in line has it, or it rests', () => {
    const stage = new PoolStage({ maxConnectionsPerOrigin: 1 })
    const holder = stage.ask('holder')
    stage.opened()
    const late = stage.ask('late', 'a', 100)
    const next = stage.ask('next', 'a', 200)
    stage.pass(100)
    expect(late.fate).toBe('acquire_timeout')
    stage.finish(holder)
    expect(next.fate).toBe('served')
    stage.finish(next)
    expect(late.slot).toBeNull()
    expect(stage.figures).toBe('1 open, 0 dialing, 1 idle, 0 waiting')
  })

  test('a dial in the millisecond of the timeout of the only one in line is pooled', () => {
    const stage = new PoolStage()
    const late = stage.ask('late', 'a', 100)
    stage.pass(100)
    stage.opened()
    expect(late.fate).toBe('acquire_timeout')
    expect(stage.figures).toBe('1 open, 0 dialing, 1 idle, 0 waiting')
  })

  test('a failed dial fails who stood in line for it; who has another hope waits on', () => {
    const stage = new PoolStage({ maxConnectionsPerOrigin: 2 })
    const guests = stage.askMany(3)
    stage.failed()
    expect(fates(guests)).toEqual(['waits', 'waits', 'waits'])
    stage.opened()
    expect(fates(guests)).toEqual(['served', 'waits', 'waits'])
    stage.finish(guests[0]!)
    expect(fates(guests)).toEqual(['served', 'served', 'waits'])
  })

  test('leaving costs the same, however long the line', () => {
    const touched = (length: number): number => {
      const stage = new PoolStage({ maxConnectionsPerOrigin: 1, maxQueue: Infinity })
      const guests = Array.from({ length }, (_, number) => new CountingGuest(String(number)))
      for (const guest of guests) {
        stage.core.acquire(guest, stage.core.origin('a').lane, 5_000, 0)
        stage.carryOut()
      }
      CountingGuest.links = 0
      // From the middle, from the end and from the front.
      for (let i = 1; i < length; i += 2) stage.core.cancel(guests[i]!, stage.now)
      for (let i = length - (length % 2 === 0 ? 2 : 1); i >= 0; i -= 4)
        stage.core.cancel(guests[i]!, stage.now)
      for (const guest of guests) stage.core.cancel(guest, stage.now)
      expect(stage.core.waiting).toBe(0)
      return CountingGuest.links / length
    }
    expect(touched(10_000)).toBeLessThan(touched(100) * 1.1)
  })
})

/** Counts how often the links of the line are looked at. */
class CountingGuest extends Guest {
  static links = 0

  constructor(name: string) {
    super(name)
    for (const link of ['ahead', 'behind', 'before', 'after'] as const) {
      let other: unknown = null
      Object.defineProperty(this, link, {
        get: () => (CountingGuest.links++, other),
        set: (value: unknown) => {
          CountingGuest.links++
          other = value
        },
      })
    }
  }
}

describe('age and rest', () => {
  test('after a sleep nobody is given a connection that has rested too long, though no alarm has rung', () => {
    const stage = new PoolStage({ idleTimeout: 15_000 })
    const guests = stage.askMany(3)
    for (const _ of guests) stage.opened()
    for (const guest of guests) stage.finish(guest)
    stage.jump(60_000)
    const woken = stage.ask('woken')
    expect(woken.fate).toBe('waits')
    expect(stage.reasons).toEqual(['idle', 'idle', 'idle'])
    expect(stage.opened()).toBe(woken.slot)
  })

  test('after a sleep that the clock does not show, what rested is not used; what runs goes on, and a minimum is dialed', () => {
    const stage = new PoolStage()
    const guests = [stage.ask('rests'), stage.ask('runs'), stage.ask('rests', 'b')]
    for (const _ of guests) stage.opened()
    stage.finish(guests[0]!)
    stage.finish(guests[2]!)
    stage.core.maintain(stage.core.origin('a'), 2, stage.now)
    stage.core.slept(stage.now)
    stage.carryOut()
    expect(stage.reasons).toEqual(['suspect', 'suspect'])
    expect(guests[1]!.slot!.state).toBe('ready')
    expect(stage.dials.map(({ origin, openedFor }) => `${origin.key} ${openedFor}`)).toEqual(['a minimum'])
  })

  test('after a sleep nobody is given a connection that is too old', () => {
    const stage = new PoolStage({ maxConnectionAge: 10_000, idleTimeout: Infinity })
    const guest = stage.ask('before')
    stage.opened()
    stage.finish(guest)
    stage.jump(10_000)
    expect(stage.ask('woken').fate).toBe('waits')
    expect(stage.reasons).toEqual(['age'])
  })

  test('a connection that grew too old in use is not handed on: who waits has another dialed', () => {
    const stage = new PoolStage({ maxConnectionAge: 10_000, maxConnectionsPerOrigin: 1 })
    const [old, next] = stage.askMany(2)
    stage.opened()
    stage.jump(10_000)
    stage.finish(old!)
    expect(next!.fate).toBe('waits')
    expect(stage.reasons).toEqual(['age'])
    stage.gone()
    expect(stage.opened()).toBe(next!.slot)
  })

  test('a hundred connections opened together end apart: in no second more than a tenth of them', () => {
    const chance = new ManualRuntime(47)
    const stage = new PoolStage({
      maxConnectionsPerOrigin: 100,
      maxIdleConnections: 100,
      maxDials: 100,
      idleTimeout: Infinity,
      maxConnectionAge: 300_000,
      ageJitter: 0.1,
    })
    const guests = stage.askMany(100)
    for (const _ of guests) stage.opened(1, chance.random())
    for (const guest of guests) stage.finish(guest)
    const perSecond = new Map<number, number>()
    while (stage.core.open > 0) {
      stage.pass(1_000)
      const ended = stage.gone().length
      if (ended > 0) perSecond.set(stage.now, ended)
    }
    expect(Math.max(...perSecond.values())).toBeLessThanOrEqual(10)
    expect(Math.min(...perSecond.keys())).toBeGreaterThanOrEqual(270_000)
    expect(Math.max(...perSecond.keys())).toBeLessThanOrEqual(300_000)
  })

  test('HTTP/2: a session takes as many requests as it may, however many of them run, and finishes them', () => {
    const stage = new PoolStage({ maxRequestsPerConnection: 3 })
    const guests = [stage.ask('1')]
    const session = stage.opened(100)
    guests.push(stage.ask('2'), stage.ask('3'))
    expect(session.state).toBe('retiring')
    expect(stage.ask('4').fate).toBe('waits')
    expect(stage.closing).toEqual([])
    for (const guest of guests) stage.release(guest)
    expect(stage.reasons).toEqual(['requests'])
  })
})

describe('HTTP/2', () => {
  test('once an origin is known to multiplex, a burst dials one session for as many as it carries', () => {
    const stage = new PoolStage()
    const first = stage.ask('first')
    const session = stage.opened(100)
    stage.release(first)
    stage.retire(session, 'server_closed')
    stage.gone()
    const burst = stage.askMany(100)
    expect(stage.dials).toHaveLength(1)
    stage.ask('one more')
    expect(stage.dials).toHaveLength(2)
    stage.opened(100)
    expect(burst.every(({ fate }) => fate === 'served')).toBe(true)
  })

  test('an origin that turns out to speak HTTP/1.1 has its line spread over as many connections as it may', () => {
    const stage = new PoolStage({ maxConnectionsPerOrigin: 3 })
    const session = stage.ask('before')
    const slot = stage.opened(100)
    stage.release(session)
    stage.retire(slot, 'server_closed')
    stage.gone()
    const burst = stage.askMany(5)
    expect(stage.dials).toHaveLength(1)
    stage.opened(1)
    expect(stage.dials).toHaveLength(2)
    stage.opened(1)
    stage.opened(1)
    expect(fates(burst)).toEqual(['served', 'served', 'served', 'waits', 'waits'])
  })
})

describe('suspension', () => {
  test('nothing new goes out on a session that is suspended, and it is not waited for', () => {
    const stage = new PoolStage()
    const running = stage.ask('running')
    const session = stage.opened(100)
    stage.core.suspend(session, stage.now)
    const next = stage.ask('next')
    expect(next.fate).toBe('waits')
    expect(stage.opened(100)).toBe(next.slot)
    expect(running.slot).toBe(session)
    stage.release(running)
    expect(stage.ask('later').slot).toBe(next.slot)
  })

  test('once it is resumed it serves whoever waits', () => {
    const stage = new PoolStage({ maxConnections: 1 })
    stage.ask('running')
    const session = stage.opened(100)
    stage.core.suspend(session, stage.now)
    const waiting = stage.askMany(3)
    expect(fates(waiting)).toEqual(['waits', 'waits', 'waits'])
    stage.core.resume(session, stage.now)
    stage.carryOut()
    expect(waiting.map(({ slot }) => slot)).toEqual([session, session, session])
  })

  test('those who wait for what it promised are dialed for', () => {
    const stage = new PoolStage()
    stage.ask('first')
    const session = stage.dials.shift()!
    stage.core.opened(session, 100, stage.now, 0)
    stage.core.leases.length = 0
    stage.core.dispatched(session, false, stage.now) // it takes others as soon as its settings are known
    stage.ask('second')
    expect(stage.dials).toEqual([])
    stage.core.suspend(session, stage.now)
    stage.carryOut()
    expect(stage.dials).toHaveLength(1)
  })

  test('it may rest, be closed for that, and make room for others', () => {
    const stage = new PoolStage({ maxConnections: 1, idleTimeout: 1_000 })
    const last = stage.ask('last')
    const session = stage.opened(100)
    stage.core.suspend(session, stage.now)
    stage.release(last)
    expect(stage.figures).toBe('1 open, 0 dialing, 1 idle, 0 waiting')
    stage.pass(1_000)
    expect(stage.reasons).toEqual(['idle'])
    stage.gone()
    const other = stage.ask('other', 'b')
    stage.core.suspend(stage.opened(100), stage.now)
    stage.release(other)
    stage.ask('mine', 'c')
    expect(stage.reasons).toEqual(['evicted'])
  })

  test('a pool that is closed does not wait for it to be resumed', () => {
    const stage = new PoolStage()
    const last = stage.ask('last')
    stage.core.suspend(stage.opened(100), stage.now)
    stage.core.shutdown(stage.now)
    stage.release(last)
    expect(stage.reasons).toEqual(['shutdown'])
  })
})

describe('what is told twice', () => {
  test('that a dial ended, a connection retired or closed, or a request left: once is enough, twice changes nothing', () => {
    const stage = new PoolStage()
    const { core } = stage
    const [busy, left, failing] = [stage.ask('busy'), stage.ask('left'), stage.ask('failing')]
    const slot = stage.opened()
    core.opened(slot, 1, 0, 0)
    core.failed(slot, new Error('and yet'), 0)
    expect(stage.figures).toBe('3 open, 2 dialing, 0 idle, 2 waiting')
    stage.leave(left)
    stage.leave(left)
    stage.leave(busy)
    expect(stage.figures).toBe('3 open, 2 dialing, 0 idle, 1 waiting')
    const [failed] = stage.dials
    stage.failed()
    core.failed(failed!, new Error('again'), 0)
    core.opened(failed!, 1, 0, 0)
    expect(stage.figures).toBe('2 open, 1 dialing, 0 idle, 1 waiting')
    stage.retire(slot, 'reset')
    stage.retire(slot, 'goaway')
    core.drained(slot, 0)
    stage.release(busy)
    expect(stage.reasons).toEqual(['reset'])
    stage.gone()
    core.closed(slot, 0)
    core.retire(slot, 'reset', 0)
    expect(stage.figures).toBe('1 open, 1 dialing, 0 idle, 1 waiting')
    expect(stage.opened()).toBe(failing.slot)
  })
})

test('a million requests leave nothing behind: no alarm, nobody in line, the same connections', () => {
  const stage = new PoolStage({ maxConnectionsPerOrigin: 4 })
  const { core } = stage
  const origin = core.origin('a')
  const guest = new Guest('again and again')
  core.warm(origin, 4, 0)
  stage.carryOut()
  while (stage.dials.length > 0) stage.opened()
  for (let i = 0; i < 1_000_000; i++) {
    stage.now = i * 0.01
    core.acquire(guest, origin.lane, stage.now + 5_000, stage.now)
    core.leases.length = 0
    const slot = guest.slot!
    core.dispatched(slot, false, stage.now)
    core.released(guest, stage.now)
    core.drained(slot, stage.now)
    if (core.wakeAt <= stage.now) core.tick(stage.now)
  }
  expect(stage.figures).toBe('4 open, 0 dialing, 4 idle, 0 waiting')
  expect(core.opens.length + core.closes.length + core.refusals.length + core.leases.length).toBe(0)
  stage.pass(15_000)
  expect(stage.gone()).toHaveLength(4)
  expect(core.wakeAt).toBe(Infinity)
})
