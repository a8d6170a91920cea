import { expect, test } from 'vitest'
import type { ConfigError } from '../errors.ts'
import type { CheckOptions, VerdictOptions } from './options.ts'
import { checkDefaults, resolveChecks, resolveVerdict, verdictDefaults } from './options.ts'

/** The options that are named, with what is expected instead. */
function complaints(resolve: () => unknown): string[] {
  try {
    resolve()
  } catch (error) {
    return (error as ConfigError).problems.map(({ variable }) => variable)
  }
  return []
}

test('defaults fill what is not given', () => {
  expect(resolveChecks()).toEqual(checkDefaults)
  expect(resolveVerdict()).toEqual(verdictDefaults)
})

test('the other intervals follow the interval', () => {
  expect(resolveChecks({ interval: 1_000 })).toEqual({
    ...checkDefaults,
    interval: 1_000,
    edgeInterval: 200,
    idleInterval: 6_000,
    timeout: 500,
  })
})

test.each([
  [{ interval: 0 }, ['health.interval', 'health.edgeInterval', 'health.timeout']],
  [{ timeout: 10_000 }, ['health.timeout']],
  [{ edgeInterval: 10_001 }, ['health.edgeInterval']],
  [{ idleInterval: 9_999 }, ['health.idleInterval']],
  [{ jitter: 1, down: 0, up: 1.5 }, ['health.jitter', 'health.down', 'health.up']],
  [{ intervall: 5 } as CheckOptions, ['health.intervall']],
] satisfies [CheckOptions, string[]][])(
  'checks with %o: every option that cannot be used is named',
  (options, named) => {
    expect(complaints(() => resolveChecks(options))).toEqual(named)
  },
)

test.each([
  [{ degradedRatio: 0 }, ['health.verdict.degradedRatio']],
  [{ degradedRatio: 0.6 }, ['health.verdict.unhealthyRatio']],
  [
    { minimumCompletions: 0, degradedWait: -1 },
    ['health.verdict.minimumCompletions', 'health.verdict.degradedWait'],
  ],
  [{ unknown: 1 } as VerdictOptions, ['health.verdict.unknown']],
] satisfies [VerdictOptions, string[]][])(
  'a verdict with %o: every option that cannot be used is named',
  (options, named) => {
    expect(complaints(() => resolveVerdict(options))).toEqual(named)
  },
)
