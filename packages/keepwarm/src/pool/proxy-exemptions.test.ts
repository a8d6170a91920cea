import { expect, test } from 'vitest'
import type { ConfigProblem } from '../errors.ts'
import { exemptions } from './proxy-exemptions.ts'

test.each<[string, string[], string[]]>([
  ['', [], ['http://a.test']],
  ['*', ['http://a.test', 'https://10.0.0.1:9', 'http://[::1]'], []],
  [
    'example.com',
    ['http://example.com', 'https://a.b.example.com:8443', 'http://EXAMPLE.com.', 'http://example.com:81'],
    ['http://notexample.com', 'http://example.com.test', 'http://com'],
  ],
  ['.example.com', ['http://a.example.com'], ['http://example.com', 'http://notexample.com']],
  ['*.example.com', ['http://a.b.example.com'], ['http://example.com']],
  ['Example.COM.', ['http://example.com'], ['http://example.org']],
  ['localhost', ['http://localhost:80', 'https://localhost'], ['http://127.0.0.1']],
  ['host:8080', ['http://host:8080', 'https://a.host:8080'], ['http://host', 'http://host:80']],
  ['host:443', ['https://host'], ['http://host']],
  ['host:80', ['http://host'], ['https://host']],
  ['.host:80', ['http://a.host'], ['http://host', 'http://a.host:81']],
  ['münchen.test', ['http://xn--mnchen-3ya.test', 'http://münchen.test'], ['http://munchen.test']],
  ['my_host', ['http://my_host'], ['http://myhost']],
  ['10.1.2.3', ['http://10.1.2.3', 'http://10.1.2.3:81', 'http://[::ffff:10.1.2.3]'], ['http://10.1.2.30']],
  ['10.1.2.3:81', ['http://10.1.2.3:81'], ['http://10.1.2.3']],
  ['2.3', [], ['http://10.1.2.3']],
  ['10.0.0.0/8', ['http://10.0.0.0', 'http://10.255.255.255'], ['http://11.0.0.0', 'http://9.255.255.255']],
  ['10.1.2.3/8', ['http://10.200.0.1'], ['http://11.0.0.1']],
  ['192.168.4.0/22', ['http://192.168.7.255'], ['http://192.168.8.0', 'http://192.168.3.255']],
  ['192.168.4.4/32', ['http://192.168.4.4'], ['http://192.168.4.5']],
  ['0.0.0.0/0', ['http://1.2.3.4'], ['http://name.test']],
  ['::1', ['http://[::1]', 'http://[0:0:0:0:0:0:0:1]:81'], ['http://[::2]', 'http://127.0.0.1']],
  ['[::1]', ['http://[::1]'], ['http://[::2]']],
  ['[::1]:81', ['http://[::1]:81'], ['http://[::1]']],
  ['fd00::/8', ['http://[fd12:3456::1]'], ['http://[fe80::1]']],
  ['[fd00::]/8', ['http://[fd12:3456::1]'], ['http://[fe80::1]']],
  [' a.test ,, b.test\tc.test,', ['http://a.test', 'http://b.test', 'http://c.test'], ['http://d.test']],
])('"%s"', (list, direct, proxied) => {
  const problems: ConfigProblem[] = []
  const exempt = exemptions('NO_PROXY', list, problems)
  expect(problems).toEqual([])
  expect(direct.filter((url) => !exempt(new URL(url)))).toEqual([])
  expect(proxied.filter((url) => exempt(new URL(url)))).toEqual([])
})

test('every entry that cannot be understood is named', () => {
  const wrong = [
    '10.0.0.0/33',
    '10.0.0.0/',
    '10.0.0.0/8/8',
    'fd00::/129',
    'host/8',
    'a.*.test',
    'host:0',
    'host:70000',
    'host:http',
    '<local>',
    '.',
  ]
  const problems: ConfigProblem[] = []
  const exempt = exemptions('no_proxy', ['good.test', ...wrong].join(), problems)
  expect(problems.map(({ received }) => received)).toEqual(wrong.map((entry) => JSON.stringify(entry)))
  expect(problems[0]).toMatchObject({
    variable: 'no_proxy',
    expected: expect.stringContaining('CIDR') as string,
  })
  expect(exempt(new URL('http://good.test'))).toBe(true)
})
