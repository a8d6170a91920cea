import { expect, test } from 'vitest'
import { refusedOverHttp2 } from './http2-headers.ts'

test.each([
  ['te', 'gzip', 'te'],
  ['TE', 'Trailers', 'te'],
  ['te', 'trailers', undefined],
  ['te', undefined, undefined],
  ['HTTP2-Settings', 'x', 'http2-settings'],
  ['Proxy-Connection', 'keep-alive', 'proxy-connection'],
  ['x-forwarded-for', 'a', undefined],
  ['to', 'gzip', undefined],
])('%s: %s', (name, value, refused) => {
  const shapes = [
    { accept: 'a', [name]: value },
    ['accept', 'a', name, value],
    new Map([
      ['accept', 'a'],
      [name, value],
    ]),
    ...(value === undefined ? [] : [new Headers([[name, value]])]),
  ]
  for (const headers of shapes) expect(refusedOverHttp2(headers as never)).toBe(refused)
})

test('no headers, and what can be read once', () => {
  expect(refusedOverHttp2(undefined)).toBeUndefined()
  expect(refusedOverHttp2(null)).toBeUndefined()
  expect(refusedOverHttp2([['te', 'gzip']].values() as never)).toBeUndefined()
})
