import { expect, test } from 'vitest'
import { ConfigError } from './errors.ts'

test('a ConfigError names every problem, what came, what is allowed and a line that works', () => {
  const error = new ConfigError([
    { variable: 'A_TIMEOUT', received: '"30sec"', expected: 'a duration such as 30s', fix: 'A_TIMEOUT=30s' },
    { variable: 'B', received: '"-1"', expected: 'a whole number from 1' },
  ])
  expect(error.message).toBe(
    '2 problems in HTTP client configuration\n' +
      '  ✗ A_TIMEOUT = "30sec"\n      expected a duration such as 30s\n      fix: A_TIMEOUT=30s\n' +
      '  ✗ B = "-1"\n      expected a whole number from 1',
  )
  expect(error.code).toBe('config')
})
