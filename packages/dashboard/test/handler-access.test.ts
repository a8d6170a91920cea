/** Who may look, over real sockets: hosts, addresses, tokens, cookies, headers. */
import { networkInterfaces } from 'node:os'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { ask, Lab } from './support/handler-lab.ts'

const token = 'a-token-of-sufficient-length'
const routes = ['/', '/events', '/snapshot.json', '/diagnose', '/metrics', '/health/live', '/health/ready']

test('a name that could be anybody’s is refused on every route, and not repeated', async () => {
  await using lab = await Lab.open()
  for (const route of [...routes, '/admin/drain', '/nothing']) {
    const refused = await lab.ask(route, { headers: { host: 'evil.example' } })
    expect([route, refused.status]).toEqual([route, 403])
    expect(refused.text).toMatch(/hosts/)
    expect(refused.text).not.toMatch(/evil/)
  }
})

test('what another site’s page asks for in a browser is refused', async () => {
  await using lab = await Lab.open()
  const headers = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }
  expect((await lab.ask('/events', { headers })).status).toBe(403)
  expect(lab.board.watchers).toBe(0)
})

test('what came through a proxy is refused as long as there is no token', async () => {
  await using lab = await Lab.open()
  expect((await lab.ask('/snapshot.json', { headers: { 'x-forwarded-for': '10.0.0.1' } })).status).toBe(403)
})

const outside = Object.values(networkInterfaces())
  .flat()
  .find((one) => one !== undefined && !one.internal && one.family === 'IPv4')?.address

test.runIf(outside !== undefined)(
  'another address than this machine’s own is refused, and told of the token',
  async () => {
    await using lab = await Lab.open({ hosts: [outside!] })
    const server = createServer(lab.board.handle).listen(0, '0.0.0.0')
    await once(server, 'listening')
    const refused = await ask(`http://${outside}:${(server.address() as AddressInfo).port}/snapshot.json`)
    server.close()
    expect(refused.status).toBe(403)
    expect(refused.text).toMatch(/dashboard\(clients, \{ token \}\)/)
  },
)

test('every answer carries the headers of caution', async () => {
  await using lab = await Lab.open({ token })
  const authorization = `Bearer ${token}`
  for (const headers of [{}, { authorization }, { authorization, host: 'evil.example' }]) {
    for (const route of ['/', '/snapshot.json', '/nothing', '/health/live', '/admin/drain']) {
      expect((await lab.ask(route, { headers })).headers).toMatchObject({
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'content-security-policy': expect.stringMatching(
          /default-src 'none'.*frame-ancestors 'none'/s,
        ) as string,
      })
    }
  }
})

test('with a token nobody gets in without it, this machine neither', async () => {
  await using lab = await Lab.open({ token })
  for (const route of routes) {
    const refused = await lab.ask(route)
    expect([route, refused.status]).toEqual([route, 401])
    expect(refused.headers['www-authenticate']).toMatch(/^Bearer/)
  }
  expect((await lab.ask('/snapshot.json', { headers: { authorization: `Bearer ${token}` } })).status).toBe(
    200,
  )
  expect((await lab.ask('/snapshot.json', { headers: { authorization: 'Bearer wrong' } })).status).toBe(401)
})

test('a link with the token leads to the same place without it, and a cookie opens all the others', async () => {
  await using lab = await Lab.open({ token, mount: '/ops' })
  const moved = await lab.ask(`/ops/snapshot.json?process=7&token=${token}`)
  expect(moved.status).toBe(303)
  expect(moved.headers.location).toBe('./snapshot.json?process=7')
  const [cookie = ''] = moved.headers['set-cookie'] ?? []
  expect(cookie).toMatch(/^keepwarm_dashboard=.*; Path=\/ops; .*HttpOnly; SameSite=Strict$/)
  expect(cookie).not.toContain(token)
  const [pair = ''] = cookie.split(';')
  expect((await lab.ask('/ops/snapshot.json', { headers: { cookie: pair } })).status).toBe(200)
  expect((await lab.ask('/ops/snapshot.json', { headers: { cookie: `${pair}x` } })).status).toBe(401)
})

test('a link on another site’s page goes the long way, for a browser keeps strict cookies back on a redirect', async () => {
  await using lab = await Lab.open({ token })
  const headers = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }
  const step = await lab.ask(`/?token=${token}`, { headers })
  expect(step.status).toBe(200)
  expect(step.headers['set-cookie']).toHaveLength(1)
  expect(step.text).toContain('url=./"')
  expect(step.text).not.toContain(token)
})

test('the token is in no log', async () => {
  await using lab = await Lab.open({ token })
  lab.told.fault = new Error('out of order')
  const authorization = `Bearer ${token}`
  expect((await lab.ask('/snapshot.json', { headers: { authorization } })).status).toBe(500)
  await lab.ask(`/?token=${token}`)
  expect(lab.log).not.toHaveLength(0)
  expect(JSON.stringify(lab.log)).not.toContain(token)
})

test('what is public says one word to anybody, and the rest stays closed', async () => {
  await using lab = await Lab.open({ token, public: ['health'] })
  const headers = { host: '10.1.2.3:80', 'x-forwarded-for': '10.0.0.1' }
  expect((await lab.ask('/health/live', { headers })).json).toEqual({ status: 'ok' })
  expect((await lab.ask('/health/ready', { headers })).json).toEqual({ status: 'ready' })
  expect((await lab.ask('/metrics', { headers })).status).toBe(401)
})
