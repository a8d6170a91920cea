/** What is in effect, as people and programs are told it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { ConfigOverrides } from './given.ts'
import { HTTPClientConfig } from './http-client-config.ts'
import { optionRows } from './options-table.ts'
import { surroundings } from './surroundings.ts'

type Variables = Record<string, string>

const search = (env: Variables, overrides?: ConfigOverrides): HTTPClientConfig =>
  HTTPClientConfig.fromEnv('SEARCH_SERVICE_HTTP_CLIENT', env, overrides)

test('explain() says what holds and why', () => {
  const env = { HTTP_CLIENT_DEFAULT_TIMEOUT: '4', SEARCH_SERVICE_HTTP_CLIENT_MAX_CONNECTIONS: '50' }
  const config = search(env, { idleTimeout: 20_000 })
  const lines = config
    .explain()
    .split('\n')
    .map((line) => line.split(/ {2,}/))
  expect(lines).toHaveLength(optionRows.length + 1 + config.surroundings().length)
  expect(lines[0]).toEqual(['option', 'value', 'from'])
  for (const line of [
    ['maxConnections', '50', 'SEARCH_SERVICE_HTTP_CLIENT_MAX_CONNECTIONS="50"'],
    ['maxIdleConnections', '20', 'default'],
    ['timeout', '4s', 'HTTP_CLIENT_DEFAULT_TIMEOUT="4"'],
    ['connectTimeout', '4s', 'default (limited by timeout)'],
    ['idleTimeout', '20s', 'code'],
    ['baseUrl', 'none', 'default'],
    ['allowedOrigins', 'all', 'default'],
  ])
    expect(lines).toContainEqual(line)
})

test('what is switched off says so, and what is given under it says that it is not used', () => {
  const config = search({ HTTP_CLIENT_CIRCUIT_BREAKER: 'no', HTTP_CLIENT_CIRCUIT_WINDOW: '20s' })
  expect(config.entries.breaker).toMatchObject({ value: false, text: 'off' })
  expect(config.entries.breakerWindow.note).toBe('not used: breaker is off')
  expect(config.entries.breakerOpenFor).not.toHaveProperty('note')
})

test('a part that is given switches its whole on, and the whole says why', () => {
  const { entries } = search({ HTTP_CLIENT_HEDGE_AFTER: '50ms' })
  expect(entries.hedge).toMatchObject({ value: true, note: 'on because hedgeAfter is given' })
})

test('differences are what is not the default, whoever says so', () => {
  const { differences } = search({ HTTP_CLIENT_DEFAULT_TIMEOUT: '8', HTTP_CLIENT_MAX_QUEUE: '256' })
  expect(Object.keys(differences).sort()).toEqual(['connectTimeout', 'headersTimeout', 'timeout'])
})

test('toEnv() gives a block of variables that means the same', () => {
  const env = {
    HTTP_CLIENT_DEFAULT_TIMEOUT: '8',
    HTTP_CLIENT_RETRY_STATUSES: '503, 429',
    HTTP_CLIENT_HEDGE_AFTER: 'p99',
    HTTP_CLIENT_USER_AGENT: "it's mine/1",
    HTTP_CLIENT_MAX_CONNECTION_AGE: 'off',
    HTTP_CLIENT_BASE_URL: 'http://a:1, http://b:2',
  }
  const config = search(env, { maxQueue: 9 })
  const block = config.toEnv('HTTP_CLIENT')
  const lines = block.split('\n')
  expect(lines).toContain('HTTP_CLIENT_MAX_QUEUE=9')
  expect(lines).toContain('HTTP_CLIENT_HEDGE_AFTER=p99')
  const again = Object.fromEntries(
    lines.map((line) => {
      const [name = '', value = ''] = line.split(/=(.*)/s)
      return [name, value.replace(/^'(.*)'$/s, '$1').replaceAll(String.raw`'\''`, "'")]
    }),
  )
  expect(search(again).toJSON()).toEqual(config.toJSON())
})

test('toEnv() has what holds credentials as a comment', () => {
  const block = search({ HTTP_CLIENT_PROXY: 'http://me:hunter2@proxy:3128' }).toEnv()
  expect(block).toBe("# SEARCH_SERVICE_HTTP_CLIENT_PROXY='http://***@proxy:3128' (not shown in full)")
})

test('proxies of the environment apply where the proxy is environment, those in lower case first', () => {
  const variables = {
    ...{ HTTPS_PROXY: 'http://me:hunter2@proxy:1', https_proxy: 'http://other:2', NO_PROXY: 'localhost' },
  }
  const applying = (proxy: string): string[] =>
    surroundings(variables, { proxy, caFile: undefined })
      .filter(({ applies }) => applies)
      .map(({ variable, value }) => `${variable}=${value}`)
  expect(applying('environment')).toEqual(['https_proxy=http://other:2', 'NO_PROXY=localhost'])
  expect(applying('none')).toEqual([])
  expect(JSON.stringify(surroundings(variables, { proxy: 'none', caFile: undefined }))).not.toContain(
    'hunter2',
  )
})

test('certificates of the environment apply where Node reads them and no file is in their place', () => {
  const variables = { NODE_EXTRA_CA_CERTS: '/extra.pem', SSL_CERT_FILE: '/all.pem' }
  const applying = (caFile: string | undefined, more: Variables = {}): string[] =>
    surroundings({ ...variables, ...more }, { proxy: 'none', caFile })
      .filter(({ applies }) => applies)
      .map(({ variable }) => variable)
  expect(applying(undefined)).toEqual(['NODE_EXTRA_CA_CERTS'])
  expect(applying('/own.pem')).toEqual([])
  expect(applying(undefined, { NODE_OPTIONS: '--use-openssl-ca' })).toEqual([
    'NODE_EXTRA_CA_CERTS',
    'SSL_CERT_FILE',
  ])
})

test('files of certificates are read at the start; what cannot be read is a problem', () => {
  const folder = mkdtempSync(join(tmpdir(), 'keepwarm-config-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const pem = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'
  const [good, empty] = [join(folder, 'ca.pem'), join(folder, 'empty.pem')]
  writeFileSync(good, pem)
  writeFileSync(empty, '')
  expect(search({ HTTP_CLIENT_CA_FILE: good }).toClientOptions().connect).toEqual({ ca: pem })
  expect(
    search({ HTTP_CLIENT_CLIENT_CERT_FILE: good, HTTP_CLIENT_CLIENT_KEY_FILE: good }).toClientOptions()
      .connect,
  ).toEqual({ cert: pem, key: pem })
  expect(() => search({ HTTP_CLIENT_CA_FILE: empty })).toThrow('nothing in it begins with -----BEGIN')
  expect(() => search({ HTTP_CLIENT_CA_FILE: join(folder, 'none.pem') })).toThrow('ENOENT')
  expect(() => search({ HTTP_CLIENT_CLIENT_KEY_FILE: good })).toThrow('expected a certificate beside it')
  expect(() => search({ HTTP_CLIENT_CLIENT_CERT_FILE: good })).toThrow('expected its key beside it')
})
