import { expect, test } from 'vitest'
import { ConfigError } from '../errors.ts'
import { proxyRoute, type ProxyOption } from './proxy-route.ts'

const plain = new URL('http://a.test')
const secure = new URL('https://a.test')

function labels(environment: Record<string, string>): (string | undefined)[] {
  const route = proxyRoute('environment', environment)
  return [route(plain)?.label, route(secure)?.label]
}

test('no option, no proxy', () => {
  const route = proxyRoute(undefined, { HTTP_PROXY: 'http://proxy', ALL_PROXY: 'http://proxy' })
  expect([route(plain), route(secure)]).toEqual([undefined, undefined])
})

test.each<[ProxyOption, string]>([
  ['http://proxy', 'http://proxy:80'],
  ['https://proxy/', 'https://proxy:443'],
  ['socks5://proxy', 'socks5://proxy:1080'],
  ['socks5h://me:secret@[::1]:9', 'socks5://[::1]:9'],
  [new URL('http://me:secret@proxy:3128'), 'http://proxy:3128'],
  [{ url: 'https://proxy:8443', headers: { 'x-team': 'search' } }, 'https://proxy:8443'],
])('%o leads all origins through %s', (option, label) => {
  const route = proxyRoute(option, { NO_PROXY: '*' })
  expect([route(plain)?.label, route(secure)?.label]).toEqual([label, label])
  expect(route(plain)).toBe(route(secure))
})

test.each<[string, Record<string, string>, (string | undefined)[]]>([
  ['nothing is set', {}, [undefined, undefined]],
  ['HTTP_PROXY is for http', { HTTP_PROXY: 'http://p' }, ['http://p:80', undefined]],
  ['HTTPS_PROXY is for https', { HTTPS_PROXY: 'http://p' }, [undefined, 'http://p:80']],
  [
    'ALL_PROXY is for the rest',
    { ALL_PROXY: 'socks5://p', HTTP_PROXY: 'http://q' },
    ['http://q:80', 'socks5://p:1080'],
  ],
  ['lower case counts more', { HTTP_PROXY: 'http://p', http_proxy: 'http://q' }, ['http://q:80', undefined]],
  [
    'empty means none',
    { http_proxy: '', HTTP_PROXY: 'http://p', ALL_PROXY: 'http://p' },
    [undefined, 'http://p:80'],
  ],
  ['a scheme may lack', { HTTPS_PROXY: ' me:secret@p:3128 ' }, [undefined, 'http://p:3128']],
  ['NO_PROXY takes out', { ALL_PROXY: 'http://p', NO_PROXY: 'a.test:443' }, ['http://p:80', undefined]],
  [
    'no_proxy counts more',
    { ALL_PROXY: 'http://p', NO_PROXY: '*', no_proxy: '' },
    ['http://p:80', 'http://p:80'],
  ],
  ['in a CGI program', { HTTP_PROXY: 'http://p', REQUEST_METHOD: 'GET' }, [undefined, undefined]],
  ['in a CGI program', { http_proxy: 'http://p', REQUEST_METHOD: 'GET' }, ['http://p:80', undefined]],
])('environment: %s (%o)', (_, environment, expected) => {
  expect(labels(environment)).toEqual(expected)
})

function problemsOf(option: unknown, environment: Record<string, string> = {}): ConfigError['problems'] {
  try {
    proxyRoute(option as ProxyOption, environment)
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
  return []
}

test.each<[unknown, RegExp]>([
  ['proxy:3128', /begins with http/],
  ['', /begins with http/],
  ['ftp://me:secret@proxy', /begins with http/],
  ['socks4://me:secret@proxy', /begins with http/],
  ['http://me:sec#ret@proxy:3128', /begins with http|no path/],
  ['http://me:secret@proxy:3128/path', /no path/],
  ['http://proxy:3128/?token=secret', /no path/],
  ['http://me:%secret@proxy', /written %25/],
  [`socks5://me:${'secret'.repeat(50)}@proxy`, /255 bytes/],
  [{ url: 'socks5://proxy', headers: { 'x-secret': 'secret' } }, /no headers/],
  [{ url: 'http://proxy', headers: { Host: 'secret' } }, /does not set by itself/],
  [{ url: 'http://proxy', headers: { 'x-a': 'line\nsecret' } }, /allowed? in a header|allows in a header/],
  [{ url: 'http://proxy', headers: { 'x a': 'secret' } }, /allows in a header/],
  [{ url: 'http://proxy', headers: { 'x-a': 7 } }, /allows in a header/],
  [{ url: 'http://me:secret@proxy', headers: { 'Proxy-Authorization': 'secret' } }, /one place/],
  [{}, /begins with http/],
  [null, /a URL, \{ url/],
  [true, /a URL, \{ url/],
])('%o is refused, and no secret is shown', (option, expected) => {
  const problems = problemsOf(option)
  expect(problems).toHaveLength(1)
  expect(problems[0]!.expected).toMatch(expected)
  expect(problems[0]!.variable).toMatch(/^proxy/)
  expect(new ConfigError(problems).message).not.toMatch(/(?<!x-)secret/)
})

test('all variables that are wrong are named, by their own names', () => {
  const environment = { https_proxy: 'ftp://p', HTTP_PROXY: 'http://p/x', NO_PROXY: 'a/b, c/d' }
  expect(problemsOf('environment', environment).map(({ variable }) => variable)).toEqual([
    'NO_PROXY',
    'NO_PROXY',
    'https_proxy',
    'HTTP_PROXY',
  ])
})
