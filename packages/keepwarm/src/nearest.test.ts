import { expect, test } from 'vitest'
import { nearest } from './nearest.ts'

const known = ['MAX_CONNECTIONS', 'MAX_CONNECTIONS_PER_ORIGIN', 'MAX_QUEUE', 'READ_TIMEOUT', 'WRITE_TIMEOUT']

test.each([
  ['MAX_CONECTIONS', 'MAX_CONNECTIONS'],
  ['MAX_CONNECTION', 'MAX_CONNECTIONS'],
  ['max_connections', 'MAX_CONNECTIONS'],
  ['RAED_TIMEOUT', 'READ_TIMEOUT'],
  ['MAXQUEUE', 'MAX_QUEUE'],
  ['LOG_LEVEL', undefined],
  ['X', undefined],
  ['', undefined],
])('%s probably means %s', (name, meant) => {
  expect(nearest(name, known)).toBe(meant)
})
