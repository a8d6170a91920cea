import { describe, expect, test } from 'vitest'
import type { ConfigError } from '../errors.ts'
import { ManualRuntime } from '../testing/manual-runtime.ts'
import { Balancer } from './balancer.ts'
import type { BalanceOutcome } from './balancer.ts'
import type { Endpoint } from './endpoint.ts'
import type { BalanceOptions } from './options.ts'
import type { EndpointSnapshot } from './snapshot.ts'

/** A balancer with a clock and a seeded chance of its own. Endpoints are `a`, `b`, `c` … */
class Bench {
  readonly balancer: Balancer
  readonly chance = new ManualRuntime(7)
  now = 0

  constructor(count: number, options?: BalanceOptions) {
    this.balancer = new Balancer(names(count), options)
  }

  pick(avoid?: string): string {
    const { balancer, chance } = this
    const avoided = avoid === undefined ? undefined : this.at(avoid)
    return balancer.pick(this.now, chance.random(), chance.random(), avoided).name
  }

  start(name: string): this {
    this.balancer.started(this.at(name), this.now)
    return this
  }

  end(name: string, outcome: BalanceOutcome, rtt = 10, connectFailure = false): this {
    this.balancer.ended(this.at(name), outcome, rtt, this.now, 1, connectFailure)
    return this
  }

  /** Requests that come and go one after the other, at the same moment. */
  call(name: string, outcome: BalanceOutcome, times = 1, rtt = 10): this {
    for (let i = 0; i < times; i++) this.start(name).end(name, outcome, rtt)
    return this
  }

  /** Each has answered once, after so long. */
  warm(rtt = 10): this {
    for (const { endpoint } of this.balancer.snapshot(this.now).endpoints)
      this.call(endpoint, 'success', 1, rtt)
    return this
  }

  wait(ms: number): this {
    this.now += ms
    return this
  }

  /** How often each is picked, when nothing comes of it. */
  picks(times = 1_000, avoid?: string): Record<string, number> {
    const counts: Record<string, number> = {}
    for (let i = 0; i < times; i++) {
      const name = this.pick(avoid)
      counts[name] = (counts[name] ?? 0) + 1
    }
    return counts
  }

  picked(times?: number, avoid?: string): string[] {
    return Object.keys(this.picks(times, avoid)).toSorted()
  }

  of(name: string): EndpointSnapshot {
    return this.balancer.snapshot(this.now).endpoints.find(({ endpoint }) => endpoint === name)!
  }

  at(name: string): Endpoint {
    return this.balancer.find(name)!
  }
}

const names = (count: number): string[] =>
  Array.from({ length: count }, (_, i) => String.fromCharCode(97 + i))

describe('of two by chance, the one with less to wait for', () => {
  test('the slower of two is not picked', () => {
    const bench = new Bench(2).call('a', 'success', 1, 100).call('b', 'success', 1, 10)
    expect(bench.picked()).toEqual(['b'])
  })

  test('unless so much is under way at the faster one that it would take longer', () => {
    const bench = new Bench(2).call('a', 'success', 1, 100).call('b', 'success', 1, 10)
    for (let i = 0; i < 9; i++) bench.start('b')
    expect(bench.start('b').picked()).toEqual(['a'])
    expect(bench.end('b', 'ignored').end('b', 'ignored').picked()).toEqual(['b'])
  })

  test('the slowest of many is never picked, the fastest most often', () => {
    const bench = new Bench(5)
    for (const [place, name] of names(5).entries()) bench.call(name, 'success', 1, 10 + place)
    const counts = bench.picks(10_000)
    expect(Object.keys(counts).toSorted()).toEqual(['a', 'b', 'c', 'd'])
    // Of five, one is among two with a chance of two fifths; the second loses against the first.
    for (const [name, share] of [
      ['a', 0.4],
      ['b', 0.3],
      ['c', 0.2],
      ['d', 0.1],
    ] as const)
      expect(Math.abs(counts[name]! / 10_000 - share)).toBeLessThan(0.02)
  })

  test('of equal endpoints none ever has more than twice as much under way as the best spread would give it', () => {
    const bench = new Bench(10).warm()
    const underWay: string[] = []
    for (let i = 0; i < 20_000; i++) {
      const name = bench.wait(1).pick()
      bench.start(name)
      underWay.push(name)
      if (underWay.length > 50) bench.end(underWay.shift()!, 'success', 50)
      if (i > 100) expect(bench.at(name).inFlight).toBeLessThanOrEqual(2 * 5)
    }
  })

  test('equal endpoints get equally many in the long run', () => {
    const bench = new Bench(8).warm()
    const counts: Record<string, number> = {}
    const underWay: string[] = []
    for (let i = 0; i < 16_000; i++) {
      const name = bench.wait(1).pick()
      counts[name] = (counts[name] ?? 0) + 1
      bench.start(name)
      underWay.push(name)
      if (underWay.length > 24) bench.end(underWay.shift()!, 'success', 25)
    }
    for (const name of names(8)) expect(Math.abs(counts[name]! / 2_000 - 1)).toBeLessThan(0.1)
  })
})

