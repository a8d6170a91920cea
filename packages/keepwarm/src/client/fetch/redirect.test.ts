import { expect, test } from 'vitest'
import type { FetchRequest } from './fetch-request.ts'
import { MOST_REDIRECTS, redirected } from './redirect.ts'

const request: FetchRequest = {
  url: new URL('http://home/a?b#part'),
  method: 'POST',
  headers: { authorization: 'x', cookie: 'y', 'x-a': '1', 'content-type': 'a/b' },
  body: { whole: 'text' },
  redirect: 'follow',
  signal: undefined,
  priority: undefined,
  cache: 'default',
}

const after = (status: number, location: string, more: Partial<FetchRequest> = {}): FetchRequest => {
  const next = redirected({ ...request, ...more }, status, location, 0)
  if (next instanceof Error) throw next
  return next
}

test.each([
  [301, 'POST', 'GET'],
  [302, 'POST', 'GET'],
  [303, 'POST', 'GET'],
  [303, 'DELETE', 'GET'],
  [303, 'HEAD', 'HEAD'],
  [301, 'PUT', 'PUT'],
  [302, 'DELETE', 'DELETE'],
  [307, 'POST', 'POST'],
  [308, 'POST', 'POST'],
])('after %d a %s becomes a %s', (status, method, becomes) => {
  const next = after(status, '/next', { method })
  expect(next.method).toBe(becomes)
  expect(next.body === undefined).toBe(becomes !== method)
  expect('content-type' in next.headers).toBe(becomes === method)
})

test('the fragment stays, unless the redirect has its own', () => {
  expect(after(307, '/next').url.href).toBe('http://home/next#part')
  expect(after(307, '/next#own').url.href).toBe('http://home/next#own')
})

test('what is meant for one origin is left behind when the origin changes, and does not come back', () => {
  expect(Object.keys(after(307, '/next').headers)).toContain('authorization')
  const abroad = after(307, 'http://home:81/next')
  expect(abroad.headers).toEqual({ 'x-a': '1', 'content-type': 'a/b' })
  expect(after(307, 'http://home/', abroad).headers).toEqual(abroad.headers)
})

test.each([
  ['http://', 'not a URL'],
  ['ftp://home/', 'ftp: URL'],
  ['http://me:secret@home/', 'user name'],
])('%s is not followed', (location, why) => {
  expect(() => after(302, location)).toThrow(why)
  expect(() => after(302, location)).toThrow(/^(?!.*secret)/)
})

test('a stream is not sent again, but 303 needs it no more', () => {
  const once = { body: { once: {} as never } }
  expect(() => after(307, '/next', once)).toThrow('stream')
  expect(after(303, '/next', once).body).toBeUndefined()
})

test('there is an end', () => {
  expect(redirected(request, 302, '/next', MOST_REDIRECTS - 1)).not.toBeInstanceOf(Error)
  expect(redirected(request, 302, '/next', MOST_REDIRECTS)).toBeInstanceOf(Error)
})
