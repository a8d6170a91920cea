import { expect, test } from 'vitest'
import { encodeQuery, type Query } from './query.ts'
import { resolveTarget } from './target.ts'

test('values of every kind that have a text', () => {
  const query = {
    ...{ q: 'a b&c', n: 1, big: 2n, yes: true, none: undefined, nil: null, many: [1, null, 'x'] },
    ...{ since: new Date(0), from: new URL('http://h/a?b') },
  }
  expect(encodeQuery(query)).toBe(
    'q=a+b%26c&n=1&big=2&yes=true&many=1&many=x&since=1970-01-01T00%3A00%3A00.000Z&from=http%3A%2F%2Fh%2Fa%3Fb',
  )
})

test('URLSearchParams, a Map, pairs and FormData of texts are as good', () => {
  const form = new FormData()
  form.append('x', '1')
  for (const query of [new URLSearchParams('x=1'), new Map([['x', 1]]), [['x', [1]]] as const, form as never])
    expect(encodeQuery(query as Query)).toBe('x=1')
})

test.each([
  [{ filter: { a: 1 } }, '"filter" of its `query` is of type Object, which has no clear text'],
  [{ a: [[1]] }, '"a" of its `query` is of type Array'],
  [{ a: () => {} }, '"a" of its `query` is a function'],
  [{ a: Symbol('s') }, '"a" of its `query` is a symbol'],
  [{ a: Number.NaN }, '"a" of its `query` is NaN'],
  [{ a: -Infinity }, '"a" of its `query` is -Infinity'],
  [{ a: new Date(Number.NaN) }, '"a" of its `query` is an invalid Date'],
  [{ 'a\nb': {} }, '"a·b" of its `query` is of type Object'],
  ['a=b', 'its `query` is a string; give an object'],
  [5, 'its `query` is a number'],
  [null, 'its `query` is null'],
  [Buffer.from('a=b'), 'its `query` is of type Buffer'],
  [['a', 'b'], 'its `query` is a list of something else than pairs'],
  [[['a', 'b', 'c']], 'its `query` is a list of something else than pairs'],
])('%j is refused, and its value is not shown', (query, why) => {
  expect(() => encodeQuery(query as never)).toThrow(why)
  expect(() => encodeQuery(query as never)).toThrow(
    expect.objectContaining({ code: 'invalid_request', phase: 'admit', sent: 'no' }),
  )
})

test.each([
  ['/a', { x: 1 }, '/a?x=1'],
  ['/a?x=1', { y: 2 }, '/a?x=1&y=2'],
  ['/a?', { y: 2 }, '/a?y=2'],
  ['/a?x=1&', { y: 2 }, '/a?x=1&y=2'],
  ['/a?x=1#top', { y: 2 }, '/a?x=1&y=2'],
  ['/a', {}, '/a'],
  ['/a', new URLSearchParams('x=1&x=2'), '/a?x=1&x=2'],
])('%s with %j is %s', (path, query, wire) => {
  expect(resolveTarget({ origin: 'http://h', path: '' }, path, query as Query).path).toBe(wire)
})