describe('an endpoint of which nothing is known', () => {
  test('is tried at most once until it has answered', () => {
    const bench = new Bench(4)
    for (const name of ['a', 'b', 'c']) bench.call(name, 'success', 1, 100)
    const counts: Record<string, number> = {}
    for (let i = 0; i < 1_000; i++) {
      const name = bench.pick()
      counts[name] = (counts[name] ?? 0) + 1
      bench.start(name)
    }
    expect(counts['d']).toBe(1)
    expect(bench.end('d', 'success', 100).picks()['d']).toBeGreaterThan(100)
  })

  test('stays unknown when its request was ignored', () => {
    expect(new Bench(2).call('a', 'ignored').of('a').estimate).toBeNull()
  })

  test('that fails at its first request is avoided', () => {
    const bench = new Bench(3).call('a', 'failure', 1, 1).call('b', 'success').call('c', 'success')
    expect(bench.picked()).toEqual(['b', 'c'])
  })
})

describe('endings', () => {
  test.each([
    ['success', 200, 200, 0],
    ['success', 5, 100, 0],
    ['slow', 200, 200, 0],
    ['slow', 50, 100, 0],
    ['failure', 5, 100, 0.1],
    ['overload', 5, 100, 0.1],
    ['failure', 200, 200, 0.1],
    ['ignored', 200, 100, 0],
  ] as const)(
    '%s after %i ms, where 100 was usual: estimate %i, share of failures %f',
    (outcome, rtt, estimate, share) => {
      const bench = new Bench(2).call('a', 'success', 1, 100).wait(1_000).start('a').end('a', outcome, rtt)
      const { estimate: found, failureShare, inFlight } = bench.of('a')
      // A second says a tenth.
      expect(Math.abs(found! - (outcome === 'success' && rtt === 5 ? 91 : estimate))).toBeLessThan(1)
      expect(failureShare).toBeCloseTo(share, 1)
      expect(inFlight).toBe(0)
    },
  )

  test('one that fails fast does not draw requests from busy ones, even if it cannot be ejected', () => {
    const bench = new Bench(3, { ejection: false, failurePenalty: 1_000 }).warm(100)
    for (const name of ['b', 'c']) for (let i = 0; i < 20; i++) bench.start(name)
    expect(bench.picks()['a']).toBeGreaterThan(600)
    expect(bench.call('a', 'failure', 4, 1).picked()).toEqual(['b', 'c'])
  })

  test('a failure now and then costs little', () => {
    const bench = new Bench(3).warm(100)
    for (let i = 0; i < 2_000; i++) bench.wait(10).call('a', i % 100 === 0 ? 'failure' : 'success', 1, 100)
    expect(bench.of('a').failureShare).toBeLessThan(0.02)
  })

  test('too many endings make nothing negative', () => {
    expect(new Bench(2).end('a', 'success').end('a', 'success').of('a').inFlight).toBe(0)
  })
})

describe('the endpoint to avoid', () => {
  test('is not picked when there is another', () => {
    expect(new Bench(2).warm().picked(1_000, 'a')).toEqual(['b'])
    expect(new Bench(3).warm().picked(1_000, 'a')).toEqual(['b', 'c'])
  })

  test('is picked when there is none: the others are out', () => {
    const bench = new Bench(2).warm().call('b', 'failure', 5)
    expect(bench.picked(1_000, 'a')).toEqual(['a'])
    expect(new Bench(1).picked(10, 'a')).toEqual(['a'])
  })
})

describe('ejected endpoints', () => {
  test('get nothing for a while, and say why', () => {
    const bench = new Bench(3).warm().call('a', 'failure', 5)
    expect(bench.picked()).toEqual(['b', 'c'])
    expect(bench.of('a')).toMatchObject({
      state: 'ejected',
      ejectedUntil: 10_000,
      ejections: 1,
      reason: '5 failures in a row',
    })
  })

  test('overload, slowness and what is ignored eject nobody', () => {
    const bench = new Bench(3).warm()
    for (const outcome of ['overload', 'slow', 'ignored'] as const) bench.call('a', outcome, 50)
    expect(bench.of('a').state).toBe('available')
  })

  test('come back when their time is over, with a tenth of their share', () => {
    const bench = new Bench(3).warm().call('a', 'failure', 5).wait(10_000)
    expect(bench.of('a')).toMatchObject({ state: 'rising', share: 0.1, ejectedUntil: null, reason: null })
    expect(bench.wait(10_000).of('a')).toMatchObject({ state: 'available', share: 1 })
  })

  test('never more than the maximum, and at least half are used', () => {
    const bench = new Bench(6).warm()
    for (const name of ['a', 'b', 'c']) bench.call(name, 'failure', 5)
    expect(bench.balancer.snapshot(bench.now)).toMatchObject({ available: 3, panic: false })
    expect(bench.picked()).toEqual(['d', 'e', 'f'])
  })

  test('are let in before their time by a check that passes', () => {
    const bench = new Bench(3).warm().call('a', 'failure', 5).wait(1_000)
    bench.balancer.healthChecked('a', true, bench.now)
    expect(bench.of('a')).toMatchObject({ state: 'rising', share: 0.1 })
  })
})

