import { describe, expect, test } from 'vitest'
import { Ejection, OutlierRecord } from './ejection.ts'
import { ejectionDefaults, resolveEjection } from './options.ts'
import type { EjectionOptions } from './options.ts'

interface Host {
  readonly name: number
  readonly outlier: OutlierRecord
}

/** A few endpoints with a clock; chance is 1 unless told, so that an ejection lasts for the whole of its time. */
class Bench {
  readonly hosts: readonly Host[]
  readonly ejection: Ejection<Host>
  readonly log: string[] = []
  now = 0

  constructor(count: number, options?: EjectionOptions) {
    const settings = resolveEjection(options)
    this.ejection = new Ejection(settings === false ? ejectionDefaults : settings, {
      ejected: ({ name }) => this.log.push(`out ${name}`),
      readmitted: ({ name }, at) => this.log.push(`in ${name} at ${at}`),
    })
    this.hosts = Array.from({ length: count }, (_, name) => ({ name, outlier: new OutlierRecord() }))
    this.ejection.resize(count)
  }

  ok(name: number, times = 1): this {
    for (let i = 0; i < times; i++) this.ejection.succeeded(this.hosts[name]!, this.now, 1)
    return this
  }

  fail(name: number, times = 1, connectFailure = false, random = 1): this {
    for (let i = 0; i < times; i++) this.ejection.failed(this.hosts[name]!, connectFailure, this.now, random)
    return this
  }

  wait(ms: number): this {
    this.now += ms
    this.ejection.look(this.now, 1)
    return this
  }

  get out(): number[] {
    return this.hosts.filter(({ outlier }) => outlier.ejected).map(({ name }) => name)
  }

  until(name: number): number {
    return this.hosts[name]!.outlier.ejectedUntil
  }

  reason(name: number): string | undefined {
    return this.hosts[name]!.outlier.reason
  }
}

describe('failures in a row', () => {
  test('four are none too many, five are', () => {
    const bench = new Bench(3).fail(0, 4)
    expect(bench.out).toEqual([])
    expect(bench.fail(0).out).toEqual([0])
    expect(bench.reason(0)).toBe('5 failures in a row')
  })

  test('a success in between begins the count again', () => {
    expect(new Bench(3).fail(0, 4).ok(0).fail(0, 4).out).toEqual([])
  })

  test('failures to connect have a number of their own', () => {
    const bench = new Bench(3, { connectFailures: 2 }).fail(0, 2, true)
    expect(bench.out).toEqual([0])
    expect(bench.reason(0)).toBe('2 failures to connect in a row')
    expect(new Bench(3, { connectFailures: 2 }).fail(0, 1, true).fail(0).fail(0, 1, true).out).toEqual([])
  })

  test('what ends while it is out changes nothing', () => {
    const bench = new Bench(3).fail(0, 5).fail(0, 50)
    expect([bench.until(0), bench.hosts[0]!.outlier.times]).toEqual([10_000, 1])
    expect(bench.ok(0, 50).out).toEqual([0])
  })
})

describe('how long', () => {
  test('it takes part again when its time is over, with a clean slate', () => {
    const bench = new Bench(3).fail(0, 5).wait(9_999)
    expect(bench.out).toEqual([0])
    expect(bench.wait(1).out).toEqual([])
    expect(bench.fail(0, 4).out).toEqual([])
    expect(bench.log).toEqual(['out 0', 'in 0 at 10000'])
  })

  test('is told by its own moment, when nobody looked', () => {
    expect(new Bench(3).fail(0, 5).wait(3_600_000).log.at(-1)).toBe('in 0 at 10000')
  })

  test('chance shortens it by up to a quarter', () => {
    expect(new Bench(3).fail(0, 5, false, 0).until(0)).toBe(7_500)
    expect(new Bench(3).fail(0, 5, false, 0.5).until(0)).toBe(8_750)
  })

  test('longer each time in a row, up to five minutes', () => {
    const bench = new Bench(3)
    const lengths = Array.from({ length: 32 }, () => {
      const length = bench.fail(0, 5).until(0) - bench.now
      bench.wait(length)
      return length / 1_000
    })
    expect(lengths.slice(0, 4)).toEqual([10, 20, 30, 40])
    expect(lengths.slice(-4)).toEqual([290, 300, 300, 300])
  })

  test.each([
    [9_999, 40_000],
    [10_000, 30_000],
    [20_000, 20_000],
    [3_600_000, 10_000],
  ])('each interval that it is well is forgiven one: after %i ms it is %i', (well, length) => {
    const bench = new Bench(3)
    for (let i = 0; i < 3; i++) bench.fail(0, 5).wait(bench.until(0) - bench.now)
    bench.wait(well).fail(0, 5)
    expect(bench.until(0) - bench.now).toBe(length)
  })
})

