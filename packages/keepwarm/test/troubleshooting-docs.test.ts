/** docs/troubleshooting.md quotes what keepwarm says, and names codes, verdicts, figures and variables that exist. */
import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { beforeAll, expect, test } from 'vitest'
import { HTTPClientConfig } from '../src/client/config.ts'
import { optionRows } from '../src/config/options-table.ts'
import { errorCodes } from '../src/error-codes.ts'
import type { VerdictKind } from '../src/verdict.ts'
import { incidents } from './support/incidents.ts'

const docs = new URL('../../../docs/', import.meta.url)
const page = readFileSync(new URL('troubleshooting.md', docs), 'utf8')
const figures = readFileSync(new URL('telemetry.md', docs), 'utf8').split('<!-- metrics: begin -->')[1] ?? ''
const certificate = fileURLToPath(new URL('support/test-only-cert.pem', import.meta.url))

/** The compiler holds that all of them are here, and no others. */
const kinds: Record<VerdictKind, true> = {
  loop_blocked: true,
  unreachable: true,
  dns_tls: true,
  breaker_open: true,
  breaker_flapping: true,
  pool_exhausted: true,
  body_leak: true,
  queue_full: true,
  overloaded: true,
  slow_dependency: true,
  failing: true,
  retry_storm: true,
  stale_connections: true,
  server_restart: true,
  churn: true,
  degraded: true,
  healthy: true,
}

const blocks = [...page.matchAll(/^ *```(\w+)\n([\s\S]*?)^ *```$/gm)]
const blocksOf = (language: string): string[] =>
  blocks.filter(([, name]) => name === language).map(([, , text = '']) => text.trim())
const words = new Set([...page.matchAll(/`([a-z]\w*(?:_\w+)+)`/g)].map(([, word = '']) => word))
/** `LEFT_HTTP_CLIENT_RIGHT=value`, in blocks and in the text. */
const settings = /\b(?:[A-Z]+_)*HTTP_CLIENT_([A-Z_0-9]*[A-Z0-9])(?:=([^\s`]+))?/g

/** Incidents whose chapter quotes another sentence of the same kind. */
const inOtherWords = ['the time is up while the service works', 'the service answers 404']

/** What each incident says, made with real sockets. */
const said: string[] = []

beforeAll(async () => {
  for (const { happens } of incidents) said.push(shape((await happens()).message))
}, 60_000)

test('every sentence in a grey box is one that an error says', () => {
  const sentences = blocksOf('text')
  expect(sentences.length).toBeGreaterThan(15)
  expect(sentences.filter((sentence) => !said.some((message) => message.includes(shape(sentence))))).toEqual(
    [],
  )
})

test('what goes wrong is on the page', () => {
  const quoted = blocksOf('text').map(shape)
  const missing = incidents.filter((_, at) => !quoted.some((sentence) => said[at]?.includes(sentence)))
  expect(missing.map(({ name }) => name)).toEqual(inOtherWords)
})

test('codes, verdicts, causes and reasons are words of the code; figures are exported', () => {
  const literals = globSync('src/**/*.ts', { cwd: new URL('..', import.meta.url) })
    .filter((path) => !path.endsWith('.test.ts'))
    .map((path) => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8'))
    .join('\n')
  const isFigure = (word: string): boolean => /^(?:keepwarm_client|http_client)_/.test(word)
  const isKnown = (word: string): boolean =>
    isFigure(word)
      ? figures.includes(`\`${word}\``)
      : word in errorCodes || word in kinds || literals.includes(`'${word}'`)
  expect(words.size).toBeGreaterThan(30)
  expect([...words].filter((word) => !isKnown(word))).toEqual([])
})

test('every code is told of, and every verdict that asks for something', () => {
  const withoutChapter = ['config', 'healthy', 'degraded']
  const told = [...Object.keys(errorCodes), ...Object.keys(kinds)].filter(
    (word) => !withoutChapter.includes(word),
  )
  expect(told.filter((word) => !page.includes(`\`${word}\``))).toEqual([])
})

test('every variable exists, and takes the value that the page gives it', () => {
  const known = new Set(optionRows.map(([, { env }]) => env))
  const found = [...page.matchAll(settings)]
  expect(found.length).toBeGreaterThan(30)
  for (const [text, name = '', value] of found) {
    expect(known, text).toContain(name)
    if (value === undefined) continue
    const given = name.endsWith('_FILE') ? certificate : value
    const base = { HTTP_CLIENT_BASE_URL: 'http://search:8055' }
    expect(
      () => HTTPClientConfig.fromEnv('HTTP_CLIENT', { ...base, [`HTTP_CLIENT_${name}`]: given }),
      text,
    ).not.toThrow()
  }
})

test('lines that stand together can be set together', () => {
  for (const block of blocksOf('bash').filter((text) => text.includes('HTTP_CLIENT_'))) {
    const variables = [...block.matchAll(settings)].map(([, name = '', value]) => [
      `HTTP_CLIENT_${name}`,
      name.endsWith('_FILE') ? certificate : value,
    ])
    expect(() => HTTPClientConfig.fromEnv('HTTP_CLIENT', Object.fromEntries(variables)), block).not.toThrow()
  }
})

/** Without what differs from run to run. */
function shape(message: string): string {
  return message
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/(?:127\.0\.0\.1|orders|10\.1\.2\.3):\d+/g, 'HOST')
    .replaceAll(/\b\d+(?:\.\d+)?\b/g, 'N')
    .replaceAll(/\bN (?:ms|s|min)\b/g, 'TIME')
    .trim()
}
