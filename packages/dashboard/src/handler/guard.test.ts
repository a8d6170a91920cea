import { expect, test } from 'vitest'
import { admit, type Admission, type Visitor } from './guard.ts'
import { cookieName, newSession } from './session.ts'

const token = 'a-token-of-sufficient-length'
const now = 1_700_000_000_000
const open = { token: undefined, hosts: new Set<string>(), public: new Set<'health' | 'metrics'>() }
const locked = { ...open, token }

function visitor(more: Partial<Visitor> = {}): Visitor {
  return {
    ...{ method: 'GET', route: '/', host: 'localhost:9090', address: '127.0.0.1', forwarded: false },
    ...{ authorization: undefined, cookie: undefined, token: undefined, site: undefined, mode: undefined },
    ...more,
  }
}

function status(admission: Admission): number | string {
  return admission.kind === 'refuse' ? admission.status : admission.kind
}

test.each(['127.0.0.1', '127.8.9.10', '::1', '::ffff:127.0.0.1'])(
  'without a token %s may look',
  (address) => {
    expect(admit(visitor({ address }), open, now)).toEqual({ kind: 'pass', by: 'loopback' })
  },
)

test.each(['10.0.0.1', '::ffff:10.0.0.1', '2001:db8::1', '128.0.0.1', '127.0.0.1.evil', undefined])(
  'without a token %s may not, and is told how it could',
  (address) => {
    const refused = admit(visitor({ address }), open, now)
    expect(refused).toMatchObject({ kind: 'refuse', status: 403 })
    expect(refused).toHaveProperty('text', expect.stringContaining('token'))
  },
)

test('a proxy on this machine stands for whoever is behind it', () => {
  expect(status(admit(visitor({ forwarded: true }), open, now))).toBe(403)
  expect(status(admit(visitor({ forwarded: true, authorization: `Bearer ${token}` }), locked, now))).toBe(
    'pass',
  )
})

test.each([
  'localhost',
  'localhost:80',
  'LOCALHOST:80',
  'app.localhost:3000',
  '127.0.0.1:9',
  '[::1]:9',
  '[::1]',
])('the name %s leads here and nowhere else', (host) =>
  expect(status(admit(visitor({ host }), open, now))).toBe('pass'),
)

test.each([
  'evil.example',
  'localhost.evil.example',
  '10.0.0.1',
  '127.0.0.1.evil.example',
  '',
  undefined,
  'a b',
  '[::2]',
])('the name %s could be anybody’s', (host) => expect(status(admit(visitor({ host }), open, now))).toBe(403))

test('a name that is configured will do; with a token any address will, but no unknown name', () => {
  const hosts = new Set(['ops.example'])
  const authorization = `Bearer ${token}`
  expect(status(admit(visitor({ host: 'ops.example:80' }), { ...open, hosts }, now))).toBe('pass')
  expect(status(admit(visitor({ host: '10.0.0.1:80', authorization }), locked, now))).toBe('pass')
  expect(status(admit(visitor({ host: 'evil.example', authorization }), locked, now))).toBe(403)
})

test('with a token everybody needs it, this machine, too', () => {
  expect(status(admit(visitor(), locked, now))).toBe(401)
  expect(status(admit(visitor({ authorization: `bearer ${token}` }), locked, now))).toBe('pass')
  expect(status(admit(visitor({ authorization: `Bearer ${token}x` }), locked, now))).toBe(401)
  expect(status(admit(visitor({ authorization: `Basic ${token}` }), locked, now))).toBe(401)
  expect(status(admit(visitor({ cookie: `${cookieName}=${newSession(token, now)}` }), locked, now))).toBe(
    'pass',
  )
  expect(status(admit(visitor({ cookie: `${cookieName}=${token}` }), locked, now))).toBe(401)
})

test('a token in the query becomes a cookie, and lets nobody in by itself', () => {
  expect(admit(visitor({ token }), locked, now)).toMatchObject({ kind: 'exchange' })
  expect(status(admit(visitor({ token: 'wrong-token-of-some-length' }), locked, now))).toBe(401)
  expect(status(admit(visitor({ token, method: 'POST' }), locked, now))).toBe(401)
})

test('no refusal shows what was given', () => {
  const given = { token: 'guess-guess-guess-guess', cookie: 'secret=1', authorization: 'Bearer guess-guess' }
  const refused = admit(visitor({ ...given, host: 'evil.example' }), locked, now)
  expect(JSON.stringify([refused, admit(visitor(given), locked, now)])).not.toMatch(/guess|secret|evil/)
})

test('what is public needs no token and no known name, and nothing else is', () => {
  const rules = { ...locked, public: new Set(['health'] as const) }
  const stranger = { address: '10.0.0.1', host: '10.0.0.2:80' }
  expect(admit(visitor({ ...stranger, route: '/health/ready' }), rules, now)).toEqual({
    kind: 'pass',
    by: 'public',
  })
  for (const route of ['/metrics', '/', '/snapshot.json', '/health', '/admin/drain'])
    expect(status(admit(visitor({ ...stranger, route }), rules, now))).toBe(401)
})

test('pages of other sites may lead here, and read nothing', () => {
  expect(status(admit(visitor({ site: 'cross-site', mode: 'navigate' }), open, now))).toBe('pass')
  for (const site of ['cross-site', 'same-site'])
    expect(status(admit(visitor({ site, mode: 'no-cors', route: '/events' }), open, now))).toBe(403)
  expect(
    status(admit(visitor({ site: 'cross-site', mode: 'navigate', route: '/snapshot.json' }), open, now)),
  ).toBe(403)
  expect(status(admit(visitor({ site: 'same-origin', mode: 'cors', route: '/events' }), open, now))).toBe(
    'pass',
  )
})
