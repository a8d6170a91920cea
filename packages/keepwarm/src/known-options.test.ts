import { expect, test } from 'vitest'
import { namesOf, optionProblems } from './known-options.ts'

const known = namesOf<{ baseUrl?: string; timeout?: number }>({ baseUrl: true, timeout: true })

test('a name that does not exist is named, with the one that was meant, and without its value', () => {
  const [problem] = optionProblems({ baseURL: 'http://me:hunter2@h', timeout: 1 }, known)
  expect(problem).toMatchObject({ variable: 'baseURL', expected: 'a known option; did you mean baseUrl?' })
  expect(JSON.stringify(problem)).not.toContain('hunter2')
})

test('where none is near, the known ones are listed', () => {
  expect(optionProblems({ colour: 1 }, known)).toMatchObject([
    { variable: 'colour', expected: expect.stringContaining('baseUrl, timeout'), fix: 'remove colour' },
  ])
})

test('options inside an option carry its name', () => {
  expect(optionProblems({ timeOut: 1 }, known, 'retry')).toMatchObject([
    { variable: 'retry.timeOut', fix: 'rename it to retry.timeout' },
  ])
})

test('what is undefined or inherited is not given', () => {
  const inherited = Object.create({ colour: 1 }) as object
  expect(optionProblems(inherited, known)).toEqual([])
  expect(optionProblems({ colour: undefined, timeout: undefined }, known)).toEqual([])
})

test.each([
  [null, 'null'],
  ['fast', 'a string'],
  [7, 'a number'],
  [[], 'an array'],
  [true, 'a boolean'],
])('%j is no object', (given, received) => {
  expect(optionProblems(given, known, 'retry')).toEqual([
    { variable: 'retry', received, expected: 'an object' },
  ])
})
