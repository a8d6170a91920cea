/** Who may ask, how often, and what probes are told. */
import { request } from 'node:http'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { expect, test } from 'vitest'
import { readSettings } from '../src/config/settings.ts'
import { ask, freePort, post, service, settled, textOf, texts, until } from './app-support.ts'

const API_TOKEN = 'a-token-that-nobody-guesses'

test('with a token nobody asks without it; probes do, and the service delivers to itself', async () => {
  const running = await service({ API_TOKEN })
  for (const [method, path] of [
    ['GET', '/documents'],
    ['POST', '/documents'],
    ['GET', '/search?q=a'],
    ['GET', '/events'],
    ['GET', '/nowhere'],
    ['GET', '/clients'],
    ['GET', '/openapi.json'],
    ['GET', '/metrics'],
    ['GET', '/diagnose'],
  ] as const)
    expect(await ask(running, method, path), path).toMatchObject({ status: 401, body: { status: 401 } })
  // It asks in its own way, as a browser cannot send the header.
  for (const path of ['/dashboard/', '/dashboard/snapshot.json'])
    expect((await fetch(running.url + path)).status).toBe(401)
  const refused = await fetch(`${running.url}/documents`, { headers: { authorization: 'Bearer wrong' } })
  expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([401, 'Bearer'])
  expect(await ask(running, 'POST', '/vectorize/document', {})).toMatchObject({ status: 403 })
  for (const path of ['/health/live', '/health/ready'])
    expect(await ask(running, 'GET', path)).toMatchObject({ status: 200 })
  const headers = { authorization: `Bearer ${API_TOKEN}`, 'content-type': 'application/json' }
  const { status, body } = await ask(running, 'POST', '/documents', texts(1)[0], headers)
  expect(status).toBe(202)
  const counts = await until(
    () => running.context.store.jobs.counts(),
    ({ succeeded }) => succeeded === 1,
  )
  expect({ counts, id: textOf(body['id']) }).toMatchObject({ counts: { succeeded: 1 } })
})

test('a service that others can reach does not start without a token', () => {
  expect(() => readSettings({ HOST: '0.0.0.0' })).toThrow(
    /API_TOKEN = \(not set\)[^]*lets other machines ask/,
  )
  expect(() => readSettings({ HOST: '0.0.0.0', API_TOKEN: 'short' })).toThrow(/API_TOKEN = \(not shown\)/)
  expect(() => readSettings({ API_TOKEN: 'with spaces nobody can send it' })).toThrow(/without spaces/)
  expect(readSettings({ HOST: '0.0.0.0', API_TOKEN })).toMatchObject({ rateLimit: 50 })
  expect(readSettings({ HOST: '::1' })).toMatchObject({ apiToken: undefined, rateLimit: undefined })
})

test('without a token it answers to no name that another site may have given this machine', async () => {
  const running = await service()
  const { port } = new URL(running.url)
  const statusFor = async (host: string): Promise<number | undefined> => {
    const asked = request({ port, host: '127.0.0.1', path: '/documents', headers: { host } }).end()
    const [response] = (await once(asked, 'response')) as [IncomingMessage]
    response.resume()
    return response.statusCode
  }
  expect(await statusFor(`localhost:${port}`)).toBe(200)
  expect(await statusFor(`127.0.0.1:${port}`)).toBe(200)
  expect(await statusFor(`[::1]:${port}`)).toBe(200)
  expect(await statusFor(`evil.example:${port}`)).toBe(403)
})

test('who asks too often is told when to come back, and may then', async () => {
  const running = await service({ RATE_LIMIT: '5' })
  const answers = await Promise.all(Array.from({ length: 20 }, () => ask(running, 'GET', '/documents')))
  const statuses = answers.map(({ status }) => status)
  expect(statuses.filter((status) => status === 200).length).toBeGreaterThanOrEqual(10)
  expect(statuses).toContain(429)
  expect(answers.find(({ status }) => status === 429)?.body).toMatchObject({ retry_after: 1 })
  const again = await until(
    () => ask(running, 'GET', '/documents'),
    ({ status }) => status === 200,
  )
  expect(again.status).toBe(200)
})

test('ready tells what is missing, and not ready while it stops', async () => {
  const running = await service({ LANGEXTRACT_URL: `http://127.0.0.1:${await freePort()}` })
  expect((await ask(running, 'GET', '/health/ready')).body).toEqual({ ready: true, reasons: [] })
  for (const text of texts(6)) await settled(running, await post(running, text))
  const degraded = await until(
    () => ask(running, 'GET', '/health/ready'),
    ({ body }) => textOf(body['reasons']?.[0]).includes('langextract'),
  )
  expect(degraded).toMatchObject({ status: 200, body: { ready: true } })
  await running.drain()
  const stopping = await ask(running, 'GET', '/health/ready')
  expect(stopping).toMatchObject({ status: 503, body: { ready: false } })
  expect(textOf(stopping.body['reasons'])).toContain('stopping')
  expect(await ask(running, 'GET', '/health/live')).toMatchObject({ status: 200, body: { live: true } })
})
