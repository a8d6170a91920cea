/** Endpoint groups, priorities and what happens to a line under overload. */
import { describe, expect, test } from 'vitest'
import { Guest, PoolStage } from '../testing/pool-stage.ts'
import type { Slot } from './entities.ts'
import { priorities, type Priority } from './lanes.ts'
import type { LaneLimits, PoolLimits } from './limits.ts'

interface Wish {
  readonly group?: string
  readonly priority?: Priority
  readonly within?: number
}

class Lanes extends PoolStage {
  constructor(limits: Partial<PoolLimits> & { group?: Partial<LaneLimits> }) {
    const { group, ...others } = limits
    const usual: LaneLimits = { maxInFlight: Infinity, maxQueue: 256, limiter: null }
    const groups = new Map(group === undefined ? [] : [['slow', { ...usual, ...group }]])
    super({ groups, ...others })
  }

  wish(name: string, { group, priority = 'auto', within = Infinity }: Wish = {}): Guest {
    const guest = new Guest(name)
    guest.priority = priorities[priority]
    const origin = this.core.origin('a')
    const lane = group === undefined ? origin.lane : this.core.lane(origin, group)
    this.core.acquire(guest, lane, this.now + within, this.now)
    this.carryOut()
    return guest
  }
}

const slow = { group: 'slow' }

describe('an endpoint group', () => {
  test('has at most so many in flight, and the others of the origin do not wait behind it', () => {
    const stage = new Lanes({ maxConnectionsPerOrigin: 4, group: { maxInFlight: 2 } })
    const held = ['1', '2', '3', '4'].map((name) => stage.wish(name, slow))
    expect(stage.dials).toHaveLength(2)
    while (stage.dials.length > 0) stage.opened()
    expect(held.map(({ fate }) => fate)).toEqual(['served', 'served', 'waits', 'waits'])
    const health = stage.wish('health')
    stage.opened()
    expect(health.fate).toBe('served')
  })

  test('its next is served when one of its own is over, on whatever connection is free', () => {
    const stage = new Lanes({ group: { maxInFlight: 1 } })
    const first = stage.wish('first', slow)
    stage.opened()
    const other = stage.wish('other')
    const spare = stage.opened()
    stage.finish(other)
    const second = stage.wish('second', slow)
    expect(second.fate).toBe('waits')
    stage.core.released(first, stage.now) // its connection is not free yet, the other one is
    stage.carryOut()
    expect(second.slot).toBe(spare)
  })

  test('a request that lost its connection keeps its place in the group', () => {
    const stage = new Lanes({ group: { maxInFlight: 1 } })
    const first = stage.wish('first', slow)
    const slot = stage.opened()
    const second = stage.wish('second', slow)
    stage.core.retire(slot, 'server_closed', stage.now)
    stage.core.again(first, Infinity, stage.now)
    stage.carryOut()
    stage.opened()
    expect([first.fate, second.fate]).toEqual(['served', 'waits'])
  })

  test('its line has a bound of its own', () => {
    const stage = new Lanes({
      maxQueue: 1,
      maxConnectionsPerOrigin: 2,
      group: { maxInFlight: 1, maxQueue: 2 },
    })
    const names = ['1', '2', '3', '4'].map((name) => stage.wish(name, slow))
    expect(names.map(({ fate }) => fate)).toEqual(['waits', 'waits', 'waits', 'queue_full'])
    expect(stage.wish('other').fate).toBe('waits')
  })

  test('a higher limit takes effect at once, a lower one when somebody is done', () => {
    const stage = new Lanes({ group: { maxInFlight: 1 } })
    const guests = ['1', '2', '3'].map((name) => stage.wish(name, slow))
    const limited = (maxInFlight: number): void => {
      const groups = new Map([['slow', { maxInFlight, maxQueue: 256, limiter: null }]])
      stage.core.resize({ ...stage.core.limits, groups }, stage.now)
      stage.carryOut()
      while (stage.dials.length > 0) stage.opened()
    }
    limited(2)
    expect(guests.map(({ fate }) => fate)).toEqual(['served', 'served', 'waits'])
    limited(1)
    stage.finish(guests[0]!)
    expect(guests[2]!.fate).toBe('waits')
    stage.finish(guests[1]!)
    expect(guests[2]!.fate).toBe('served')
  })

  test('when the one of it that needs an unused connection runs out of time, its next takes a used one that rests', () => {
    const stage = new Lanes({ maxConnectionsPerOrigin: 2, group: { maxInFlight: 1 } })
    const first = stage.wish('first', slow)
    const lost = stage.opened()
    const other = stage.wish('other')
    const spare = stage.opened()
    stage.finish(other)
    const second = stage.wish('second', slow)
    first.fresh = true
    stage.core.retire(lost, 'server_closed', stage.now)
    stage.core.again(first, stage.now + 100, stage.now)
    stage.carryOut()
    expect([first.fate, second.fate, spare.state]).toEqual(['waits', 'waits', 'ready'])
    stage.pass(100)
    expect(first.fate).toBe('acquire_timeout')
    expect(second.slot).toBe(spare)
  })

  test('when the one of it that needs an unused connection leaves, its next takes a used one that rests', () => {
    const stage = new Lanes({ maxConnectionsPerOrigin: 2, group: { maxInFlight: 1 } })
    const other = stage.wish('other')
    stage.opened()
    const first = stage.wish('first', slow)
    const lost = stage.opened()
    stage.finish(other)
    const second = stage.wish('second', slow)
    first.fresh = true
    stage.core.retire(lost, 'server_closed', stage.now)
    stage.core.again(first, Infinity, stage.now)
    stage.carryOut()
    expect([first.fate, second.fate]).toEqual(['waits', 'waits'])
    stage.leave(first)
    expect(second.slot).toBe(other.slot)
  })

  test('a destroyed pool turns those of groups away like the others', () => {
    const stage = new Lanes({ group: { maxInFlight: 1 } })
    const guests = [stage.wish('1', slow), stage.wish('2', slow), stage.wish('other')]
    stage.core.abandon('the end')
    expect(stage.core.refusals).toEqual(expect.arrayContaining(guests))
    expect(guests.map(({ refusal, failure }) => `${refusal}: ${String(failure)}`)).toEqual(
      guests.map(() => 'closed: the end'),
    )
  })

  test('a dead origin fails those whom the limit holds back as well', () => {
    const stage = new Lanes({ group: { maxInFlight: 1 } })
    const guests = ['1', '2'].map((name) => stage.wish(name, slow))
    stage.failed()
    expect(guests.map(({ fate }) => fate)).toEqual(['dial_failed', 'dial_failed'])
  })
})

