/** Proxies as the environment says. */
import { ConfigError, ConnectionPool, HttpClient } from 'keepwarm'
import { afterEach, expect, test, vi } from 'vitest'
import { get } from './support/handlers.ts'
import { startProxy, startSocks5 } from './support/proxy-servers.ts'
import { startHttp, startHttps, trust } from './support/servers.ts'

afterEach(() => vi.unstubAllEnvs())

test('one pool: http by one proxy, https by another, and some directly', async () => {
  await using plain = await startHttp()
  await using secure = await startHttps()
  await using direct = await startHttp()
  await using http = await startProxy()
  await using socks = await startSocks5()
  vi.stubEnv('http_proxy', http.url)
  vi.stubEnv('ALL_PROXY', socks.url)
  vi.stubEnv('NO_PROXY', `127.0.0.0/31, 127.0.0.1:${direct.port}`)
  vi.stubEnv('no_proxy', `other.test 127.0.0.1:${direct.port}`)
  await using pool = new ConnectionPool({ connect: trust, proxy: 'environment' })
  for (const origin of [plain, secure, direct]) expect(await get(pool, origin.origin)).toBe('hello')
  expect(http.asked.map(({ authority }) => authority)).toEqual([`127.0.0.1:${plain.port}`])
  expect(socks.asked.map(({ authority }) => authority)).toEqual([`127.0.0.1:${secure.port}`])
  expect(direct.requests).toBe(1)
})

test('the environment is read once, when the pool or client is made', async () => {
  await using origin = await startHttp()
  await using proxy = await startProxy()
  vi.stubEnv('HTTP_PROXY', proxy.url)
  vi.stubEnv('http_proxy', undefined)
  vi.stubEnv('NO_PROXY', '')
  vi.stubEnv('no_proxy', undefined)
  await using client = new HttpClient({ baseUrl: origin.origin, proxy: 'environment' })
  vi.stubEnv('HTTP_PROXY', 'http://127.0.0.1:9')
  expect(await client.get('/').text()).toBe('hello')
  expect(proxy.asked).toHaveLength(1)
})

test('a variable that cannot be used is named', () => {
  vi.stubEnv('https_proxy', 'ftp://me:secret@proxy')
  const make = (): unknown => new ConnectionPool({ proxy: 'environment' })
  expect(make).toThrow(ConfigError)
  expect(make).toThrow(/https_proxy = "ftp:\/\/\*\*\*@proxy"/)
})
