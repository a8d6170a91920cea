import { expect, test } from 'vitest'
import { isClientOption } from './client/known-options.ts'
import { optionProblems } from './known-options.ts'
import { habits, ownName } from './option-habits.ts'
import { retryOptionNames } from './retry/options.ts'

/** Options that only calls have. */
const ofCalls = ['json', 'query', 'throwOnStatus']

test.each(habits)('%s: %j is an option here, and the other is none', (theirs, ours) => {
  const isOption = (name: string): boolean =>
    isClientOption(name) || retryOptionNames.has(name) || ofCalls.includes(name)
  expect(ours.filter((name) => !isOption(name))).toEqual([])
  expect(isOption(theirs)).toBe(false)
})

test('by where it stands: retries are a retry of a client, and attempts of a retry', () => {
  expect(optionProblems({ retries: 3 }, new Set(['retry', 'metrics']))).toMatchObject([
    {
      expected: 'a known option; did you mean retry?',
      fix: 'use retry; what it takes may be another thing',
    },
  ])
  expect(optionProblems({ retries: 3 }, retryOptionNames, 'retry')).toMatchObject([
    { variable: 'retry.retries', expected: 'a known option; did you mean retry.attempts?' },
  ])
})

test('what is no habit, or has no place there, is looked for by its letters', () => {
  expect(ownName('data', new Set(['query']))).toBeUndefined()
  expect(ownName('constructor', new Set(['constructor']))).toBeUndefined()
  expect(optionProblems({ timeot: 1 }, new Set(['timeout']))).toMatchObject([{ fix: 'rename it to timeout' }])
})
