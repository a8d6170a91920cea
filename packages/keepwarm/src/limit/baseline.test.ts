import { describe, expect, test } from 'vitest'
import { ManualRuntime } from '../testing/manual-runtime.ts'
import { exponential } from '../testing/queueing-server.ts'
import { Baseline } from './baseline.ts'
import { SampleWindow } from './window.ts'

/** A window of exponential times. @param line what a line adds to each, in ms */
function windowOf(mean: number, line = 0, samples = 400, seed = 5): SampleWindow {
  const chance = new ManualRuntime(seed)
  const time = exponential(mean)
  const window = new SampleWindow()
  window.open(0, 0)
  for (let index = 0; index < samples; index++)
    window.add(line + time(() => chance.random()), 1, 'success', index)
  return window
}

function knowing(mean: number): Baseline {
  const baseline = new Baseline()
  baseline.observe(windowOf(mean))
  return baseline
}

test('the first window is believed, and what is longer is so many times as long', () => {
  const baseline = new Baseline()
  expect(baseline.ratio(80)).toBe(1)
  const window = windowOf(50)
  baseline.observe(window)
  expect(baseline.mean).toBe(window.mean)
  expect(baseline.ratio(2 * window.mean)).toBe(2)
})

test('many windows are averaged, so that chance falls out', () => {
  const baseline = new Baseline()
  for (let seed = 1; seed <= 60; seed++) baseline.observe(windowOf(50, 0, 50, seed))
  expect(baseline.mean).toBeGreaterThan(46)
  expect(baseline.mean).toBeLessThan(54)
})

describe('half of the requests took as long as all', () => {
  test('and each is longer by one factor: the server is slower, which is believed at once', () => {
    const baseline = knowing(50)
    expect(baseline.judge(windowOf(100, 0, 150), 100)).toBe(true)
    expect(baseline.mean).toBeCloseTo(windowOf(100, 0, 150).mean, 6)
  })

  test('and each is longer by one wait: a line of others, until twelve probes found nothing else', () => {
    const baseline = knowing(50)
    const before = baseline.mean
    for (let probe = 1; probe < 12; probe++) {
      expect(baseline.judge(windowOf(50, 50, 150), 100)).toBe(false)
      expect(baseline.mean).toBe(before)
      expect(baseline.doubtful).toBe(true)
    }
    baseline.judge(windowOf(50, 50, 150), 100)
    expect(baseline.mean).toBeGreaterThan(1.8 * before)
  })

  test('but probes that are answered a little are a part in a line, and never make it believed', () => {
    const baseline = knowing(50)
    const before = baseline.mean
    for (let probe = 0; probe < 100; probe++) baseline.judge(windowOf(50, 50, 150), 115)
    expect(baseline.mean).toBe(before)
  })
})

test('what is shorter than was believed is learnt', () => {
  const baseline = knowing(500)
  for (let seed = 1; seed <= 10; seed++) baseline.observe(windowOf(50, 0, 400, seed))
  expect(baseline.mean).toBeLessThan(60)
})

test('the spread stays when all times grow by one factor, and falls with a line', () => {
  expect(windowOf(300).spread).toBeCloseTo(windowOf(50).spread, 6)
  expect(windowOf(50, 50).spread).toBeLessThan(0.5 * windowOf(50).spread)
})
