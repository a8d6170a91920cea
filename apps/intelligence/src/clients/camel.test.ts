import { expect, test } from 'vitest'
import { camelKeys, snakeKeys } from './camel.ts'

test('an object’s own keys change, what lies deeper does not', () => {
  expect(camelKeys({ node_id: 1, is_a_b: { deep_key: 2 }, plain: 3 })).toEqual({
    nodeId: 1,
    isAB: { deep_key: 2 },
    plain: 3,
  })
  expect(snakeKeys({ nodeId: 1, parameters: { deepKey: 2 }, absent: undefined })).toEqual({
    node_id: 1,
    parameters: { deepKey: 2 },
  })
})
