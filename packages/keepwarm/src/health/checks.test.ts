import { describe, expect, test } from 'vitest'
import { EndpointChecks, findingOf } from './checks.ts'
import type { CheckFinding } from './checks.ts'
import type { CheckOptions } from './options.ts'

/** Checks of an endpoint in use; chance is in the middle, so that no interval is stretched. */
function after(findings: readonly CheckFinding[], options?: CheckOptions): EndpointChecks {
  const checks = new EndpointChecks(options, 0, 0)
  for (const finding of findings) checks.result(finding, 0, 0.5)
  return checks
}

describe('what the findings come to', () => {
  const [pass, fail, drain] = ['pass', 'fail', 'drain'] as const
  test.each([
    ['nothing yet', [], true],
    ['one failure', [fail], true],
    ['two failures', [fail, fail], true],
    ['three failures', [fail, fail, fail], false],
    ['failures that are not in a row', [fail, fail, pass, fail, fail], true],
    ['one pass after it was down', [fail, fail, fail, pass], false],
    ['two passes after it was down', [fail, fail, fail, pass, pass], true],
    ['passes that are not in a row', [fail, fail, fail, pass, fail, pass], false],
    ['that it drains', [drain], false],
    ['that it drains, in the midst of passes', [pass, pass, drain], false],
    ['two passes after it drained', [drain, pass, pass], true],
    ['a failure, and that it drains', [fail, drain], false],
  ])('%s', (_, findings, up) => {
    expect(after(findings).up).toBe(up)
  })

  test('each change is told once', () => {
    const checks = after([])
    const findings: CheckFinding[] = [fail, fail, fail, fail, pass, pass, pass, drain, drain]
    expect(findings.map((finding) => checks.result(finding, 0, 0.5))).toEqual([
      undefined,
      undefined,
      'down',
      undefined,
      undefined,
      'up',
      undefined,
      'down',
      undefined,
    ])
  })

  test('the numbers are options', () => {
    expect(after([fail], { down: 1 }).up).toBe(false)
    expect(after([fail, pass], { down: 1, up: 1 }).up).toBe(true)
  })
})

describe('when the next is due', () => {
  test('the first somewhere in the first interval, by chance', () => {
    expect(new EndpointChecks(undefined, 1_000, 0).dueAt(0)).toBe(1_000)
    expect(new EndpointChecks(undefined, 1_000, 0.5).dueAt(0)).toBe(6_000)
  })

  test.each([
    ['after a pass', ['pass'], 10_000],
    ['after a first failure, sooner', ['fail'], 2_000],
    ['after a second failure, too', ['fail', 'fail'], 2_000],
    ['once it is down', ['fail', 'fail', 'fail'], 10_000],
    ['after the first pass of one that is down, sooner', ['fail', 'fail', 'fail', 'pass'], 2_000],
    ['once it is up again', ['fail', 'fail', 'fail', 'pass', 'pass'], 10_000],
  ] as const)('%s', (_, findings, due) => {
    expect(after(findings).dueAt(0)).toBe(due)
  })

  test('chance makes an interval longer or shorter by a tenth', () => {
    const checks = new EndpointChecks(undefined, 0, 0)
    checks.result('pass', 0, 0)
    expect(checks.dueAt(0)).toBe(9_000)
    checks.result('pass', 0, 0.75)
    expect(checks.dueAt(0)).toBe(10_500)
  })

  test('later when nobody asks, and at once when somebody does again', () => {
    const checks = new EndpointChecks(undefined, 0, 0)
    checks.result('pass', 100_000, 0.5)
    expect(checks.dueAt(-Infinity)).toBe(160_000)
    expect(checks.dueAt(40_000)).toBe(160_000)
    expect(checks.dueAt(40_001)).toBe(110_000)
    expect(checks.dueAt(105_000)).toBe(110_000)
    expect(checks.dueAt(130_000)).toBe(130_000)
    expect(checks.due(129_999, 130_000)).toBe(false)
    expect(checks.due(130_000, 130_000)).toBe(true)
  })

  test('never while one is under way', () => {
    const checks = new EndpointChecks(undefined, 0, 0)
    checks.began(0)
    expect(checks.due(1e9, 1e9)).toBe(false)
    expect(checks.snapshot().underWay).toBe(true)
    checks.result('pass', 5, 0.5)
    expect(checks.dueAt(0)).toBe(10_005)
  })
})

test.each([
  [200, undefined, 'pass'],
  [204, undefined, 'pass'],
  [200, 'healthy', 'pass'],
  [200, 'unhealthy', 'fail'],
  [200, 'draining', 'drain'],
  [503, 'Draining', 'drain'],
  [503, undefined, 'fail'],
  [302, undefined, 'fail'],
  [404, 'healthy', 'fail'],
] as const)('an answer of %s that says %s: %s', (status, said, finding) => {
  expect(findingOf(status, said)).toBe(finding)
})

test('the snapshot is what is known, and survives JSON', () => {
  const fresh = after([]).snapshot()
  expect(fresh).toEqual({ up: true, lastFinding: null, lastCheckAt: null, inARow: 0, underWay: false })
  const checks = new EndpointChecks({ timeout: 700 }, 0, 0)
  checks.result('fail', 3, 0.5)
  checks.result('drain', 7, 0.5)
  const snapshot = checks.snapshot()
  expect(snapshot).toEqual({ up: false, lastFinding: 'drain', lastCheckAt: 7, inARow: 2, underWay: false })
  expect(JSON.parse(JSON.stringify(snapshot))).toEqual(snapshot)
  expect(checks.timeout).toBe(700)
})
