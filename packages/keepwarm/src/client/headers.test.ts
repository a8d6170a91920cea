import { expect, test } from 'vitest'
import { mergeHeaders, normalizeHeaders, withHeader } from './headers.ts'

const defaults = normalizeHeaders({ Accept: 'text/plain', 'X-Team': 'search', 'x-none': undefined })

test('names are one in any spelling, and the call has the last word', () => {
  expect(mergeHeaders(defaults, { ACCEPT: 'application/json' })).toEqual({
    accept: 'application/json',
    'x-team': 'search',
  })
})

test('undefined takes a default away', () => {
  expect(mergeHeaders(defaults, { 'x-TEAM': undefined })).toEqual({ accept: 'text/plain' })
})

test('several values stay several, and are not shared with the caller', () => {
  const values = ['a', 'b']
  const merged = mergeHeaders(defaults, { 'x-many': values })
  values.push('c')
  expect(merged['x-many']).toEqual(['a', 'b'])
})

test('without headers of its own a call shares the defaults of the client', () => {
  expect(mergeHeaders(defaults, undefined)).toBe(defaults)
})

test('a header is added only where there is none', () => {
  expect(withHeader(defaults, 'accept', 'x')).toBe(defaults)
  expect(withHeader(defaults, 'content-type', 'x')).toEqual({ ...defaults, 'content-type': 'x' })
})

test('a Headers object and pairs are as good, and a name that comes twice has both values', () => {
  expect(mergeHeaders(defaults, new Headers({ Accept: 'application/json' }))).toEqual({
    accept: 'application/json',
    'x-team': 'search',
  })
  const pairs = [
    ['X-Many', 'a'],
    ['x-many', 'b'],
    ['x-MANY', 'c'],
  ] as const
  expect(mergeHeaders({}, pairs)).toEqual({ 'x-many': ['a', 'b', 'c'] })
})

test('undefined in pairs and in a Map takes a default away, too', () => {
  expect(mergeHeaders(defaults, [['X-Team', undefined]])).toEqual({ accept: 'text/plain' })
  expect(mergeHeaders(defaults, new Map([['x-team', undefined]]))).toEqual({ accept: 'text/plain' })
  const replaced = [
    ['x-team', undefined],
    ['X-Team', 'a'],
    ['x-team', undefined],
  ] as const
  expect(mergeHeaders(defaults, replaced)).toEqual({ accept: 'text/plain', 'x-team': 'a' })
})

test('several cookies are one header', () => {
  expect(mergeHeaders({}, { Cookie: ['a=1', 'b=2'] })).toEqual({ cookie: 'a=1; b=2' })
})

test('a list of nothing is no header', () => {
  expect(mergeHeaders(defaults, { 'x-team': [] })).toEqual({ accept: 'text/plain' })
})

test('names of what every object has are names like others', () => {
  const pairs = [
    ['constructor', 'a'],
    ['toString', 'b'],
  ] as const
  expect(mergeHeaders({}, pairs)).toEqual({ constructor: 'a', tostring: 'b' })
  expect(withHeader({}, 'constructor', 'x')).toEqual({ constructor: 'x' })
})

test.each([
  [5, 'a number'],
  [null, 'null'],
  [[1], 'not a list of strings'],
])('%j is no value of a header, and the header is named', (value, what) => {
  const headers = { 'X-Count': value } as unknown as Record<string, string>
  expect(() => mergeHeaders({}, headers)).toThrow(`the header "x-count" is ${what}; give a string`)
})
