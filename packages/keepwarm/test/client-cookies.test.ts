/** Cookies by the jar that people use; its rules are not ours to test, only that it is asked and told. */
import { once } from 'node:events'
import { HttpClient } from 'keepwarm'
import { CookieJar } from 'tough-cookie'
import { expect, test } from 'vitest'
import { startHttp, type TestServer } from './support/servers.ts'

/** `/in` logs in and leads on; all else says what it was sent. */
function startLogin(): Promise<TestServer> {
  return startHttp((request, response) => {
    if (request.url === '/in')
      response
        .writeHead(302, { 'set-cookie': ['session=abc; HttpOnly', 'theme=dark'], location: '/home' })
        .end()
    else if (request.url === '/out') response.setHeader('set-cookie', 'session=; Max-Age=0').end()
    else if (request.url === '/foreign') response.setHeader('set-cookie', 'a=b; Domain=example.com').end()
    else response.end(request.headers.cookie ?? 'none')
  })
}

test('what a response sets is sent from then on, to redirects too, until it is taken back', async () => {
  await using server = await startLogin()
  await using client = new HttpClient({
    baseUrl: server.origin,
    cookies: new CookieJar(),
    followRedirects: true,
  })
  expect(await client.get('/home').text()).toBe('none')
  expect(await client.get('/in').text()).toBe('session=abc; theme=dark')
  expect(await client.get('/home').text()).toBe('session=abc; theme=dark')
  expect(await client.get('/home', { headers: { cookie: 'own=1' } }).text()).toBe(
    'own=1; session=abc; theme=dark',
  )
  await client.get('/out').discard()
  expect(await client.get('/home').text()).toBe('theme=dark')
})

test('client.fetch and a retry carry them, another host does not get them', async () => {
  let failures = 1
  await using server = await startHttp((request, response) => {
    if (request.url === '/in') return response.setHeader('set-cookie', 'session=abc').end()
    if (failures-- > 0) return response.writeHead(503, { 'set-cookie': 'busy=1' }).end()
    response.end(request.headers.cookie)
  })
  await using other = await startLogin()
  await using client = new HttpClient({ cookies: new CookieJar(), retry: { base: 1 } })
  await client.get(`${server.origin}/in`).discard()
  const response = await client.fetch(`${server.origin}/again`)
  expect(await response.text()).toBe('session=abc; busy=1')
  expect(await client.get(`http://localhost:${other.port}/`).text()).toBe('none')
})

test('a cookie that the jar refuses is told once, without its value', async () => {
  await using server = await startLogin()
  await using client = new HttpClient({ baseUrl: server.origin, cookies: new CookieJar() })
  const warned = once(process, 'warning')
  await client.get('/foreign').discard()
  const [warning] = (await warned) as [Error]
  expect(warning).toMatchObject({
    code: 'KEEPWARM_COOKIE',
    message: expect.stringContaining(`the jar refused a cookie of ${server.origin}`),
  })
  expect(await client.get('/foreign').text()).toBe('')
  expect(await client.get('/home').text()).toBe('none')
})

test('what is no jar is refused', () => {
  expect(() => new HttpClient({ cookies: {} as CookieJar })).toThrow(
    /cookies = a object[^]*getCookieString\(\) and setCookie\(\)/,
  )
})
