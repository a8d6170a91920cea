import { expect, test } from 'vitest'
import { createDefaultClient, HTTPClientConfig } from '../client/config.ts'
import { createClients } from '../client/named/clients.ts'
import { ConfigError, type ConfigProblem } from '../errors.ts'

type Env = Parameters<typeof createClients>[1]

/** As JavaScript would give it. */
function problemsOf(prefix: unknown, env: unknown): readonly ConfigProblem[] {
  try {
    HTTPClientConfig.fromEnv(prefix as string, env as NonNullable<Env>)
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
}

test('a variable that is no text is named, without its value', () => {
  const problems = problemsOf('A_HTTP_CLIENT', { A_HTTP_CLIENT_MAX_QUEUE: 5, PATH: '/bin', NONE: undefined })
  expect(problems).toMatchObject([
    { variable: 'A_HTTP_CLIENT_MAX_QUEUE', received: 'number', fix: 'put it between quotes' },
  ])
})

test.each([
  [{}, {}, 'prefix', 'object'],
  [undefined, 7, 'env', 'number'],
  [undefined, null, 'env', 'null'],
])('fromEnv(%j, %j) names %s', (prefix, env, variable, received) => {
  expect(problemsOf(prefix, env)).toMatchObject([{ variable, received }])
})

test('options where the environment belongs are not passed over', () => {
  const env = { env: { SEARCH_HTTP_CLIENT_MAX_QUEUE: '5' } } as unknown as Env
  expect(() => createClients({ search: {} }, env)).toThrow(/the argument is the environment itself/)
})

test('an address in the place of the options is one mistake, not one for each letter', () => {
  const options = 'http://a' as unknown as Parameters<typeof createDefaultClient>[0]
  expect(() => createDefaultClient(options, {})).toThrow(/1 problem .*\n.*options = .*\n.*expected an object/)
})
