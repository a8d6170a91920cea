import { describe, expect, test } from 'vitest'
import { ManualRuntime } from '../testing/manual-runtime.ts'
import { MovingQuantile } from './quantile.ts'

const exponential = (mean: number, random: number): number => -Math.log(1 - random) * mean
const truth = (mean: number, quantile: number): number => -Math.log(1 - quantile) * mean

describe('a moving quantile', () => {
  test('says nothing below its minimum of samples', () => {
    const p95 = new MovingQuantile({ quantile: 0.95 })
    for (let i = 0; i < 99; i++) p95.add(5, i)
    expect([p95.value, p95.at(0.5)]).toEqual([undefined, undefined])
    p95.add(5, 99)
    expect(p95.value).toBeGreaterThan(4.5)
    expect(p95.value).toBeLessThan(5.5)
  })

  test.each([0.5, 0.9, 0.95, 0.99])('is within a tenth of the true quantile %s', (quantile) => {
    const { random } = chance(1)
    const moving = new MovingQuantile({ quantile })
    for (let i = 0; i < 20_000; i++) moving.add(exponential(20, random()), i)
    expect(moving.value! / truth(20, quantile)).toBeGreaterThan(0.9)
    expect(moving.value! / truth(20, quantile)).toBeLessThan(1.1)
  })

  test('lower bounds alone: no less than anybody has waited', () => {
    const p95 = new MovingQuantile({ quantile: 0.95 })
    for (let i = 0; i < 200; i++) p95.addAtLeast(1_000, i)
    expect(p95.value).toBeGreaterThanOrEqual(1_000)
    expect(p95.value).toBeLessThan(1_100)
  })

  test('holds what it is given at both ends, and a clock that goes back', () => {
    const p50 = new MovingQuantile({ quantile: 0.5 })
    for (const latency of [0, -1, 1e12, Infinity]) for (let i = 0; i < 50; i++) p50.add(latency, 100 - i)
    expect(Number.isFinite(p50.value)).toBe(true)
  })

  test('is the same after weeks', () => {
    const { random } = chance(2)
    const p50 = new MovingQuantile({ quantile: 0.5 })
    for (let i = 0; i < 50_000; i++) p50.add(exponential(20, random()), i * 60_000)
    expect(p50.value! / truth(20, 0.5)).toBeGreaterThan(0.8)
    expect(p50.value! / truth(20, 0.5)).toBeLessThan(1.2)
  })
})

describe('a service that becomes ten times as slow, and as fast as before', () => {
  /** How long until it is within a quarter of the new truth, in ms, with `every` ms between samples. */
  function followed(from: number, to: number, every: number): number {
    const { random } = chance(3)
    const p95 = new MovingQuantile({ quantile: 0.95 })
    let now = 0
    for (; now < 2_000 * Math.max(every, 50); now += every) p95.add(exponential(from, random()), now)
    const shiftedAt = now
    for (; now < shiftedAt + 1e7; now += every) {
      p95.add(exponential(to, random()), now)
      if (Math.abs(p95.value! / truth(to, 0.95) - 1) < 0.25) return now - shiftedAt
    }
    return Infinity
  }

  test('200 samples a second: up within 10 s, down within 60 s', () => {
    expect(followed(5, 50, 5)).toBeLessThan(10_000)
    expect(followed(50, 5, 5)).toBeLessThan(60_000)
  })

  test('one sample a second: up within 250 samples, down within 1500', () => {
    expect(followed(5, 50, 1_000)).toBeLessThan(250_000)
    expect(followed(50, 5, 1_000)).toBeLessThan(1_500_000)
  })
})

describe('what hedging does to its own quantile', () => {
  /** The share of calls that have a hedge in the end, when hedges go out at the p95 that is measured this way. */
  function hedged(counted: 'nothing' | 'lower bounds'): number {
    const { random } = chance(4)
    const p95 = new MovingQuantile({ quantile: 0.95 })
    const brokenOff = (elapsed: number, now: number): void => {
      if (counted === 'lower bounds') p95.addAtLeast(elapsed, now)
    }
    let hedges = 0
    for (let now = 0; now < 200_000; now += 5) {
      const first = exponential(20, random())
      const delay = p95.value ?? Infinity
      const hedge = delay + exponential(20, random())
      const elapsed = Math.min(first, hedge)
      if (first <= hedge) p95.add(first, now)
      else p95.add(hedge - delay, now)
      if (first <= delay) continue
      if (now >= 100_000) hedges++
      if (first <= hedge) brokenOff(elapsed - delay, now)
      else brokenOff(elapsed, now)
    }
    return hedges / 20_000
  }

  test('left out, the attempts that were broken off make it fall, and it hedges twice as many', () => {
    expect(hedged('nothing')).toBeGreaterThan(0.09)
  })

  test('as lower bounds they keep it where it was', () => {
    expect(hedged('lower bounds')).toBeGreaterThan(0.045)
    expect(hedged('lower bounds')).toBeLessThan(0.055)
  })
})

function chance(seed: number): { random: () => number } {
  const runtime = new ManualRuntime(seed)
  return { random: () => runtime.random() }
}
