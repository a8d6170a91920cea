/** Limits for IP addresses, across the origins that lead there. */
import { describe, expect, test } from 'vitest'
import { PoolStage } from '../testing/pool-stage.ts'
import type { PoolLimits } from './limits.ts'

/** Where each origin leads, by its key. */
type Leads = Readonly<Record<string, readonly string[]>>

class Addresses extends PoolStage {
  constructor(maxConnectionsPerAddress: number, leads: Leads, limits: Partial<PoolLimits> = {}) {
    super({ maxConnectionsPerAddress, ...limits })
    for (const [key, ips] of Object.entries(leads)) this.lead(key, ...ips)
  }

  lead(key: string, ...ips: string[]): void {
    this.core.resolved(this.core.origin(key), ips, this.now)
    this.carryOut()
  }

  /** A request that comes, is served and is over; its connection rests. */
  visit(origin: string): void {
    const guest = this.ask('visits', origin)
    if (guest.slot === null) this.opened()
    this.finish(guest)
  }

  /** Dials under way, as "origin → address". */
  get ways(): string[] {
    return this.dials.map(({ origin, address }) => `${origin.key} → ${address?.ip ?? '?'}`)
  }

  /** Closes that were ordered, as "origin: reason". */
  get orders(): string[] {
    return this.closing.map(({ origin, closeReason }) => `${origin.key}: ${closeReason}`)
  }
}

const both = { a: ['x'], b: ['x'] }

describe('the limit of an address', () => {
  test('counts the connections of all origins that lead there, dials and those on their way out included', () => {
    const stage = new Addresses(2, both)
    const [first] = stage.askMany(2)
    const other = stage.ask('other', 'b')
    expect(stage.ways).toEqual(['a → x', 'a → x'])
    stage.opened()
    stage.opened()
    stage.retire(first!.slot!, 'connection_close')
    stage.core.released(first!, stage.now)
    stage.carryOut()
    expect(stage.dials).toEqual([])
    stage.gone()
    expect(stage.ways).toEqual(['b → x'])
    expect(stage.opened()).toBe(other.slot)
  })

  test('the place of a dial that failed goes to whoever waits for it', () => {
    const stage = new Addresses(1, both)
    stage.ask('first')
    stage.ask('other', 'b')
    stage.failed()
    expect(stage.ways).toEqual(['b → x'])
  })

  test('an origin that leads to several dials the one that has least', () => {
    const stage = new Addresses(3, { a: ['x', 'y'], b: ['x'] })
    stage.ask('other', 'b')
    stage.askMany(4)
    expect(stage.ways).toEqual(['b → x', 'a → y', 'a → x', 'a → y', 'a → x'])
  })

  test('an origin that leads to other addresses tries those', () => {
    const stage = new Addresses(1, both)
    stage.ask('first')
    stage.ask('other', 'b')
    stage.lead('b', 'y')
    expect(stage.ways).toEqual(['a → x', 'b → y'])
  })

  test('is not forgotten for the sake of thousands of other addresses', () => {
    const stage = new Addresses(1, both)
    stage.ask('first')
    for (let n = 0; n < 3_000; n++) stage.lead('elsewhere', `10.0.${n >> 8}.${n & 255}`)
    stage.lead('b', 'x')
    stage.ask('other', 'b')
    expect(stage.ways).toEqual(['a → x'])
  })
})

describe('of several addresses', () => {
  test('one whose last dial failed comes after the others', () => {
    const stage = new Addresses(5, { a: ['x', 'y'] })
    stage.ask('first')
    expect(stage.ways).toEqual(['a → x'])
    stage.failed()
    stage.pass(10)
    stage.askMany(3)
    expect(stage.ways).toEqual(['a → y', 'a → y', 'a → y'])
  })

  test('one that failed is forgiven when a dial to it succeeds', () => {
    const stage = new Addresses(1, { a: ['x', 'y'] })
    stage.ask('first')
    stage.failed()
    stage.pass(10)
    const guests = stage.askMany(2)
    expect(stage.ways).toEqual(['a → y', 'a → x'])
    for (const guest of guests) {
      stage.retire(stage.opened(), 'connection_close')
      stage.core.released(guest, stage.now)
    }
    stage.carryOut()
    stage.gone()
    stage.ask('later')
    expect(stage.ways).toEqual(['a → x'])
  })
})

