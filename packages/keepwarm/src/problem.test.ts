import { expect, test } from 'vitest'
import { problemOf } from './problem.ts'

const json = 'application/problem+json'

test.each([
  [json, {}, { type: 'about:blank' }],
  [
    `${json}; charset=utf-8`,
    { title: 'No', status: 404, code: 7 },
    { type: 'about:blank', title: 'No', status: 404, code: 7 },
  ],
  [
    'Application/Problem+JSON',
    { type: '/x', detail: 'd', instance: '/i' },
    { type: '/x', detail: 'd', instance: '/i' },
  ],
  [
    json,
    { type: 1, title: null, status: '404', detail: [], instance: {}, more: [1] },
    { type: 'about:blank', more: [1] },
  ],
])('%s %j is %j', (contentType, body, problem) => {
  expect(problemOf(contentType, body)).toEqual(problem)
})

test.each([
  [undefined, {}],
  ['application/json', {}],
  ['application/problem+xml', {}],
  ['application/problem+jsonp', {}],
  [json, 'text'],
  [json, null],
  [json, [1]],
])('%s %j is none', (contentType, body) => {
  expect(problemOf(contentType, body)).toBeUndefined()
})