describe('panic', () => {
  test('all are tried when all are bad', () => {
    const bench = new Bench(4).warm()
    for (const name of names(4)) bench.call(name, 'failure', 5, 10)
    expect(bench.balancer.snapshot(bench.now)).toMatchObject({ available: 2, panic: true })
    const tried = new Set<string>()
    for (let i = 0; i < 100; i++) {
      const name = bench.wait(1).pick()
      tried.add(name)
      bench.call(name, 'failure', 1, 10)
    }
    expect([...tried].toSorted()).toEqual(names(4))
  })

  test('is over when half are well again', () => {
    const bench = new Bench(4).warm()
    for (const name of names(4)) bench.call(name, 'failure', 5, 10)
    expect(bench.call('c', 'success').balancer.snapshot(0).panic).toBe(true)
    expect(bench.call('d', 'success').balancer.snapshot(0).panic).toBe(false)
    expect(bench.picked()).toEqual(['c', 'd'])
  })

  test('begins below the share, and not at it', () => {
    const bench = new Bench(4).warm()
    for (const name of ['a', 'b']) bench.balancer.healthChecked(name, false, 0)
    expect(bench.picked()).toEqual(['c', 'd'])
    bench.balancer.healthChecked('c', false, 0)
    expect(bench.balancer.snapshot(0).panic).toBe(true)
    expect(bench.picked()).toContain('a')
  })

  test('even without it, somebody is tried when all are down', () => {
    const bench = new Bench(2, { panicBelow: 0 }).warm()
    for (const name of names(2)) bench.balancer.healthChecked(name, false, 0)
    expect(bench.picks(10)).not.toEqual({})
  })
})

describe('active checks', () => {
  test('put an endpoint out and let it in again, by and by', () => {
    const bench = new Bench(3).warm()
    bench.balancer.healthChecked('a', false, bench.now)
    expect(bench.picked()).toEqual(['b', 'c'])
    expect(bench.of('a')).toMatchObject({ state: 'down', reason: 'its health checks fail' })
    bench.wait(60_000).balancer.healthChecked('a', true, bench.now)
    expect(bench.of('a')).toMatchObject({ state: 'rising', share: 0.1, reason: null })
    bench.wait(5_000).balancer.healthChecked('a', true, bench.now)
    expect(bench.of('a').share).toBe(0.5)
  })

  test('of an endpoint that is none of them are ignored', () => {
    const bench = new Bench(2)
    bench.balancer.healthChecked('x', false, 0)
    expect(bench.balancer.snapshot(0).available).toBe(2)
  })
})

test.each([
  [0, 0.1],
  [500, 0.1],
  [2_000, 0.2],
  [5_000, 0.5],
  [9_000, 0.9],
  [10_000, 1],
  [60_000, 1],
])('slow start: %i ms after an endpoint came back it gets %f of its share', (ms, share) => {
  const bench = new Bench(4).warm()
  bench.balancer.healthChecked('a', false, 0)
  bench.balancer.healthChecked('a', true, 0)
  // All answer alike, so that nothing but the ramp decides.
  const counts = bench.wait(ms).warm().picks(20_000)
  expect(Math.abs(counts['a']! / 5_000 - share)).toBeLessThan(0.05)
  for (const name of ['b', 'c', 'd']) expect(counts[name]).toBeGreaterThan(4_700)
})

test('slow start can be switched off', () => {
  const bench = new Bench(2, { slowStart: 0 }).warm()
  bench.balancer.healthChecked('a', false, 0)
  bench.balancer.healthChecked('a', true, 0)
  expect(bench.of('a')).toMatchObject({ state: 'available', share: 1 })
})

