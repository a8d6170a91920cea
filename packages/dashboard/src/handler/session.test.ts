import { expect, test } from 'vitest'
import { isSame, isSession, newSession, sessionCookie, sessionsIn } from './session.ts'

const token = 'a-token-of-sufficient-length'
const hour = 3_600_000

test('a session is good for twelve hours, for those who know the same token', () => {
  const session = newSession(token, 0)
  expect(isSession(session, token, 11.9 * hour)).toBe(true)
  expect(isSession(session, token, 12.1 * hour)).toBe(false)
  expect(isSession(session, 'another-token-of-some-length', hour)).toBe(false)
  expect(session).not.toContain(token)
})

test('nobody can prolong a session, or make one of nothing', () => {
  const session = newSession(token, 0)
  const [, signed = ''] = session.split('.')
  expect(isSession(`99999999.${signed}`, token, hour)).toBe(false)
  for (const value of ['', '.', '1.', `.${signed}`, signed, token, `1e9.${signed}`])
    expect(isSession(value, token, 0)).toBe(false)
})

test('tokens are the same letter by letter', () => {
  expect(isSame(token, token)).toBe(true)
  expect(isSame(`${token} `, token)).toBe(false)
  expect(isSame('', token)).toBe(false)
})

test('a cookie is for the mount alone, for no script and for no other site', () => {
  expect(sessionCookie('1.x', '/ops', false)).toBe(
    'keepwarm_dashboard=1.x; Path=/ops; Max-Age=43200; HttpOnly; SameSite=Strict',
  )
  expect(sessionCookie('1.x', '', true)).toMatch(/Path=\/; .*; Secure$/)
  expect(sessionCookie('1.x', '/a;Domain=evil', false)).not.toContain(';Domain')
})

test('of a Cookie header only ours are looked at, and not too many', () => {
  expect(sessionsIn('a=1; keepwarm_dashboard=2.y; keepwarm_dashboard=3.z')).toEqual(['2.y', '3.z'])
  expect(sessionsIn(undefined)).toEqual([])
  expect(sessionsIn('keepwarm_dashboard=1;'.repeat(50))).toHaveLength(4)
})
