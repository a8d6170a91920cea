import { errors } from 'undici'
import { expect, test } from 'vitest'
import { ConnectionGone, gaveBackUnsent } from './blame.ts'

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