describe('other endpoints', () => {
  test('what is known of those that stay is kept', () => {
    const bench = new Bench(4).warm(70).call('a', 'failure', 5, 10).start('b')
    const before = ['a', 'b'].map((name) => bench.of(name))
    const endpoint = bench.at('b')
    bench.balancer.update(['b', 'x', 'a', 'y'], bench.now)
    expect(['a', 'b'].map((name) => bench.of(name))).toEqual(before)
    expect(bench.at('b')).toBe(endpoint)
    expect(bench.balancer.snapshot(0).endpoints.map(({ endpoint: name }) => name)).toEqual([
      'b',
      'x',
      'a',
      'y',
    ])
  })

  test('new ones begin with a part of their share; when all are new, with all of it', () => {
    const bench = new Bench(2).warm()
    expect(bench.of('a').state).toBe('available')
    bench.balancer.update(['a', 'b', 'x'], 0)
    expect(bench.of('x')).toMatchObject({ state: 'rising', share: 0.1 })
    bench.balancer.update(['p', 'q'], 0)
    expect(bench.of('p').state).toBe('available')
  })

  test('a request to one that is gone still ends, and changes nothing', () => {
    const bench = new Bench(3).warm().start('a').start('b')
    const gone = bench.at('a')
    bench.balancer.update(['b', 'c'], 0)
    for (let i = 0; i < 10; i++) bench.balancer.ended(gone, 'failure', 1, 0, 0)
    expect(bench.balancer.snapshot(0)).toMatchObject({ available: 2, panic: false })
    expect(bench.of('b').inFlight).toBe(1)
    expect(bench.end('b', 'ignored').picked()).toEqual(['b', 'c'])
  })

  test('an endpoint that was ejected makes room when it goes, and is new when it returns', () => {
    const bench = new Bench(3).warm().call('a', 'failure', 5)
    bench.balancer.update(['b', 'c'], 0)
    expect(bench.call('b', 'failure', 5).of('b').state).toBe('ejected')
    bench.balancer.update(['a', 'b', 'c'], 0)
    expect(bench.of('a')).toMatchObject({ state: 'rising', ejections: 0, estimate: null })
  })

  test('down to one and back: nothing is lost', () => {
    const bench = new Bench(2).warm(30)
    bench.balancer.update(['a'], 0)
    expect(bench.call('a', 'failure', 10, 10).pick()).toBe('a')
    bench.balancer.update(['a', 'b'], 0)
    expect(bench.of('a')).toMatchObject({ estimate: 30, state: 'available' })
  })

  test.each([
    ['an empty list', []],
    ['the one at place 1 again', ['http://me:secret@a', 'http://me:secret@a']],
    ['no name at place 1', ['a', '']],
    ['a value of type string', 'a' as never],
  ])('%s is refused, and nothing has changed', (received, endpoints) => {
    const { balancer } = new Bench(2)
    const before = balancer.snapshot(0)
    expect(() => balancer.update(endpoints, 0)).toThrow(received)
    expect(() => new Balancer(endpoints)).toThrow(received)
    expect(balancer.snapshot(0)).toEqual(before)
  })

  test('weights that cannot be are refused, without credentials in the words', () => {
    let error: ConfigError | undefined
    try {
      new Balancer(['a'], { weights: { a: -1 } })
    } catch (thrown) {
      error = thrown as ConfigError
    }
    expect(error?.problems[0]?.variable).toBe('balance.weights["a"]')
    expect(() => new Bench(1).balancer.update(['a'], 0, { a: 0 })).toThrow('balance.weights')
  })
})

test('weights: who can carry three times as much has three times as much under way', () => {
  const bench = new Bench(4, { weights: { a: 3 } }).warm()
  const underWay: string[] = []
  const most: Record<string, number> = {}
  for (let i = 0; i < 12_000; i++) {
    const name = bench.wait(1).pick()
    most[name] = (most[name] ?? 0) + 1
    bench.start(name)
    underWay.push(name)
    if (underWay.length > 60) bench.end(underWay.shift()!, 'success', 60)
  }
  expect(Math.abs(most['a']! / 6_000 - 1)).toBeLessThan(0.1)
  for (const name of ['b', 'c', 'd']) expect(Math.abs(most[name]! / 2_000 - 1)).toBeLessThan(0.1)
})

test('one endpoint is always picked, whatever became of it', () => {
  const bench = new Bench(1).call('a', 'failure', 100)
  bench.balancer.healthChecked('a', false, 0)
  expect(bench.picks(3)).toEqual({ a: 3 })
  expect(bench.balancer.snapshot(0).panic).toBe(false)
})

test('the snapshot survives JSON', () => {
  const bench = new Bench(3).warm(42).call('a', 'failure', 5).start('b')
  const snapshot = bench.balancer.snapshot(1_000)
  expect(JSON.parse(JSON.stringify(snapshot))).toEqual(snapshot)
  expect(snapshot).toMatchObject({ version: 1, available: 2, panic: false })
  const fresh = new Bench(2).balancer.snapshot(0)
  expect(JSON.parse(JSON.stringify(fresh))).toEqual(fresh)
})
