import { expect, test } from 'vitest'
import type { DispatchOptions } from './lease.ts'
import { canonicalOrigin, dialTarget, originKey } from './origin-key.ts'

const key = (options: Partial<DispatchOptions>): string =>
  originKey({ path: '/', method: 'GET', ...options }, canonicalOrigin)

test('an origin is its own key, without a default port and in lower case', () => {
  expect(key({ origin: 'HTTP://Host:80/' })).toBe('http://host')
  expect(key({ origin: new URL('https://host:8443/path') })).toBe('https://host:8443')
  expect(key({ origin: 'http://[::1]:8080' })).toBe('http://[::1]:8080')
})

test.each([undefined, null])('no origin (%s)', (origin) => {
  expect(() => key({ origin: origin as unknown as string })).toThrow('the request names no origin')
})

test.each(['host:80', 'ftp://host', '', 'http://'])('"%s" is no origin', (origin) => {
  expect(() => key({ origin })).toThrow('is not an http or https origin such as http://host:8080')
})

test('a Host header decides the TLS name, in whatever form the headers come', () => {
  const named = 'https://host#sni=other'
  const forms: unknown[] = [
    { host: 'other' },
    { Host: 'other:8443' },
    ['accept', '*/*', 'HOST', 'other'],
    new Headers({ host: 'other' }),
    new Map([['Host', 'other']]),
  ]
  for (const headers of forms) {
    expect(key({ origin: 'https://host', headers: headers as Record<string, string> })).toBe(named)
  }
  expect(key({ origin: 'https://host', servername: 'other', headers: { host: 'third' } })).toBe(named)
})

test('an address, an empty name, and headers that can be read once name nobody', () => {
  const once = [['host', 'other']].values()
  const forms: unknown[] = [
    { host: '10.0.0.1:443' },
    { host: '[::1]:443' },
    { host: '' },
    once,
    null,
    undefined,
  ]
  for (const headers of forms) {
    expect(key({ origin: 'https://host', headers: headers as Record<string, string> })).toBe('https://host')
  }
  expect([...once]).toEqual([['host', 'other']])
})

test('plain http has no TLS name and no other protocol', () => {
  expect(key({ origin: 'http://host', headers: { host: 'other' }, allowH2: false })).toBe('http://host')
})

test('the way back', () => {
  const target = (options: Partial<DispatchOptions>) => {
    const { url, ...rest } = dialTarget(key({ origin: 'https://host:8443', ...options }))
    return { origin: url.origin, ...rest }
  }
  const origin = 'https://host:8443'
  expect(target({})).toEqual({ origin, servername: undefined, http1Only: false })
  expect(target({ allowH2: false })).toEqual({ origin, servername: undefined, http1Only: true })
  expect(target({ allowH2: false, servername: 'other' })).toEqual({
    origin,
    servername: 'other',
    http1Only: true,
  })
})