describe('a place in an endpoint group', () => {
  /** One of the group has a connection, the next of it waits for its place, and a used connection rests. */
  function setUp(): { stage: Lanes; first: Guest; second: Guest; spare: Slot | null } {
    const stage = new Lanes({ group: { maxInFlight: 1 } })
    const first = stage.wish('first', slow)
    stage.opened()
    const other = stage.wish('other')
    stage.opened()
    stage.finish(other)
    return { stage, first, second: stage.wish('second', slow), spare: other.slot }
  }

  test('stays with a request that lost its connection', () => {
    const { stage, first, second, spare } = setUp()
    stage.core.retire(first.slot!, 'server_closed', stage.now)
    stage.core.again(first, Infinity, stage.now)
    stage.carryOut()
    expect(first.slot).toBe(spare)
    expect(second.fate).toBe('waits')
  })

  test('goes to the next when a request that lost its connection has no time for another', () => {
    const { stage, first, second, spare } = setUp()
    stage.core.retire(first.slot!, 'server_closed', stage.now)
    first.fresh = true // what rests will not do
    stage.core.again(first, stage.now, stage.now)
    stage.carryOut()
    expect(first.fate).toBe('acquire_timeout')
    expect(second.slot).toBe(spare)
  })

  test('goes to the next when a request was over before it was dispatched', () => {
    const stage = new Lanes({ group: { maxInFlight: 1 }, maxRequestsPerConnection: 1 })
    stage.core.warm(stage.core.origin('a'), 2, stage.now)
    stage.carryOut()
    const slots = [stage.opened(), stage.opened()]
    const origin = stage.core.origin('a')
    const [first, second] = [new Guest('first'), new Guest('second')]
    stage.core.acquire(first, stage.core.lane(origin, 'slow'), Infinity, stage.now)
    stage.core.acquire(second, stage.core.lane(origin, 'slow'), Infinity, stage.now)
    expect([first.slot, second.slot]).toEqual([slots[1], null])
    stage.core.declined(first, stage.now)
    expect(second.slot).toBe(slots[0])
  })
})

