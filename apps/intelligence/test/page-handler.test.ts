/** Who is given the page, how it is served, and what a browser needs to ask with it. */
import { request } from 'node:http'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { expect, test } from 'vitest'
import { contentSecurityPolicy, pageHtml } from '../src/built/page.js'
import { ask, service, settled, stage, textOf } from './app-support.ts'

const API_TOKEN = 'a-token-that-nobody-guesses'
const html = { accept: 'text/html,application/xhtml+xml' }

interface Running {
  readonly url: string
}

function get({ url }: Running, path: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(url + path, { headers, redirect: 'manual' })
}

async function cookieOf(running: Running): Promise<string> {
  const headers = { 'content-type': 'application/json' }
  const body = JSON.stringify({ token: API_TOKEN })
  const response = await fetch(`${running.url}/session`, { method: 'POST', headers, body })
  expect(response.status).toBe(204)
  return response.headers.get('set-cookie')?.split(';', 1)[0] ?? ''
}

test('a browser gets the page at the root, under a policy that runs nothing else; a program gets the routes', async () => {
  const running = await service()
  const page = await get(running, '/', html)
  expect(page.status).toBe(200)
  expect(await page.text()).toBe(pageHtml)
  expect(Object.fromEntries(page.headers)).toMatchObject({
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': contentSecurityPolicy,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
    vary: 'accept, accept-encoding',
  })
  expect(page.headers.get('x-request-id')).toBeTruthy()
  expect(textOf((await ask(running, 'GET', '/')).body['service'])).toBe('intelligence')
})

test('the page loads nothing, and its policy allows its own script and style alone', () => {
  expect(pageHtml.match(/(src|href)="(?!data:)[^"]*"/g)).toBeNull()
  expect(pageHtml).not.toMatch(/@import|url\((?!["']?data:)|https?:\/\/(?!www\.w3\.org)/)
  expect(contentSecurityPolicy).toContain("default-src 'none'")
  expect(contentSecurityPolicy).toContain("connect-src 'self'")
  expect(contentSecurityPolicy).toContain("require-trusted-types-for 'script'")
  expect(contentSecurityPolicy).not.toMatch(/unsafe|\*/)
})

test('it is given to no name that another site may have given this machine', async () => {
  const running = await service()
  const { port } = new URL(running.url)
  const asked = request({ port, host: '127.0.0.1', headers: { ...html, host: `evil.example:${port}` } }).end()
  const [response] = (await once(asked, 'response')) as [IncomingMessage]
  response.resume()
  expect(response.statusCode).toBe(403)
})

test('with a token the page comes without it, and nothing else does', async () => {
  const running = await service({ API_TOKEN })
  expect((await get(running, '/', html)).status).toBe(200)
  expect((await get(running, '/')).status).toBe(401)
  expect((await get(running, '/documents', html)).status).toBe(401)
  expect((await get(running, '/events', html)).status).toBe(401)
  expect((await get(running, '/session', html)).status).toBe(401)
})

test('the token buys a cookie that opens the service and its dashboard, and does not hold the token', async () => {
  const running = await service({ API_TOKEN })
  const json = { 'content-type': 'application/json' }
  const refused = await ask(running, 'POST', '/session', { token: 'another-token-of-some-length' }, json)
  expect(refused).toMatchObject({ status: 401, body: { detail: 'this is not the token of this service' } })
  expect((await ask(running, 'POST', '/session', {}, json)).status).toBe(400)
  const cookie = await cookieOf(running)
  expect(cookie).not.toContain(API_TOKEN)
  for (const path of ['/documents', '/health', '/metrics', '/dashboard/snapshot.json'])
    expect((await get(running, path, { cookie })).status, path).toBe(200)
  expect((await get(running, '/documents', { cookie: `${cookie}x` })).status).toBe(401)
})

test('the cookie is kept from scripts and from other sites, and sent over TLS alone where there is TLS', async () => {
  const running = await service({ API_TOKEN })
  const headers = { 'content-type': 'application/json', 'x-forwarded-proto': 'https' }
  const body = JSON.stringify({ token: API_TOKEN })
  const response = await fetch(`${running.url}/session`, { method: 'POST', headers, body })
  const cookie = response.headers.get('set-cookie')
  for (const attribute of ['Path=/;', 'HttpOnly', 'SameSite=Strict', 'Max-Age=43200', 'Secure'])
    expect(cookie).toContain(attribute)
})

test('what another origin of the same machine asks for is not taken for the page, cookie or not', async () => {
  const running = await service({ API_TOKEN })
  const cookie = await cookieOf(running)
  const status = async (headers: Record<string, string>, method = 'GET'): Promise<number> =>
    (await fetch(`${running.url}/documents?limit=1`, { method, headers: { cookie, ...headers } })).status
  expect(await status({ 'sec-fetch-site': 'same-origin' })).toBe(200)
  expect(await status({ 'sec-fetch-site': 'none' })).toBe(200)
  expect(await status({ 'sec-fetch-site': 'same-site' })).toBe(401)
  expect(await status({ 'sec-fetch-site': 'cross-site' })).toBe(401)
  expect(await status({ origin: 'http://127.0.0.1:1' })).toBe(401)
  expect(await status({ origin: running.url })).toBe(200)
  const bearer = { authorization: `Bearer ${API_TOKEN}`, cookie: '', 'sec-fetch-site': 'cross-site' }
  expect(await status(bearer)).toBe(200)
})

test('a link with the token is led on to one without it, with the cookie when it was right', async () => {
  const running = await service({ API_TOKEN })
  const right = await get(running, `/?token=${API_TOKEN}`, html)
  expect([right.status, right.headers.get('location')]).toEqual([303, './'])
  const cookie = right.headers.get('set-cookie')?.split(';', 1)[0] ?? ''
  expect((await get(running, '/documents', { cookie })).status).toBe(200)
  const wrong = await get(running, '/?token=wrong&token=twice', html)
  expect([wrong.status, wrong.headers.get('set-cookie')]).toEqual([303, null])
})

test('a service without a token has none to ask for', async () => {
  const running = await service()
  expect(await ask(running, 'POST', '/session', { token: API_TOKEN })).toMatchObject({ status: 409 })
})

test('when a text was changed is told by whoever brings it, and counts for its freshness', async () => {
  const running = await service()
  const year = 365 * 86_400_000
  const modified_at = Date.now() - year
  const { body } = await ask(running, 'POST', '/documents', { content: '# README\n\nOld.', modified_at })
  const freshness = stage(await settled(running, textOf(body['id'])), 'freshness')
  expect(freshness).toMatchObject({ detail: { level: 'OUTDATED', modified_at, document_type: 'README' } })
  const refused = await ask(running, 'POST', '/documents', { content: 'a', modified_at: -1 })
  expect(refused).toMatchObject({ status: 400, body: { errors: [{ field: 'modified_at' }] } })
})
