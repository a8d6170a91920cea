import { expect, test } from 'vitest'
import type { ConfigError } from '../errors.ts'
import { balanceDefaults, ejectionDefaults, resolveBalance, resolveEjection } from './options.ts'
import type { BalanceOptions } from './options.ts'

test('defaults fill what is not given', () => {
  expect(resolveBalance()).toEqual(balanceDefaults)
  expect(resolveBalance({ decay: 5, slowStart: undefined as never })).toEqual({
    ...balanceDefaults,
    decay: 5,
  })
  expect(resolveEjection({ failures: 3 })).toEqual({ ...ejectionDefaults, failures: 3 })
  expect(resolveBalance({ ejection: false }).ejection).toBe(false)
})

test('ejecting for longer than the default maximum raises the maximum', () => {
  expect(resolveEjection({ ejectFor: 400_000 })).toMatchObject({ maxEjectFor: 400_000 })
})

test.each<[BalanceOptions, string[]]>([
  [{ decay: 0, failurePenalty: -1 }, ['decay', 'failurePenalty']],
  [{ slowStart: -1, slowStartFrom: 0, panicBelow: 2 }, ['slowStart', 'slowStartFrom', 'panicBelow']],
  [{ weights: { a: 0, b: 1, c: NaN } }, ['weights["a"]', 'weights["c"]']],
  [{ weights: 5 as never }, ['weights']],
  [{ decya: 5 } as BalanceOptions, ['decya']],
  [{ ejection: { failures: 0, connectFailures: 1.5 } }, ['ejection.failures', 'ejection.connectFailures']],
  [{ ejection: { minimumEndpoints: 2, margin: 2 } }, ['ejection.minimumEndpoints', 'ejection.margin']],
  [{ ejection: { ejectFor: 5, maxEjectFor: 4 } }, ['ejection.maxEjectFor']],
  [{ ejection: { maxShare: 1.1, deviations: -1 } }, ['ejection.deviations', 'ejection.maxShare']],
  [{ ejection: { interval: 0, minimumRequests: 0 } }, ['ejection.minimumRequests', 'ejection.interval']],
  [{ ejection: { failure: 5 } } as BalanceOptions, ['ejection.failure']],
])('%o: every option that cannot be used is named', (options, named) => {
  let problems: ConfigError['problems'] = []
  try {
    resolveBalance(options)
  } catch (error) {
    problems = (error as ConfigError).problems
  }
  expect(problems.map(({ variable }) => variable)).toEqual(named.map((name) => `balance.${name}`))
})
