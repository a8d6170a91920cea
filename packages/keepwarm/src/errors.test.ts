import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { ConfigError, HttpStatusError, KeepwarmError } from './errors.ts'
import { findKeepwarmError, isKeepwarmError } from './is-keepwarm-error.ts'

const secret = 'hunter2'

function refused(): HttpStatusError {
  const response = { status: 403, headers: { 'set-cookie': `id=${secret}` }, body: { key: secret } }
  return new HttpStatusError('GET http://a.test/ answered 403', response)
}

test('a ConfigError names every problem, what came, what is allowed and a line that works', () => {
  const error = new ConfigError([
    { variable: 'A_TIMEOUT', received: '"30sec"', expected: 'a duration such as 30s', fix: 'A_TIMEOUT=30s' },
    { variable: 'B', received: '"-1"', expected: 'a whole number from 1' },
  ])
  expect(error.message).toBe(
    '2 problems in HTTP client configuration\n' +
      '  ✗ A_TIMEOUT = "30sec"\n      expected a duration such as 30s\n      fix: A_TIMEOUT=30s\n' +
      '  ✗ B = "-1"\n      expected a whole number from 1',
  )
  expect(error.code).toBe('config')
  expect(error.toJSON()).toMatchObject({ name: 'ConfigError', code: 'config', problems: error.problems })
})

test('the JSON of an error says what happened, and has only what it knows', () => {
  const cause = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET', socket: { secret } })
  const error = new KeepwarmError('reset', 'the connection was lost', {
    phase: 'body',
    sent: 'maybe',
    attempts: [{ number: 1, ending: 'reset', phase: 'body', sent: 'maybe', duration: 1.234567891 }],
    cause,
  })
  expect(JSON.parse(JSON.stringify(error))).toEqual({
    name: 'KeepwarmError',
    code: 'reset',
    message: 'the connection was lost',
    phase: 'body',
    sent: 'maybe',
    attempts: [{ number: 1, ending: 'reset', phase: 'body', sent: 'maybe', duration: 1.235 }],
    cause: { name: 'Error', code: 'ECONNRESET', message: 'read ECONNRESET' },
  })
  expect(new KeepwarmError('closed', 'closed').toJSON()).toEqual({
    name: 'KeepwarmError',
    code: 'closed',
    message: 'closed',
    sent: 'no',
  })
})

test('a chain of causes is told as far as it helps, also in a circle; several errors by the first', () => {
  const circle = new Error('round')
  circle.cause = new Error('and round', { cause: circle })
  const text = JSON.stringify(new KeepwarmError('connect', 'no', { cause: circle }))
  expect(text.match(/and round/g)).toHaveLength(2)
  const several = new AggregateError([new Error('first'), new Error('second')], 'all failed')
  expect(new KeepwarmError('connect', 'no', { cause: several }).toJSON().cause).toEqual({
    name: 'AggregateError',
    message: 'all failed',
    cause: { name: 'Error', message: 'first' },
  })
  expect(new KeepwarmError('aborted', 'no', { cause: 'left' }).toJSON()).not.toHaveProperty('cause')
})

test('headers and body of a response are there, and in no log', () => {
  const error = refused()
  expect(error.headers).toEqual({ 'set-cookie': `id=${secret}` })
  expect(error.body).toEqual({ key: secret })
  const logged = [JSON.stringify(error), inspect(error, { depth: 9 }), JSON.stringify(Object.entries(error))]
  for (const text of logged) {
    expect(text).toContain('403')
    expect(text).not.toContain(secret)
  }
})

test('what is printed begins with the stack, has the facts, and of a cause no more than its words', () => {
  const cause = Object.assign(new Error('odd'), { data: `set-cookie: ${secret}` })
  const text = inspect(new KeepwarmError('protocol', 'not HTTP', { phase: 'headers', cause }))
  expect(text).toMatch(/^KeepwarmError: not HTTP\n +at /)
  expect(text).toMatch(/code: 'protocol',\s+phase: 'headers'/)
  expect(text).toContain("message: 'odd'")
  expect(text).not.toContain(secret)
  expect(inspect({ a: { b: { c: new KeepwarmError('closed', 'gone') } } })).toContain('[KeepwarmError: gone]')
})

test('an error and its JSON can be cloned', () => {
  const error = new KeepwarmError('aborted', 'cancelled', { cause: new DOMException('late', 'TimeoutError') })
  expect(structuredClone(error.toJSON())).toEqual(error.toJSON())
  expect(structuredClone(error).message).toBe('cancelled')
})

test('each code has its class and name', () => {
  expect(refused().name).toBe('HttpStatusError')
  expect(new ConfigError([]).name).toBe('ConfigError')
  expect(new KeepwarmError('aborted', '').name).toBe('AbortError')
  expect(new KeepwarmError('reset', '').name).toBe('KeepwarmError')
  expect(refused()).toBeInstanceOf(KeepwarmError)
  expect(refused()).toBeInstanceOf(HttpStatusError)
  expect(refused()).not.toBeInstanceOf(ConfigError)
  expect(new KeepwarmError('status', '')).not.toBeInstanceOf(HttpStatusError)
})

test('a class of the user that extends it is asked for like every class', () => {
  class OrderError extends KeepwarmError {}
  const own = new OrderError('decode', 'no order')
  expect(own).toBeInstanceOf(OrderError)
  expect(own).toBeInstanceOf(KeepwarmError)
  expect(new KeepwarmError('decode', '')).not.toBeInstanceOf(OrderError)
  for (const value of [null, undefined, 'text', 7, {}, Object.create(null)]) {
    expect(value instanceof OrderError || (value as unknown) instanceof KeepwarmError).toBe(false)
  }
})

test('isKeepwarmError looks at the error alone, findKeepwarmError at its causes, too', () => {
  const error = new KeepwarmError('connect', 'refused', { cause: new Error('ECONNREFUSED') })
  const wrapped = new Error('sdk', { cause: new TypeError('fetch failed', { cause: error }) })
  expect(isKeepwarmError(error)).toBe(true)
  expect(isKeepwarmError(error, 'connect')).toBe(true)
  expect(isKeepwarmError(error, 'reset')).toBe(false)
  expect(isKeepwarmError(wrapped)).toBe(false)
  for (const value of [null, undefined, 'connect', { code: 'connect' }])
    expect(isKeepwarmError(value)).toBe(false)
  expect(findKeepwarmError(wrapped)).toBe(error)
  expect(findKeepwarmError(wrapped, 'connect')).toBe(error)
  expect(findKeepwarmError(wrapped, 'reset')).toBeUndefined()
  expect(findKeepwarmError('text')).toBeUndefined()
  const circle = new Error('round')
  circle.cause = circle
  expect(findKeepwarmError(circle)).toBeUndefined()
})
