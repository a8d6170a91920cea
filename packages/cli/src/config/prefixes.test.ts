import { expect, test } from 'vitest'
import { prefixesIn, prefixOf } from './prefixes.ts'

test('the prefixes of an environment: the common one, and each that some variable has', () => {
  const variables = {
    SEARCH_HTTP_CLIENT_TIMEOUT: '4s',
    A_B_HTTP_CLIENT_MAX_CONNECTIONS: '5',
    EMPTY_HTTP_CLIENT_TIMEOUT: ' ',
    HTTP_CLIENT_TIMEOUT: '1s',
    PATH: '/bin',
  }
  expect(prefixesIn(variables)).toEqual(['HTTP_CLIENT', 'A_B_HTTP_CLIENT', 'SEARCH_HTTP_CLIENT'])
})

test.each([
  ['HTTP_CLIENT', {}, 'HTTP_CLIENT'],
  ['SEARCH', {}, 'SEARCH_HTTP_CLIENT'],
  ['SEARCH', { SEARCH_HTTP_CLIENT_TIMEOUT: '1s', SEARCH_URL: 'x' }, 'SEARCH_HTTP_CLIENT'],
  ['MYAPP', { MYAPP_TIMEOUT: '1s' }, 'MYAPP'],
  ['SEARCH_HTTP_CLIENT', {}, 'SEARCH_HTTP_CLIENT'],
  ['search', {}, 'search'],
])('%s means, with %j, %s', (given, variables, prefix) => {
  expect(prefixOf(given, variables)).toBe(prefix)
})