test('a connection whose request was over before it was dispatched serves the next, and rests', () => {
  const stage = new Lanes({ maxConnectionsPerOrigin: 1 })
  const first = stage.wish('first')
  const second = stage.wish('second')
  const slot = stage.dials.shift()!
  stage.core.opened(slot, 1, stage.now, 0)
  stage.core.leases.length = 0
  stage.core.declined(first, stage.now)
  stage.carryOut()
  expect(second.slot).toBe(slot)
  stage.finish(second)
  const third = stage.wish('third')
  expect(third.slot).toBe(slot)
  stage.finish(third)
  expect(stage.figures).toBe('1 open, 0 dialing, 1 idle, 0 waiting')
})

describe('a priority', () => {
  test('is a head start: high before auto before low, each in the order of coming', () => {
    const stage = new Lanes({ maxConnectionsPerOrigin: 1 })
    const first = stage.wish('first')
    stage.opened()
    const wishes: Record<string, Priority> = { low: 'low', auto1: 'auto', auto2: 'auto', high: 'high' }
    const guests = Object.entries(wishes).map(([name, priority]) => stage.wish(name, { priority }))
    expect(orderOf(stage, first, guests)).toEqual(['high', 'auto1', 'auto2', 'low'])
  })

  test('ends after two seconds: nobody is passed over for ever', () => {
    const stage = new Lanes({ maxConnectionsPerOrigin: 1 })
    const first = stage.wish('first')
    stage.opened()
    const low = stage.wish('low', { priority: 'low' })
    stage.pass(1_999)
    const soon = stage.wish('auto, 1,999 ms later')
    stage.pass(2)
    const late = stage.wish('auto, 2,001 ms later')
    expect(orderOf(stage, first, [low, soon, late])).toEqual([
      'auto, 1,999 ms later',
      'low',
      'auto, 2,001 ms later',
    ])
  })

  test('holds across the groups of an origin', () => {
    const stage = new Lanes({ maxConnectionsPerOrigin: 1, group: { maxInFlight: 1 } })
    const first = stage.wish('first')
    stage.opened()
    const guests = [stage.wish('auto'), stage.wish('high of the group', { ...slow, priority: 'high' })]
    expect(orderOf(stage, first, guests)).toEqual(['high of the group', 'auto'])
  })
})

/** Ends one after the other, and says in which order the guests came to their turn. */
function orderOf(stage: Lanes, first: Guest, guests: readonly Guest[]): string[] {
  const order: string[] = []
  let running = first
  for (const _ of guests) {
    stage.finish(running)
    running = guests.find((guest) => guest.slot !== null && !order.includes(guest.name))!
    order.push(running.name)
  }
  return order
}

describe('a line under overload', () => {
  const overload = { maxConnectionsPerOrigin: 1, overloadAfter: 1_000, overloadWait: 50 }

  test('lifo: in order while it is a burst, the newest first when it lasts', () => {
    const stage = new Lanes({ ...overload, discipline: 'lifo' })
    const first = stage.wish('first')
    stage.opened()
    const guests = ['1', '2', '3', '4'].map((name) => stage.wish(name))
    stage.pass(500)
    stage.finish(first)
    expect(guests.map(({ fate }) => fate)).toEqual(['served', 'waits', 'waits', 'waits'])
    stage.pass(501)
    stage.finish(guests[0]!)
    expect(guests.map(({ fate }) => fate)).toEqual(['served', 'waits', 'waits', 'served'])
  })

  test('lifo: one that lost its connection unused comes before the newest all the same', () => {
    const stage = new Lanes({ ...overload, discipline: 'lifo' })
    const first = stage.wish('first')
    const slot = stage.opened()
    const guests = ['1', '2'].map((name) => stage.wish(name))
    stage.pass(1_001)
    stage.core.retire(slot, 'server_closed', stage.now)
    stage.core.again(first, Infinity, stage.now)
    stage.carryOut()
    stage.gone()
    stage.opened()
    expect([first, ...guests].map(({ fate }) => fate)).toEqual(['served', 'waits', 'waits'])
  })

  test('codel: who comes to a line that has long not been empty waits for a moment only', () => {
    const stage = new Lanes({ ...overload, discipline: 'codel' })
    stage.wish('first')
    stage.opened()
    const early = stage.wish('early', { within: 10_000 })
    stage.pass(1_001)
    const late = stage.wish('late', { within: 10_000 })
    stage.pass(51)
    expect([early.fate, late.fate]).toEqual(['waits', 'acquire_timeout'])
  })

  test('codel: a line that was empty in between is a new burst', () => {
    const stage = new Lanes({ ...overload, discipline: 'codel' })
    const first = stage.wish('first')
    stage.opened()
    const early = stage.wish('early')
    stage.pass(1_001)
    stage.finish(first)
    expect(early.fate).toBe('served')
    const next = ['1', '2', '3'].map((name) => stage.wish(name, { within: 10_000 }))
    stage.pass(500)
    expect(next.map(({ fate }) => fate)).toEqual(['waits', 'waits', 'waits'])
  })
})