describe('how many', () => {
  test.each([
    [2, 1],
    [3, 1],
    [4, 2],
    [9, 4],
    [10, 1],
    [19, 1],
    [20, 2],
    [100, 10],
  ])('of %i at most %i', (count, most) => {
    const bench = new Bench(count)
    for (let name = 0; name < count; name++) bench.fail(name, 5)
    expect(bench.out).toHaveLength(most)
    expect(bench.ejection.count).toBe(most)
  })

  test('the share is an option; one always may be', () => {
    const all = new Bench(4, { maxShare: 1 })
    for (let name = 0; name < 4; name++) all.fail(name, 5)
    expect(all.out).toHaveLength(4)
    expect(new Bench(4, { maxShare: 0 }).fail(0, 5).fail(1, 5).out).toEqual([0])
  })

  test('one that was spared is ejected by its next failure, once there is room', () => {
    const bench = new Bench(2).fail(0, 5).fail(1, 7)
    expect(bench.ejection.isFailing(bench.hosts[1]!)).toBe(true)
    expect(bench.wait(10_000).out).toEqual([])
    expect(bench.fail(1).out).toEqual([1])
    expect(bench.reason(1)).toBe('8 failures in a row')
  })
})

describe('the success rate', () => {
  /** One interval: so many of a hundred requests succeed at each, in turns, so that no failures come in a row. */
  const interval = (bench: Bench, successes: readonly number[], requests = 100): Bench => {
    bench.wait(0)
    for (const [name, each] of successes.entries()) {
      for (let i = 0; i < requests; i++) {
        const good = Math.floor(((i + 1) * each) / requests) > Math.floor((i * each) / requests)
        if (good) bench.ok(name)
        else bench.fail(name)
      }
    }
    return bench.wait(10_000)
  }
  const rows = { failures: 1_000 }

  test.each([
    ['one far below the others', [100, 100, 100, 100, 100, 50], [5]],
    ['of four, however bad, none', [100, 100, 100, 0], []],
    ['one that is a little worse when all are good', [100, 100, 100, 100, 100, 96], []],
    ['none, when all are bad alike', [50, 50, 50, 50, 50, 50], []],
    ['none, when there are as many bad ones as good', [100, 100, 100, 20, 20, 20], []],
    ['the worst two of eleven? only one may go', [100, 100, 100, 100, 100, 100, 100, 100, 100, 10, 0], [10]],
  ])('%s', (_, successes, out) => {
    expect(interval(new Bench(successes.length, rows), successes).out).toEqual(out)
  })

  test('the worst goes first, and both where both may', () => {
    const bench = interval(new Bench(11, { ...rows, maxShare: 0.5 }), [10, 0, ...Array<number>(9).fill(100)])
    expect(bench.log).toEqual(['out 1', 'out 0'])
    expect(bench.until(0)).not.toBe(bench.until(1))
  })

  test('says what it compared', () => {
    const bench = interval(new Bench(6, rows), [50, 100, 100, 100, 100, 100])
    expect(bench.reason(0)).toBe('50.0 % of 100 requests succeeded; the average is 91.7 %')
  })

  test('needs enough requests at enough endpoints', () => {
    expect(interval(new Bench(6, rows), [0, 99, 99, 99, 99, 99], 99).out).toEqual([])
    expect(interval(new Bench(6, { ...rows, minimumRequests: 99 }), [0, 99, 99, 99, 99, 99], 99).out).toEqual(
      [0],
    )
  })

  test('is forgotten when nobody looked for an interval', () => {
    const bench = new Bench(6, rows).wait(0)
    for (let name = 0; name < 6; name++) bench.ok(name, name === 0 ? 50 : 100)
    bench.fail(0, 50)
    expect(bench.wait(20_000).out).toEqual([])
  })

  test('begins anew with each interval', () => {
    const bench = interval(new Bench(6, rows), [96, 100, 100, 100, 100, 100])
    for (let name = 0; name < 6; name++) bench.ok(name, 50)
    expect(bench.fail(0, 50).wait(10_000).out).toEqual([])
  })
})

describe('a check that passes', () => {
  test('ends an ejection for failures in a row', () => {
    const bench = new Bench(3).fail(0, 5).wait(1_000)
    bench.ejection.checkPassed(bench.hosts[0]!, bench.now)
    expect(bench.log).toEqual(['out 0', 'in 0 at 1000'])
    expect(bench.fail(0, 5).until(0)).toBe(21_000)
  })

  test('does not end one for the success rate: checks succeed where requests fail', () => {
    const bench = new Bench(6, { failures: 1_000 }).wait(0)
    for (let name = 0; name < 6; name++) bench.ok(name, name === 0 ? 50 : 100)
    bench.fail(0, 50).wait(10_000)
    bench.ejection.checkPassed(bench.hosts[0]!, bench.now)
    expect(bench.out).toEqual([0])
  })

  test('does not make up for requests that fail', () => {
    const bench = new Bench(3).fail(0, 4)
    bench.ejection.checkPassed(bench.hosts[0]!, 0)
    expect(bench.fail(0).out).toEqual([0])
  })
})

test('one that is forgotten makes room', () => {
  const bench = new Bench(3).fail(0, 5).fail(1, 5)
  expect(bench.out).toEqual([0])
  bench.ejection.forget(bench.hosts[0]!)
  expect(bench.ejection.count).toBe(0)
  expect(bench.fail(1).out).toEqual([0, 1])
})
