import { expect, test } from 'vitest'
import { mergeOptions } from './merge-options.ts'
import type { HttpClientOptions } from '../options.ts'

test.each<[lower: HttpClientOptions, upper: HttpClientOptions, HttpClientOptions]>([
  [{ timeout: 1 }, { timeout: 2 }, { timeout: 2 }],
  [{ timeout: 1 }, {}, { timeout: 1 }],
  [{ retry: { attempts: 4, cap: 5 } }, { retry: { cap: 6 } }, { retry: { attempts: 4, cap: 6 } }],
  [{ retry: { attempts: 4 } }, { retry: false }, { retry: false }],
  [{ retry: false }, { retry: { cap: 6 } }, { retry: { cap: 6 } }],
  [{ hedge: { after: 50 } }, { hedge: true }, { hedge: { after: 50 } }],
  [{ hedge: false }, { hedge: true }, { hedge: true }],
  [{ hedge: true }, { hedge: { after: 50 } }, { hedge: { after: 50 } }],
  [{ connect: { ca: 'a' } }, { connect: { cert: 'b' } }, { connect: { ca: 'a', cert: 'b' } }],
  [{ baseUrl: ['http://a', 'http://b'] }, { baseUrl: 'http://c' }, { baseUrl: 'http://c' }],
  [
    { headers: { 'user-agent': 'a', accept: 'b' } },
    { headers: { 'User-Agent': 'c', accept: undefined } },
    { headers: { 'user-agent': 'c' } },
  ],
])('on top of %j, %j makes %j', (lower, upper, merged) => {
  expect(mergeOptions(lower, upper)).toEqual(merged)
})

test('what is undefined says nothing', () => {
  const undefinedly = { timeout: undefined, retry: undefined } as unknown as HttpClientOptions
  expect(mergeOptions({ timeout: 1, retry: { cap: 5 } }, undefinedly)).toEqual({
    timeout: 1,
    retry: { cap: 5 },
  })
})

test('neither side is changed', () => {
  const [lower, upper] = [
    Object.freeze({ retry: Object.freeze({ cap: 5 }) }),
    Object.freeze({ retry: { base: 1 } }),
  ]
  mergeOptions(lower, upper)
  expect([lower, upper]).toEqual([{ retry: { cap: 5 } }, { retry: { base: 1 } }])
})

test('a connector of your own would leave certificates unused, and is refused', () => {
  expect(() => mergeOptions({ connect: { ca: 'a' } }, { connect: () => {} })).toThrow('connect = a function')
  expect(mergeOptions({}, { connect: () => {} }).connect).toBeTypeOf('function')
})
