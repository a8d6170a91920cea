import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { KeepwarmError } from '../errors.ts'
import { mergeHeaders, normalizeHeaders } from './headers.ts'
import type { HeaderInit } from './options.ts'

const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/

function refusal(headers: unknown): KeepwarmError {
  try {
    mergeHeaders({}, headers as HeaderInit)
  } catch (error) {
    expect(error).toMatchObject({ code: 'invalid_request', phase: 'admit', sent: 'no' })
    return error as KeepwarmError
  }
  throw new Error('it was not refused')
}

test.each([
  ['a\r\nb', 'the header "x-key" has a line break in its value'],
  ['a\n', 'a line break'],
  ['a\0b', 'a NUL'],
  ['a\u007f', 'a control character (U+007F)'],
  ['a\u0001', 'a control character (U+0001)'],
  ['x €', 'a character beyond Latin-1 (U+20AC) in its value; encode the value'],
])('the value %j is refused, and only its name is told', (value, why) => {
  const { message } = refusal({ 'X-Key': `hunter2${value}` })
  expect(message).toContain(why)
  expect(message).not.toContain('hunter2')
  expect(refusal({ 'x-key': ['fine', `hunter2${value}`] }).message).not.toContain('hunter2')
})

test.each([
  ['', 'the name of a header is empty'],
  ['x a', 'the name of the header "x…" has a space in it'],
  ['Authorization: Bearer hunter2', 'the name of the header "Authorization…" has ":" in it'],
  ['x-a\r\nX-Evil', '"x-a…" has a line break'],
  ['x-\0', 'a NUL'],
  ['käse', '"k…" has "ä" in it'],
  ['名', 'a character beyond Latin-1 (U+540D)'],
  [':path', 'the name of the header "…" has ":"'],
])('the name %j is refused', (name, why) => {
  const { message } = refusal({ [name]: 'x' })
  expect(message).toContain(why)
  expect(message).not.toMatch(/hunter2|[\r\n\0]/)
  expect(refusal([[name, 'x']]).message).toBe(message)
})

test.each([
  ['transfer-encoding', 'chunked'],
  ['Transfer-Encoding', 'identity'],
  ['keep-alive', 'timeout=5'],
  ['proxy-connection', 'keep-alive'],
  ['http2-settings', 'x'],
  ['upgrade', 'websocket'],
  ['trailer', 'x-sum'],
  ['expect', '100-continue'],
  ['__proto__', 'x'],
  ['connection', 'upgrade'],
  ['connection', 'close, x-a'],
  ['connection', 'transfer-encoding'],
  ['te', 'gzip'],
  ['te', 'Trailers'],
  ['te', 'trailers, deflate'],
  ['host', 'a b'],
  ['host', 'a/b'],
  ['host', 'me@a'],
  ['host', 'a, b'],
  ['host', ''],
  ['content-length', '-1'],
  ['content-length', '1, 1'],
  ['content-length', '+1'],
  ['content-length', '0x10'],
  ['content-length', '1e3'],
  ['content-length', ''],
])('%s: %s is refused, and named', (name, value) => {
  const pairs = [[name, value]] as const
  expect(refusal(pairs).message).toContain(`the header "${name.toLowerCase()}"`)
  expect(() => normalizeHeaders(pairs)).toThrow(name.toLowerCase())
})

test.each(['host', 'content-length', 'connection', 'te'])('%s comes once', (name) => {
  expect(refusal({ [name]: ['1', '1'] }).message).toContain(`"${name}" says what it may not`)
})

test('what is left to a call', () => {
  const headers = {
    ...{ Host: 'orders.test:8080', Connection: 'close', TE: 'trailers', 'Content-Length': '5' },
    ...{ 'X-Empty': '', 'X-Latin': 'käse', 'X-Padded': ' \ta b\t ', constructor: 'x' },
  }
  expect(mergeHeaders({}, headers)).toEqual({
    ...{ host: 'orders.test:8080', connection: 'close', te: 'trailers', 'content-length': '5' },
    ...{ 'x-empty': '', 'x-latin': 'käse', 'x-padded': 'a b', constructor: 'x' },
  })
  expect(mergeHeaders({}, { host: '[::1]:80' })).toEqual({ host: '[::1]:80' })
})

test('a content-length is for one body, not for all of a client', () => {
  expect(() => normalizeHeaders({ 'Content-Length': '5' })).toThrow('"content-length" is not for all calls')
})

test.each([['text'], [5], [null], [['a', 'b']], [[['a']]], [[['a', 'b', 'c']]], [[[1, 'b']]]])(
  '%j are no headers',
  (headers) => {
    expect(refusal(headers).message).toMatch(/headers are|name of a header/)
  },
)

test('whatever they are, they are refused or are names and values that HTTP knows', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 12 }),
    fc.stringMatching(/^[\r\n\0 :a\t-]{0,8}$/),
  )
  fc.assert(
    fc.property(text, fc.oneof(text, fc.array(text, { maxLength: 3 })), (name, value) => {
      let wire: Record<string, string | string[]>
      try {
        wire = mergeHeaders({}, [[name, value]])
      } catch (error) {
        expect(error).toMatchObject({ code: 'invalid_request' })
        expect((error as Error).message).not.toMatch(/[\r\n\0]/)
        return
      }
      for (const [key, one] of Object.entries(wire)) {
        expect(key).toMatch(token)
        for (const each of [one].flat()) expect(each).toMatch(/^(?![\t ])[\t\x20-\x7e\x80-\xff]*(?<![\t ])$/)
      }
    }),
    { numRuns: 2_000 },
  )
})
