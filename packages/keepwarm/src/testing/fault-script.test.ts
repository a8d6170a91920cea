import { expect, test } from 'vitest'
import { answerProblems, ruleProblems, type FaultAnswer } from './fault-answer.ts'
import { bytesOf, half } from './fault-bytes.ts'
import { ScriptReader, type Script } from './fault-script.ts'
import { maskedBody, maskedHeaders, maskedPath, secretNames } from './secrets.ts'

const never = (): number => 1

/** The statuses that requests of these paths get, in order. */
function statuses(script: Script, paths: readonly string[], random = never): (number | undefined)[] {
  const reader = new ScriptReader(script)
  return paths.map((path) => reader.next({ method: 'GET', path, reused: false }, random).status)
}

test('the script is followed in order, and what comes later gets what is said for all others', () => {
  const script = [{ status: 503 }, { status: 429 }]
  expect(statuses({ script, otherwise: { status: 204 } }, ['/a', '/b', '/c', '/d'])).toEqual([
    503, 429, 204, 204,
  ])
})

test('a rule that fits leaves the script where it is', () => {
  const reader = new ScriptReader({
    rules: [{ path: '/slow', answer: { status: 500 } }],
    script: [{ status: 201 }],
  })
  const ask = (path: string): number | undefined =>
    reader.next({ method: 'GET', path, reused: false }, never).status
  expect([ask('/slow?a=1'), reader.left, ask('/other'), reader.left]).toEqual([500, 1, 201, 0])
})

test.each([
  ['a whole path', '/a', ['/a', '/a?x', '/ab', '/'], [1, 1, 0, 0]],
  ['a beginning', '/a/*', ['/a/', '/a/b/c', '/a', '/ab'], [1, 1, 0, 0]],
  ['an expression', /^\/a\d$/g, ['/a1', '/a2', '/a', '/a1?x'], [1, 1, 0, 1]],
])('paths: %s', (_, path, paths, fits) => {
  const rules = [{ path, answer: { status: 418 } }]
  expect(statuses({ rules }, paths)).toEqual(fits.map((fit) => (fit === 1 ? 418 : undefined)))
})

test('the nth is counted among the requests that fit, whichever rule they are taken by', () => {
  const rules = [
    { path: '/a', nth: 1, answer: { status: 500 } },
    { path: '/*', nth: [2, 4], answer: { status: 502 } },
  ]
  expect(statuses({ rules }, ['/a', '/a', '/b', '/b', '/b'])).toEqual([500, 502, undefined, 502, undefined])
})

test('chance, methods and connections that have served before', () => {
  const numbers = [0.1, 0.3, 0.29]
  const rules = [{ chance: 0.3, answer: { status: 500 } }]
  expect(statuses({ rules }, ['/', '/', '/'], () => numbers.shift()!)).toEqual([500, undefined, 500])
  const reader = new ScriptReader({ rules: [{ method: 'POST', reused: true, answer: { status: 500 } }] })
  const ask = (method: string, reused: boolean): number | undefined =>
    reader.next({ method, path: '/', reused }, never).status
  expect([ask('POST', true), ask('POST', false), ask('GET', true)]).toEqual([500, undefined, undefined])
})

test('bytes: what an answer promises, and what its fault makes of it', () => {
  const text = (answer: FaultAnswer): unknown[] => {
    const { status, headers, body } = bytesOf(answer)
    return [status, headers['content-length'], headers['retry-after'], body.toString()]
  }
  expect(text({})).toEqual([200, '11', undefined, '{"ok":true}'])
  expect(text({ retryAfter: 2, body: 'later' })).toEqual([503, '5', '2', 'later'])
  expect(text({ status: 429, retryAfter: 'soon', json: 1 })).toEqual([429, '1', 'soon', '1'])
  expect(text({ fault: 'broken_json', json: [1, 2] })).toEqual([200, '2', undefined, '[1'])
  expect(text({ fault: 'short_length', body: 'abcd' })).toEqual([200, '2', undefined, 'abcd'])
  expect(text({ status: 204 })).toEqual([204, undefined, undefined, ''])
  expect(['', 'a', 'ab', 'abcde'].map((body) => half(Buffer.from(body)).length)).toEqual([0, 0, 1, 2])
})

test('what cannot be done is told by name', () => {
  const wrong = { status: 700, delay: -1, fault: 'nap', body: 'x', json: 1, headers: { 'a b': 'c' } }
  const names = answerProblems(wrong as unknown as FaultAnswer, 'script[0]').map(({ variable }) => variable)
  expect(names).toEqual([
    'script[0].status',
    'script[0].delay',
    'script[0].fault',
    'script[0].body',
    'script[0].headers',
  ])
  const rule = { path: 'orders', nth: 0, chance: 2, answer: { statsu: 500 } }
  const problems = ruleProblems(rule as never, 'rules[1]')
  expect(problems.map(({ variable }) => variable)).toEqual([
    'rules[1].path',
    'rules[1].nth',
    'rules[1].chance',
    'rules[1].answer.statsu',
  ])
  expect(problems.at(-1)?.fix).toBe('rename it to rules[1].answer.status')
})

test('secrets go by their names: of headers, of queries, in forms and in JSON', () => {
  const isSecret = secretNames(['X-Tenant'])
  const headers = {
    Authorization: 'Bearer a',
    'x-api-key': 'b',
    'x-tenant': 'c',
    'set-cookie': ['sid=d; HttpOnly', 'e'],
    accept: '*/*',
  }
  expect(maskedHeaders(headers, isSecret)).toEqual({
    Authorization: '***',
    'x-api-key': '***',
    'x-tenant': '***',
    'set-cookie': ['sid=***; HttpOnly', 'e'],
    accept: '*/*',
  })
  expect(maskedPath('/a?q=1&access%5Ftoken=x&apiKey=y=z&flag', isSecret)).toBe(
    '/a?q=1&access%5Ftoken=***&apiKey=***&flag',
  )
  const form = 'application/x-www-form-urlencoded'
  expect(maskedBody('grant_type=x&client_secret=y', form, isSecret)).toBe('grant_type=x&client_secret=***')
  expect(maskedBody('{"a": {"password": "p", "n": [1]}}', 'application/json', isSecret)).toBe(
    '{"a":{"password":"***","n":[1]}}',
  )
  expect(maskedBody('{"a": 1 }', 'application/json', isSecret)).toBe('{"a": 1 }')
  expect(maskedBody('{"password": ', 'application/json', isSecret)).toBe('{"password": ')
})
