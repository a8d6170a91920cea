import { expect, test } from 'vitest'
import { readArms } from './arms.ts'

test('without a word it is pooled against unpooled', () => {
  expect(readArms([]).map(({ name, way }) => [name, way])).toEqual([
    ['pooled', 'pooled'],
    ['unpooled', 'unpooled'],
  ])
})

test('settings are written as in code, or as in the environment', () => {
  const [first, second, third] = readArms([
    ' maxConnections=10  idleTimeout=4s http2PriorKnowledge=on ',
    'MAX_CONNECTIONS=50 HTTP_CLIENT_POOL_TIMEOUT=2s',
    'unpooled connectTimeout=2s',
  ])
  expect(first).toEqual({
    name: 'maxConnections=10 idleTimeout=4s http2PriorKnowledge=on',
    way: 'pooled',
    settings: { maxConnections: 10, idleTimeout: '4s', http2PriorKnowledge: true },
    variables: {},
  })
  expect(second).toMatchObject({
    settings: {},
    variables: { HTTP_CLIENT_MAX_CONNECTIONS: '50', HTTP_CLIENT_POOL_TIMEOUT: '2s' },
  })
  expect(third).toMatchObject({ way: 'unpooled', settings: { connectTimeout: '2s' } })
})

test.each([
  [['unpoled'], 'Did you mean unpooled?'],
  [['maxConnections'], 'such as maxConnections=10'],
  [['maxConnections='], 'is no arm'],
  [['  '], 'says nothing'],
  [['pooled', 'pooled'], 'has "pooled" twice'],
])('%j is refused', (texts, complaint) => {
  expect(() => readArms(texts)).toThrow(complaint)
})