describe('room at an address', () => {
  test('is made by an idle connection of another origin, and by none that leads elsewhere', () => {
    const stage = new Addresses(1, { a: ['x'], b: ['x'], c: ['y'] })
    stage.visit('c')
    stage.visit('a')
    stage.ask('other', 'b')
    expect(stage.orders).toEqual(['a: evicted'])
    stage.gone()
    expect(stage.ways).toEqual(['b → x'])
  })

  test('is made by as many as there are origins that wait, and not for those who had theirs', () => {
    const stage = new Addresses(3, { a: ['x'], b: ['x'], c: ['x'], d: ['x'] })
    const guests = stage.askMany(3)
    for (const _ of guests) stage.opened()
    for (const guest of guests) stage.finish(guest)
    stage.ask('b', 'b')
    stage.ask('c', 'c')
    expect(stage.orders).toEqual(['a: evicted', 'a: evicted'])
    stage.gone()
    stage.opened()
    stage.opened()
    stage.ask('d', 'd')
    expect(stage.orders).toEqual(['a: evicted'])
  })

  test('is given by a connection that comes to rest, to whoever still waits for it', () => {
    const stage = new Addresses(1, both)
    const first = stage.askAndOpen('first')
    const other = stage.ask('other', 'b')
    stage.leave(other)
    stage.finish(first)
    expect(stage.orders).toEqual([])
    const second = stage.ask('second')
    stage.ask('another', 'b')
    stage.finish(second)
    expect(stage.orders).toEqual(['a: evicted'])
  })

  test('is given by a busy origin to one that has nothing and has waited for long', () => {
    const stage = new Addresses(1, both)
    const first = stage.askAndOpen('first')
    const second = stage.ask('second')
    stage.ask('other', 'b')
    stage.finish(first)
    expect(second.fate).toBe('served')
    const third = stage.ask('third')
    stage.pass(200)
    stage.finish(second)
    expect([third.fate, ...stage.orders]).toEqual(['waits', 'a: shared'])
  })

  test('goes round among those who wait for it, however long the line of one of them', () => {
    const stage = new Addresses(1, both)
    const line = [stage.askAndOpen('a0'), ...stage.askMany(30)]
    const other = stage.ask('other', 'b')
    for (let n = 0; other.fate === 'waits' && n < 5; n++) {
      stage.pass(300)
      stage.finish(line[n]!)
      stage.gone()
      if (stage.dials.length > 0) stage.opened()
    }
    expect(other.fate).toBe('served')
  })

  test('is not made for an origin that leads elsewhere since', () => {
    const stage = new Addresses(1, { a: ['x'], b: ['x'], c: ['y'] })
    const first = stage.askAndOpen('first')
    stage.askAndOpen('busy', 'c')
    stage.ask('other', 'b')
    stage.lead('b', 'y')
    stage.finish(first)
    expect(stage.orders).toEqual([])
  })

  test('is not made for an origin that has had its own', () => {
    const stage = new Addresses(2, { a: ['x'], b: ['x'], c: ['x'] })
    const guests = stage.askMany(2)
    for (const _ of guests) stage.opened()
    const [b, c] = [stage.ask('b', 'b'), stage.ask('c', 'c')]
    stage.finish(guests[0]!)
    stage.finish(guests[1]!)
    expect(stage.orders).toEqual(['a: shared', 'a: shared'])
    stage.gone()
    stage.opened()
    stage.opened()
    stage.finish(b)
    stage.finish(c)
    expect(stage.orders).toEqual([])
  })
})

describe('a dial that begins before it is known where its origin leads', () => {
  test('is given an address with room, or is put off until there is some', () => {
    const stage = new Addresses(1, {})
    const [first, second] = stage.askMany(2)
    const [one, two] = stage.dials.splice(0)
    expect(stage.core.place(one!, ['x'], stage.now)).toBe('x')
    expect(stage.core.place(two!, ['x'], stage.now)).toBeUndefined()
    stage.core.postponed(two!, stage.now)
    stage.carryOut()
    expect(stage.figures).toBe('1 open, 1 dialing, 0 idle, 2 waiting')
    stage.dials.push(one!)
    stage.retire(stage.opened(), 'connection_close')
    stage.core.released(first!, stage.now)
    stage.carryOut()
    stage.gone()
    expect(stage.ways).toEqual(['a → x'])
    expect(stage.opened()).toBe(second!.slot)
  })

  test('of a minimum is begun again when there is room', () => {
    const stage = new Addresses(1, { b: ['x'] })
    const busy = stage.askAndOpen('busy', 'b')
    stage.core.maintain(stage.core.origin('a'), 1, stage.now)
    stage.carryOut()
    const [dial] = stage.dials.splice(0)
    expect(stage.core.place(dial!, ['x'], stage.now)).toBeUndefined()
    stage.core.postponed(dial!, stage.now)
    stage.carryOut()
    stage.retire(busy.slot!, 'connection_close')
    stage.core.released(busy, stage.now)
    stage.carryOut()
    stage.gone()
    expect(stage.ways).toEqual(['a → x'])
  })

  test('shows what is in the way of the others of its origin: room is made for them', () => {
    const stage = new Addresses(2, { b: ['x'] }, { maxDials: 1 })
    stage.visit('b')
    stage.askMany(2)
    stage.core.place(stage.dials[0]!, ['x'], stage.now)
    stage.carryOut()
    expect(stage.orders).toEqual(['b: evicted'])
  })

  test('its place goes to whoever waits for room when it is put off', () => {
    const stage = new Addresses(1, { b: ['x'] }, { maxConnections: 2 })
    stage.askAndOpen('busy', 'b')
    stage.ask('first')
    stage.ask('elsewhere', 'c')
    const [dial] = stage.dials.splice(0)
    expect(stage.core.place(dial!, ['x'], stage.now)).toBeUndefined()
    stage.core.postponed(dial!, stage.now)
    stage.carryOut()
    expect(stage.ways).toEqual(['c → ?'])
  })
})

describe('a connection that turns out to lead to an address', () => {
  test('counts there', () => {
    const stage = new Addresses(1, { b: ['x'] })
    const guest = stage.ask('guest')
    stage.core.located(stage.dials[0]!, 'x')
    stage.opened()
    stage.ask('other', 'b')
    expect(stage.dials).toEqual([])
    stage.finish(guest)
    expect(stage.orders).toEqual(['a: evicted'])
  })

  test('does not when it is gone', () => {
    const stage = new Addresses(1, { b: ['x'] })
    stage.ask('guest')
    const [dial] = stage.dials
    stage.failed()
    stage.core.located(dial!, 'x')
    stage.ask('other', 'b')
    expect(stage.ways).toEqual(['b → x'])
  })
})
