/** The number of an origin's connections follows what it needs. How the number comes about: sizing.test.ts. */
import { describe, expect, test } from 'vitest'
import { Guest, PoolStage } from '../testing/pool-stage.ts'
import type { PoolLimits } from './limits.ts'
import type { SizingOptions } from './sizing.ts'

class Sizes extends PoolStage {
  /** The window has steps of a second. */
  constructor(sizing: Partial<SizingOptions>, limits: Partial<PoolLimits> = {}) {
    super({ adaptive: { floor: 0, headroom: 1, window: 12_000, ...sizing }, ...limits })
  }

  /** So many requests come at once, are served and are over. */
  burst(count: number): Guest[] {
    const guests = this.askMany(count)
    while (this.dials.length > 0) this.opened()
    for (const guest of guests) this.finish(guest)
    return guests
  }

  get wanted(): number {
    return this.core.origin('a').wanted
  }

  get dialedFor(): string[] {
    return this.dials.map(({ openedFor }) => openedFor)
  }
}

describe('what is needed', () => {
  test('is dialed ahead, with headroom and from a floor on', () => {
    const stage = new Sizes({ floor: 3, headroom: 2 })
    stage.ask('1')
    expect(stage.dialedFor).toEqual(['first', 'ahead', 'ahead'])
    stage.ask('2')
    expect([stage.wanted, stage.dials.length]).toEqual([4, 4])
  })

  test('is what runs and what waits', () => {
    const stage = new Sizes({ headroom: 1.5 })
    for (const _ of stage.askMany(4)) stage.opened()
    expect(stage.wanted).toBe(6)
    while (stage.dials.length > 0) stage.opened()
    stage.askMany(4)
    expect(stage.wanted).toBe(12)
  })

  test('counts whoever is served at once', () => {
    const stage = new Sizes({})
    stage.core.warm(stage.core.origin('a'), 3, stage.now)
    stage.carryOut()
    while (stage.dials.length > 0) stage.opened()
    stage.askMany(3)
    expect(stage.wanted).toBe(3)
  })

  test('over HTTP/2 is counted in sessions', () => {
    const stage = new Sizes({})
    stage.ask('first')
    stage.opened(10)
    stage.askMany(10)
    expect(stage.wanted).toBe(2)
  })

  test('is not what an endpoint group holds back', () => {
    const groups = new Map([['slow', { maxInFlight: 2, maxQueue: 256, limiter: null }]])
    const stage = new Sizes({}, { groups })
    const origin = stage.core.origin('a')
    for (const name of ['1', '2', '3', '4']) {
      stage.core.acquire(new Guest(name), stage.core.lane(origin, 'slow'), Infinity, stage.now)
    }
    expect(stage.wanted).toBe(2)
  })

  test('is never more than the limit of the origin, also when that is lowered', () => {
    const stage = new Sizes({}, { maxConnectionsPerOrigin: 8 })
    stage.burst(10)
    expect(stage.wanted).toBe(8)
    stage.core.resize({ ...stage.core.limits, maxConnectionsPerOrigin: 3 }, stage.now)
    expect(stage.wanted).toBe(3)
  })

  test('no more is dialed ahead than may rest', () => {
    const stage = new Sizes({ floor: 10 }, { maxIdleConnections: 4 })
    stage.ask('1')
    expect(stage.dials).toHaveLength(4)
    stage.opened()
    expect(stage.figures).toBe('5 open, 4 dialing, 0 idle, 0 waiting')
  })
})

describe('what is not needed', () => {
  test('a line longer than there may be connections counts no more than those: it is not remembered for long', () => {
    const stage = new Sizes({}, { maxConnectionsPerOrigin: 4, maxQueue: 1_000, idleTimeout: 60_000 })
    const crowd = stage.askMany(500)
    expect(stage.wanted).toBe(4)
    while (stage.dials.length > 0) stage.opened()
    for (const guest of crowd) stage.finish(guest)
    stage.pass(13_000)
    expect(stage.reasons).toEqual(['surplus', 'surplus'])
  })

  test('HTTP/2: once it is known what a session carries, one is wanted for as many requests', () => {
    const stage = new Sizes({}, { idleTimeout: 60_000 })
    const guests = stage.askMany(10)
    expect(stage.wanted).toBe(10)
    stage.opened(100)
    expect(stage.wanted).toBe(1)
    for (const guest of guests) if (guest.slot !== null) stage.release(guest)
    expect(stage.wanted).toBe(1)
  })
})

describe('when less is needed', () => {
  test('one connection after the other goes, the one that rested longest first', () => {
    const stage = new Sizes({}, { idleTimeout: 60_000 })
    const [first, second] = stage.burst(4)
    stage.pass(11_999)
    expect(stage.closing).toEqual([])
    stage.pass(1)
    expect(stage.closing).toEqual([first!.slot])
    expect(stage.reasons).toEqual(['surplus'])
    stage.pass(1_000)
    expect(stage.closing).toEqual([first!.slot, second!.slot])
    stage.pass(10_000)
    expect(stage.closing).toHaveLength(4)
  })

  test('what is needed all the time stays', () => {
    const stage = new Sizes({}, { idleTimeout: 60_000 })
    stage.burst(4)
    for (let second = 0; second < 30; second++) {
      stage.burst(2)
      stage.pass(1_000)
    }
    expect(stage.reasons).toEqual(['surplus', 'surplus'])
  })
})
