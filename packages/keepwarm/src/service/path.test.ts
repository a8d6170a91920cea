import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fillPath, parsePath, pathProblem } from './path.ts'

test('parameters stand where the path names them', () => {
  const template = parsePath('/documents/{id}/versions/{version}')
  expect(fillPath(template, { id: 'a b', version: 7 })).toBe('/documents/a%20b/versions/7')
  expect(fillPath(parsePath('/plain'))).toBe('/plain')
})

test('whatever a value holds, it stays one segment, and comes out again as it went in', () => {
  const template = parsePath('/a/{value}/b')
  fc.assert(
    fc.property(fc.string({ minLength: 1, unit: 'grapheme' }), (value) => {
      fc.pre(value !== '.' && value !== '..' && value.isWellFormed())
      const { pathname } = new URL(fillPath(template, { value }), 'http://host')
      const [, a, segment, b, ...more] = pathname.split('/')
      expect([a, decodeURIComponent(segment!), b, more]).toEqual(['a', value, 'b', []])
    }),
  )
})

test.each([
  [{}, 'the parameter "id" of its path is undefined; give text or a number'],
  [{ id: '' }, 'the parameter "id" of its path is empty'],
  [{ id: '..' }, 'the parameter "id" of its path is "..", a step and no name'],
  [{ id: Number.NaN }, 'the parameter "id" of its path is NaN'],
  [{ id: { secret: 1 } }, 'the parameter "id" of its path is of type Object'],
  [{ id: 1, di: 2 }, 'its path has no parameter "di"; it has "id"'],
])('parameters %j are refused', (values, message) => {
  expect(() => fillPath(parsePath('/documents/{id}'), values)).toThrow(message)
})

test.each([
  ['documents', 'a path that begins with /'],
  ['/a/{id', 'a path whose parameters are names between braces'],
  ['/a/{i d}', 'a path whose parameters are names between braces'],
  ['/a?b=1', 'a path without a query'],
  ['/{id}/{id}', 'a path that names "id" once'],
])('the path %s cannot be declared', (path, expected) => {
  expect(pathProblem(path)).toContain(expected)
})

test('a path of parameters alone can be declared', () => {
  expect(pathProblem('/{a}{b}')).toBeUndefined()
})
