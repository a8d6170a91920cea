import { expect, test } from 'vitest'
import type { ConfigProblem } from '../errors.ts'
import { readAllowedOrigins } from './allowed-origins.ts'

const allowed = readAllowedOrigins(
  [
    'https://api.example.com',
    'http://search:8055/',
    new URL('https://bücher.example'),
    'https://*.partner.example',
    'https://*.odd.example:8443',
    'http://[::1]:80',
  ],
  [],
)

test.each([
  'https://api.example.com',
  'http://search:8055',
  'https://xn--bcher-kva.example',
  'https://a.partner.example',
  'https://a.b.partner.example',
  'https://x.odd.example:8443',
  'http://[::1]',
])('%s is on the list', (origin) => {
  expect(allowed(origin)).toBe(true)
})

test.each([
  ['http://api.example.com', 'another scheme'],
  ['https://api.example.com:8443', 'another port'],
  ['https://api.example.com.', 'the name with a dot at its end'],
  ['https://api.example.com.evil', 'another name that begins so'],
  ['https://evilapi.example.com', 'another name that ends so'],
  ['https://example.com', 'the name above'],
  ['https://partner.example', 'a pattern does not stand for its own name'],
  ['https://evilpartner.example', 'a pattern ends at a dot'],
  ['https://a.partner.example.', 'a pattern and a dot at its end'],
  ['https://a.partner.example:8443', 'a pattern with another port'],
  ['http://a.partner.example', 'a pattern with another scheme'],
  ['https://x.odd.example', 'a pattern has its own port'],
])('%s is not: %s', (origin) => {
  expect(allowed(origin)).toBe(false)
})

test.each([
  ['api.example.com'],
  ['*'],
  ['https://*'],
  ['https://*.'],
  ['https://a*.example.com'],
  ['https://*.127.0.0.1'],
  ['https://*.[::1]'],
  ['https://.example.com'],
  ['https://good\\.evil'],
  ['https://good.example/path'],
  ['https://good.example?x'],
  ['https://good.example#x'],
  ['https://good@evil.example'],
  ['ftp://good.example'],
  ['https://good .example'],
  ['https://good.example:99999'],
  [''],
])('%j is no entry, and is told', (entry) => {
  const problems: ConfigProblem[] = []
  readAllowedOrigins([entry], problems)
  expect(problems).toMatchObject([{ variable: 'allowedOrigins' }])
})

test.each([
  ['a word', 'https://api.example.com'],
  ['an object', {}],
  ['null', null],
  ['an empty list', []],
])('%s is no list, and then nothing is allowed', (_, list) => {
  const problems: ConfigProblem[] = []
  const isAllowed = readAllowedOrigins(list, problems)
  expect(problems).toHaveLength(1)
  expect(isAllowed('https://api.example.com')).toBe(false)
})

test('an entry with a password is told without it', () => {
  const problems: ConfigProblem[] = []
  readAllowedOrigins(['https://me:secret@good.example?token=secret'], problems)
  expect(JSON.stringify(problems)).not.toContain('secret')
})
