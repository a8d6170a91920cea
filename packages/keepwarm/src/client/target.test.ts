import fc from 'fast-check'
import { expect, test } from 'vitest'
import { KeepwarmError } from '../errors.ts'
import { resolveBases } from './base.ts'
import { resolveTarget } from './target.ts'

function target(baseUrl: string | undefined, path: string): string {
  const base = baseUrl === undefined ? undefined : resolveBases(baseUrl).base
  const { origin, path: wire } = resolveTarget(base, path, undefined)
  return origin + wire
}

function refusal(baseUrl: string | undefined, path: string): string {
  try {
    return target(baseUrl, path)
  } catch (error) {
    expect(error).toBeInstanceOf(KeepwarmError)
    expect(error).toMatchObject({ code: 'invalid_request', phase: 'admit', sent: 'no' })
    return (error as Error).message
  }
}

test.each([
  ['http://h', '', 'http://h/'],
  ['http://h', '/', 'http://h/'],
  ['http://h/', 'a', 'http://h/a'],
  ['http://h', 'a', 'http://h/a'],
  ['http://h/api', 'a', 'http://h/api/a'],
  ['http://h/api', '/a', 'http://h/api/a'], // kept, where a URL would replace it
  ['http://h/api/', '/a', 'http://h/api/a'],
  ['http://h/api///', 'a/', 'http://h/api/a/'],
  ['http://h/api', '', 'http://h/api'],
  ['http://h/api', '?x=1', 'http://h/api?x=1'],
  ['http://h', '?x=1', 'http://h/?x=1'],
  ['http://h/api', '/a?x=1#top', 'http://h/api/a?x=1'],
  ['http://h', '//other/a', 'http://h//other/a'], // a path, never another host
  ['http://h/api', 'mailto:a', 'http://h/api/mailto:a'],
  ['http://H:80/api', '/a', 'http://h/api/a'],
  ['http://h/api', 'http://h/other', 'http://h/other'],
  ['http://h/api', 'HTTP://H:80/other?x', 'http://h/other?x'],
  [undefined, 'https://h:8443/a?b=c', 'https://h:8443/a?b=c'],
])('%s and %j lead to %s', (baseUrl, path, url) => {
  expect(target(baseUrl, path)).toBe(url)
})

test.each([
  ['http://h', 'http://other/a', 'http://other is not the origin of this client (http://h)'],
  ['http://h', 'https://h/a', 'is not the origin'],
  ['http://h', 'http://h:81/a', 'is not the origin'],
  ['http://h', 'ftp://h/a', 'is not an http or https URL'],
  ['http://h', 'http://', 'is not an http or https URL'],
  ['http://h', 'http://me:hunter2@h/a', 'use an Authorization header'],
  [undefined, '/a', 'has no baseUrl'],
  ['http://h', '/a\r\nX-Evil: 1', 'control character'],
  ['http://h', '/a\0', 'control character'],
])('%s and %j are refused', (baseUrl, path, why) => {
  const message = refusal(baseUrl, path)
  expect(message).toContain(why)
  expect(message).not.toMatch(/hunter2|[\r\n]/)
})

test('what may not stand in a request is encoded, and only that', () => {
  expect(target('http://h', '/käse & 🐿/%20')).toBe('http://h/k%C3%A4se%20&%20%F0%9F%90%BF/%20')
  expect(target('http://h', '/\ud800')).toBe('http://h/%EF%BF%BD')
})

test('a path leads to the base and nowhere else, whatever it is', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (path) => {
      let url: string
      try {
        url = target('http://h/api', path)
      } catch (error) {
        expect(error).toBeInstanceOf(KeepwarmError)
        return
      }
      expect(url).toMatch(/^http:\/\/h\/[\x21-\x7e]*$/)
    }),
  )
})
