/** Endpoint groups, priorities and what happens to a line under overload. */
import { describe, expect, test } from 'vitest'
import { Guest, PoolStage } from '../testing/pool-stage.ts'
import { priorities, type Priority } from './lanes.ts'
import type { PoolLimits } from './limits.ts'

interface Wish {
  readonly group?: string
  readonly priority?: Priority
  readonly within?: number
}

class Lanes extends PoolStage {
  constructor(limits: Partial<PoolLimits> & { group?: { maxInFlight: number; maxQueue?: number } }) {
    const { group, ...others } = limits
    const groups = new Map(group === undefined ? [] : [['slow', { maxQueue: 256, ...group }]])
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
      const groups = new Map([['slow', { maxInFlight, maxQueue: 256 }]])
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

  test('a dead origin fails those whom the limit holds back as well', () => {
    const stage = new Lanes({ group: { maxInFlight: 1 } })
    const guests = ['1', '2'].map((name) => stage.wish(name, slow))
    stage.failed()
    expect(guests.map(({ fate }) => fate)).toEqual(['dial_failed', 'dial_failed'])
  })
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
    const next = stage.wish('next', { within: 10_000 })
    stage.pass(500)
    expect(next.fate).toBe('waits')
  })
})