describe('a limit that adapts', () => {
  const limiter = { algorithm: 'aimd', min: 1, max: 20, initial: 4 } as const

  /** As many as make a window, each at the same moment; then one after its end. */
  const tell = (stage: Lanes, guest: Guest, outcome: 'success' | 'lost'): void => {
    for (let i = 0; i < 50; i++) stage.core.sampled(guest, 10, outcome, stage.now, 0)
    stage.pass(1_100)
    stage.core.sampled(guest, 10, outcome, stage.now, 0)
    stage.carryOut()
    while (stage.dials.length > 0) stage.opened()
  }

  test('lets others go as it rises, and nobody as it falls', () => {
    const stage = new Lanes({ limiter, maxConnectionsPerOrigin: 20 })
    const guests = stage.askMany(12)
    while (stage.dials.length > 0) stage.opened()
    expect(stage.core.inFlight).toBe(4)
    tell(stage, guests[0]!, 'success')
    expect(stage.core.inFlight).toBe(8)
    tell(stage, guests[0]!, 'lost')
    for (const guest of guests.slice(0, 3)) stage.finish(guest)
    expect(stage.core.inFlight).toBe(5)
    expect(stage.figures).toBe('8 open, 0 dialing, 3 idle, 4 waiting')
    for (const guest of guests.slice(3, 6)) stage.finish(guest)
    expect(stage.core.inFlight).toBe(4)
  })

  test('never lets more go than was set, and a limit that is set lower holds at once', () => {
    const stage = new Lanes({ group: { maxInFlight: 5, limiter }, maxConnectionsPerOrigin: 20 })
    const guests = Array.from({ length: 8 }, (_, name) => stage.wish(String(name), slow))
    while (stage.dials.length > 0) stage.opened()
    tell(stage, guests[0]!, 'success')
    expect(stage.core.inFlight).toBe(5)
    const lane = stage.core.lane(stage.core.origin('a'), 'slow')
    expect([lane.maxInFlight, lane.limiter!.limit]).toEqual([5, 8])
    const groups = new Map([['slow', { maxInFlight: 2, maxQueue: 256, limiter }]])
    stage.core.resize({ ...stage.core.limits, groups }, stage.now)
    expect([lane.maxInFlight, lane.limiter!.limit]).toEqual([2, 8]) // it goes on
    for (const guest of guests.slice(0, 4)) stage.finish(guest)
    expect(stage.core.inFlight).toBe(2)
  })

  test('with other options begins anew, and without any is no limit', () => {
    const stage = new Lanes({ limiter, maxConnectionsPerOrigin: 20 })
    const guests = stage.askMany(12)
    while (stage.dials.length > 0) stage.opened()
    tell(stage, guests[0]!, 'success')
    const { lane } = stage.core.origin('a')
    stage.core.resize({ ...stage.core.limits, limiter: { ...limiter, max: 19 } }, stage.now)
    expect(lane.maxInFlight).toBe(4)
    stage.core.resize({ ...stage.core.limits, limiter: null }, stage.now)
    stage.carryOut()
    while (stage.dials.length > 0) stage.opened()
    expect([lane.maxInFlight, stage.core.inFlight, stage.core.waiting]).toEqual([Infinity, 12, 0])
  })
})
