import { expect, test } from 'vitest'
import { ConfigError } from '../errors.ts'
import { resolveBases } from './base.ts'

function refused(baseUrl: Parameters<typeof resolveBases>[0]): ConfigError['problems'] {
  try {
    resolveBases(baseUrl)
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
  return []
}

test('one URL is a base with one endpoint', () => {
  expect(resolveBases('http://search:8055/api/')).toEqual({
    base: { origin: 'http://search:8055', path: '/api' },
    origins: ['http://search:8055'],
    authorization: undefined,
  })
  expect(resolveBases(['http://search:8055'])).toEqual(resolveBases('http://search:8055'))
})

test('several are endpoints in their order; the base is the first', () => {
  const bases = resolveBases(['http://a:81/api', new URL('http://b:82/api/'), 'https://c/api'])
  expect(bases.base).toEqual({ origin: 'http://a:81', path: '/api' })
  expect(bases.origins).toEqual(['http://a:81', 'http://b:82', 'https://c'])
})

test('an origin is the same however it is written', () => {
  expect(refused(['http://a', 'HTTP://A:80/'])).toMatchObject([
    { variable: 'baseUrl', received: 'http://a twice', expected: expect.stringContaining('balance.weights') },
  ])
})

test('all have one user name and password, or none has', () => {
  expect(resolveBases(['http://me:pw@a', 'http://me:pw@b']).authorization).toBe(
    `Basic ${Buffer.from('me:pw').toString('base64')}`,
  )
  for (const urls of [
    ['http://me:hunter2@a', 'http://b'],
    ['http://a', 'http://me:hunter2@b'],
    ['http://me:hunter2@a', 'http://you:hunter2@b'],
  ]) {
    const problems = refused(urls)
    expect(problems).toMatchObject([{ expected: expect.stringContaining('the same user name and password') }])
    expect(JSON.stringify(problems)).not.toContain('hunter2')
  }
})

test.each([
  [['http://a/x', 'http://b/y'], 'http://b/y', 'the path of the others, "/x"'],
  [['http://a', 'http://b/y'], 'http://b/y', 'the path of the others, "/"'],
  [['http://a', 'ftp://b'], '"ftp://b"', 'an http or https URL'],
  [['http://a', 'http://b?x=1'], '"http://b"', 'without a query'],
  [[], 'an empty list', 'at least one URL'],
])('%j is refused', (urls, received, expected) => {
  const [problem] = refused(urls)
  expect(problem).toMatchObject({ variable: 'baseUrl', expected: expect.stringContaining(expected) })
  expect(problem!.received).toBe(received)
})
