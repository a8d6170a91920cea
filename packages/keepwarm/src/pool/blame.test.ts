import { errors } from 'undici'
import { expect, test } from 'vitest'
import { ConnectionGone, gaveBackUnsent, neverSent } from './blame.ts'

const reset = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' })
const controller = {}

test('what a Client without a socket gives back was never processed, even when it had been written', () => {
  expect(gaveBackUnsent(controller, true, new ConnectionGone('gone'))).toBe(true)
})

test('a connection that died before the request was written gives it back', () => {
  expect(gaveBackUnsent(undefined, false, reset)).toBe(true)
  expect(gaveBackUnsent(undefined, false, new errors.SocketError('other side closed'))).toBe(true)
  expect(gaveBackUnsent(null, false, new errors.ClientDestroyedError())).toBe(true)
  expect(gaveBackUnsent(null, false, new errors.ClientClosedError())).toBe(true)
})

test('what was written is not given back', () => {
  expect(gaveBackUnsent(controller, true, reset)).toBe(false)
  expect(gaveBackUnsent(controller, false, reset)).toBe(false)
})

test('what is the fault of the caller is not tried again', () => {
  expect(gaveBackUnsent(null, false, new errors.InvalidArgumentError('path'))).toBe(false)
  expect(gaveBackUnsent(null, false, new errors.NotSupportedError('expect'))).toBe(false)
  expect(gaveBackUnsent(null, false, new TypeError('thrown by a header'))).toBe(false)
  expect(gaveBackUnsent(undefined, false, new errors.RequestContentLengthMismatchError())).toBe(false)
})

test('an HTTP/2 stream that its session did not take was never sent', () => {
  const coded = (code: string): Error => Object.assign(new Error('of node:http2'), { code })
  expect(neverSent(coded('ERR_HTTP2_INVALID_SESSION'))).toBe(true)
  expect(neverSent(coded('ERR_HTTP2_GOAWAY_SESSION'))).toBe(true)
  expect(neverSent(coded('ERR_HTTP2_STREAM_CANCEL'))).toBe(true)
  expect(neverSent(coded('ERR_HTTP2_SESSION_ERROR'))).toBe(false)
  expect(neverSent(coded('ERR_HTTP2_STREAM_ERROR'))).toBe(false)
})

test('nor was one whose first frame did not go out; of the others something was', () => {
  const info = (type: number): Error =>
    new errors.InformationalError(`HTTP/2: "frameError" received - type ${type}, code 2`)
  expect(neverSent(info(1))).toBe(true)
  expect(neverSent(info(0))).toBe(false)
  expect(neverSent(info(10))).toBe(false)
  expect(neverSent(new errors.SocketError('HTTP/2: "frameError" received - type 1, code 2'))).toBe(false)
})
