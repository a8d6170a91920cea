import type { ConfigError } from 'keepwarm'
import { expect, test } from 'vitest'
import { resolveSettings, type DashboardOptions } from './options.ts'

function problems(options: object): string[] {
  try {
    resolveSettings(options as DashboardOptions)
    return []
  } catch (error) {
    return (error as ConfigError).problems.map(({ variable }) => variable)
  }
}

test('by default: this machine alone, read-only, sixteen who watch', () => {
  expect(resolveSettings()).toMatchObject({ mount: '', token: undefined, admin: false, maxWatchers: 16 })
})

test('everything that is wrong is named at once', () => {
  const wrong = {
    ...{ mount: 'dashboard', token: 'short', hosts: ['a:80'], public: ['all'], admin: 'yes' },
    ...{ maxWatchers: 0, log: {}, name: 7, tokn: 'x' },
  }
  expect(problems(wrong).sort()).toEqual(Object.keys(wrong).sort())
})

test('what is given wrongly as a token is not shown', () => {
  for (const token of ['fifteen-letters', 'a token with spaces in it', 12345])
    expect(() => resolveSettings({ token: token as string })).toThrow(
      /^(?!.*(fifteen|spaces|12345)).*16 printable/s,
    )
})

test('a mount has no slash at its end', () => {
  expect(resolveSettings({ mount: '/ops/dashboard/' }).mount).toBe('/ops/dashboard')
})
