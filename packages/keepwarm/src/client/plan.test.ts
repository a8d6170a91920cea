import { expect, test } from 'vitest'
import type { HttpClientOptions } from './options.ts'
import { guardOptions, planCall, resolvePlan } from './plan.ts'

function guards(options: HttpClientOptions): ReturnType<typeof guardOptions> {
  return guardOptions(options, resolvePlan(options))
}

test.each<[HttpClientOptions, { attempts: number; guarded: boolean; hedged: boolean }]>([
  [{}, { attempts: 3, guarded: true, hedged: false }],
  [{ resilience: 'standard' }, { attempts: 3, guarded: true, hedged: false }],
  [{ resilience: 'hedged' }, { attempts: 3, guarded: true, hedged: true }],
  [{ resilience: 'none' }, { attempts: 1, guarded: false, hedged: false }],
  [
    { resilience: 'none', retry: {} },
    { attempts: 3, guarded: false, hedged: false },
  ],
  [
    { resilience: 'none', breaker: {} },
    { attempts: 1, guarded: true, hedged: false },
  ],
  [
    { resilience: 'none', hedge: true },
    { attempts: 1, guarded: false, hedged: true },
  ],
  [
    { resilience: 'hedged', hedge: false, retry: false },
    { attempts: 1, guarded: true, hedged: false },
  ],
  [{ hedge: { after: 20 } }, { attempts: 3, guarded: true, hedged: true }],
])('%j', (options, expected) => {
  const plan = resolvePlan(options)
  expect({ attempts: plan.retry.attempts, guarded: plan.guarded, hedged: plan.hedged }).toEqual(expected)
  expect(guards(options).hedge !== undefined).toBe(expected.hedged)
})

test('a call can want less than its client has, and no more', () => {
  const plan = resolvePlan({ hedge: true, attemptFloor: 7 })
  expect(planCall(plan, { hedge: false })).toMatchObject({
    hedged: false,
    guarded: true,
    retry: { attempts: 3 },
  })
  expect(planCall(plan, { hedge: true })).toMatchObject({ hedged: true })
  expect(planCall(plan, { resilience: 'none' })).toMatchObject({
    hedged: false,
    guarded: false,
    retry: { attempts: 1 },
    least: 7,
  })
  expect(planCall(resolvePlan({ resilience: 'none' }), { timeout: 1 })).toMatchObject({ guarded: false })
})

test('a breaker sees at least two attempts end in its window', () => {
  expect(guards({ attemptTimeout: 20_000 }).breaker).toEqual({ window: 40_000 })
  expect(guards({ attemptTimeout: 1_000 }).breaker).toEqual({ window: 10_000 })
  expect(guards({ attemptTimeout: 1_000, breaker: { window: 3_000 } }).breaker).toEqual({ window: 3_000 })
  expect(guards({ breaker: { openFor: 1 } }).breaker).toEqual({ openFor: 1 })
  expect(guards({ attemptTimeout: 20_000, breaker: false }).breaker).toBeUndefined()
})

test('to the balance a failure counts as the time of an attempt, unless it is told otherwise', () => {
  expect(guards({ attemptTimeout: 4_000 }).balance).toEqual({ failurePenalty: 4_000 })
  expect(guards({ timeout: 9_000 }).balance).toEqual({ failurePenalty: 9_000 })
  expect(guards({ timeout: Infinity }).balance).toEqual({})
  expect(guards({ balance: { failurePenalty: 5, decay: 1 } }).balance).toEqual({
    failurePenalty: 5,
    decay: 1,
  })
})
