import { expect, test } from 'vitest'
import { header, shownHeaders } from './headers.ts'
import { isThisMachine, shownUrl, trustOf } from './target.ts'

test.each([
  ['http://localhost:80', true],
  ['http://app.localhost', true],
  ['http://127.0.0.1', true],
  ['http://127.9.9.9:1', true],
  ['http://[::1]:80', true],
  ['http://127.0.0.1.example.com', false],
  ['http://localhost.example.com', false],
  ['http://10.0.0.1', false],
  ['https://example.com', false],
  ['http://0.0.0.0', false],
])('%s is this machine: %s', (url, expected) => {
  expect(isThisMachine(new URL(url))).toBe(expected)
})

test('a query may hold a secret, and is not shown', () => {
  expect(shownUrl(new URL('http://a/x?token=hush'))).toBe('http://a/x?***')
  expect(shownUrl(new URL('http://a/x#part'))).toBe('http://a/x')
})

test('headers are gathered, and shown without what may be a secret', () => {
  const headers = header('X-Trace: a:b', header('Authorization: Bearer hush', header('Accept: text/plain')))
  expect(headers).toEqual({ accept: 'text/plain', authorization: 'Bearer hush', 'x-trace': 'a:b' })
  expect(shownHeaders(headers)).toEqual({ accept: 'text/plain', authorization: '***', 'x-trace': '***' })
})

test.each(['hush', ': hush', 'na me: hush', 'name: hush\nhush'])(
  'no header: %j, and its value is not told',
  (text) => {
    expect(() => header(text)).toThrow("such as -H 'accept")
    expect(() => header(text)).not.toThrow('hush')
  },
)

test('a file of authorities that is not there is named', () => {
  expect(() => trustOf({ ca: '/nowhere/ca.pem' })).toThrow('--ca /nowhere/ca.pem cannot be read: ENOENT')
  expect(trustOf({ insecure: true })).toEqual({ rejectUnauthorized: false })
  expect(trustOf({})).toEqual({})
})
