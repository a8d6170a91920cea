import { expect, test } from 'vitest'
import { Chance } from '../measuring/chance.ts'
import { Round } from './round.ts'
import { shuffled } from './rounds.ts'
import { compare, summarise } from './summary.ts'
import { caveats, failureWords, verdictOf } from './verdict.ts'

/** Latencies around `middle` ms on a machine that is slower in some rounds than in others. */
function rounds(middle: number, chance: Chance, weather: readonly number[], answers = 200): Round[] {
  return weather.map((slow) => {
    const round = new Round()
    for (let i = 0; i < answers; i++) round.answer(middle * slow * chance.between(0.7, 1.3))
    round.took = 500
    round.cpu = answers * 50
    round.opened = 1
    return round
  })
}

/** How much slower the machine is in each of ten rounds. */
function weather(chance: Chance): number[] {
  return Array.from({ length: 10 }, () => chance.between(1, 4))
}

test('what is the same is hardly ever called different', () => {
  let called = 0
  for (let seed = 1; seed <= 100; seed++) {
    const chance = new Chance(seed)
    const sky = weather(chance)
    const { decided } = compare(['a', rounds(2, chance, sky, 60)], ['b', rounds(2, chance, sky, 60)])
    if (decided) called++
  }
  expect(called).toBeLessThanOrEqual(12)
})

test('what is a tenth slower is found out on a machine that is up to four times slower at times', () => {
  let found = 0
  for (let seed = 1; seed <= 20; seed++) {
    const chance = new Chance(seed)
    const sky = weather(chance)
    const { decided, latency } = compare(['a', rounds(2, chance, sky)], ['b', rounds(2.2, chance, sky)])
    if (decided && latency.median > 1) found++
  }
  expect(found).toBeGreaterThanOrEqual(18)
})

test('an arm is summed up over its rounds', () => {
  const all = rounds(2, new Chance(1), [1, 1, 1, 1, 1, 1])
  all[0]!.fail('reset', 3)
  all[1]!.fail('status 503', 5)
  all[2]!.fail('reset')
  const summary = summarise('a', all)
  expect(summary).toMatchObject({ requests: 1_200, connections: 6, failures: { 'status 503': 5, reset: 4 } })
  expect(summary.failed).toBeCloseTo(9 / 1_209)
  expect(summary.throughput.median).toBe(400)
  expect(summary.cpu.median).toBe(50)
  const { p50, p99 } = summary.latency
  expect(p50.lower).toBeLessThanOrEqual(p50.median)
  expect(p50.upper).toBeGreaterThanOrEqual(p50.median)
  expect(p50.median).toBeCloseTo(2, 0)
  expect(p99.median).toBeGreaterThan(2.5)
  expect(summary.slowest).toBeLessThanOrEqual(2.61)
  expect(failureWords(summary)).toEqual(['a: 5 status 503, 4 reset'])
})

test('a verdict is one sentence, and says when there is nothing to be told', () => {
  const sky = [1, 2, 1, 3, 1, 2, 1, 2, 1, 3]
  const [fast, slow] = [rounds(1, new Chance(1), sky), rounds(3, new Chance(2), sky)]
  for (const round of slow) round.cpu *= 2
  slow[0]!.opened = 991
  const summaries = [summarise('pooled', fast), summarise('unpooled', slow)]
  const verdict = verdictOf(compare(['pooled', fast], ['unpooled', slow]), summaries)
  expect(verdict).toMatch(
    /^pooled is [23]\.\d\d× faster than unpooled \(95 % CI 2\.\d\d–3\.\d\d\), with 10 new connections instead of 1,000, for 2\.00× less CPU time$/,
  )
  const same = compare(['a', fast], ['b', rounds(1, new Chance(3), sky)])
  expect(verdictOf(same, [])).toContain('a shows no measurable difference to b')
})

test('rounds without an answer are no basis for a comparison', () => {
  const dead = Array.from({ length: 6 }, () => new Round())
  const found = compare(['a', rounds(1, new Chance(1), [1, 1, 1, 1, 1, 1])], ['b', dead])
  expect(found.decided).toBe(false)
  expect(verdictOf(found, [])).toBe('a and b cannot be compared: too few requests were answered')
})

test('failures and a rate that was not reached are told', () => {
  const all = rounds(2, new Chance(1), [1, 1, 1, 1, 1, 1], 50)
  all[0]!.fail('reset', 10)
  expect(caveats([summarise('a', all)], 200)).toEqual([
    'a failed in 3.23 % of its requests; its latencies are those of the others',
    'a answered 100 a second of the 200 that were asked for',
  ])
  expect(caveats([summarise('a', rounds(2, new Chance(1), [1, 1]))], 400)).toEqual([])
})

test('every order of the arms comes about, and the same seed draws the same', () => {
  const chance = new Chance(5)
  const orders = Array.from({ length: 600 }, () => shuffled(['a', 'b', 'c'], chance).join(''))
  const counts = Map.groupBy(orders, (order) => order)
  expect([...counts.keys()].toSorted()).toEqual(['abc', 'acb', 'bac', 'bca', 'cab', 'cba'])
  for (const same of counts.values()) expect(same.length).toBeGreaterThan(60)
  expect(shuffled([1, 2, 3, 4], new Chance(9))).toEqual(shuffled([1, 2, 3, 4], new Chance(9)))
})
