import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { errorType, methodOf, peerOf } from './attributes.ts'
import { redactUrl } from './redact-url.ts'
import { SCOPE, VERSION } from './scope.ts'
import { carriesTrace } from './whose.ts'

test.each([
  ['http://a/b?c=1', 'http://a/b?c=1'],
  ['https://user:pass@a/b', 'https://REDACTED:REDACTED@a/b'],
  [
    'https://a/b?X-Amz-Signature=1&X-Amz-Credential=2&x=3',
    'https://a/b?X-Amz-Signature=REDACTED&X-Amz-Credential=REDACTED&x=3',
  ],
  ['https://a/?sig=1&Sig=2', 'https://a/?sig=REDACTED&Sig=2'],
  ['https://a/?s%69g=1', 'https://a/?s%69g=REDACTED'],
  ['https://a/?sig=a=b=c', 'https://a/?sig=REDACTED'],
  ['https://a/?%E0%A4%A=1&sig', 'https://a/?%E0%A4%A=1&sig'],
  ['https://a/b#sig=1', 'https://a/b'],
  ['https://a/x@y?z=1', 'https://a/x@y?z=1'],
])('%s is shown as %s', (url, shown) => {
  expect(redactUrl(url)).toBe(shown)
})

test('other names can be hidden, or all that a query holds', () => {
  expect(redactUrl('http://a/?token=1&sig=2&c=3', ['token'])).toBe(
    'http://a/?token=REDACTED&sig=REDACTED&c=3',
  )
  expect(redactUrl('http://a/?b=1&plain&c=', 'all')).toBe('http://a/?b=REDACTED&REDACTED&c=REDACTED')
})

test('a method that is not known is _OTHER', () => {
  expect(['GET', 'QUERY', 'get', 'PROPFIND'].map(methodOf)).toEqual(['GET', 'QUERY', '_OTHER', '_OTHER'])
})

test('a status from 400 and every code are the type of an error; what was cancelled has none', () => {
  const ended = { status: undefined, code: undefined, cancelled: false }
  expect(errorType({ ...ended, status: 399 })).toBeUndefined()
  expect(errorType({ ...ended, status: 400 })).toBe('400')
  expect(errorType({ ...ended, status: 200, code: 'reset' })).toBe('reset')
  expect(errorType({ ...ended, code: 'aborted', cancelled: true })).toBeUndefined()
})

test('addresses of both kinds are taken apart', () => {
  expect(peerOf('127.0.0.1:80')).toEqual({ 'network.peer.address': '127.0.0.1', 'network.peer.port': 80 })
  expect(peerOf('[::1]:443')).toEqual({ 'network.peer.address': '::1', 'network.peer.port': 443 })
  expect(peerOf(undefined)).toEqual({})
})

test('a request that carries a trace is known in both shapes of headers', () => {
  expect(carriesTrace({ headers: ['accept', 'x', 'Traceparent', '00-1'] })).toBe(true)
  expect(carriesTrace({ headers: ['x', 'traceparent'] })).toBe(false)
  expect(carriesTrace({ headers: 'accept: x\r\ntraceparent: 00-1\r\n' })).toBe(true)
  expect(carriesTrace({})).toBe(false)
})

test('the scope has the version of the package', () => {
  const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as object
  expect({ name: SCOPE, version: VERSION }).toMatchObject({ name: 'keepwarm' })
  expect(manifest).toMatchObject({ version: VERSION })
})
