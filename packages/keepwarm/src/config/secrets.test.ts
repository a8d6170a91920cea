/** Whatever a secret looks like, and wherever it stands, nobody is shown it. */
import { inspect } from 'node:util'
import { assert, constantFrom, property, string, stringMatching } from 'fast-check'
import { expect, test } from 'vitest'
import { ConfigError } from '../errors.ts'
import { HTTPClientConfig } from './http-client-config.ts'

/** Long enough that it does not stand somewhere by chance. A comma before a scheme parts two URLs. */
const secret = string({ minLength: 1, maxLength: 20, unit: 'grapheme-ascii' })
  .map((text) => `Zq9${text}x7W`)
  .filter((text) => !/,\s*https?:/i.test(text))

/** As people write them: right, without a scheme, with a slip of the finger, several. */
const shapes = [
  (s: string) => `https://me:${s}@host:8055/v1`,
  (s: string) => `https://${s}@host`,
  (s: string) => `http://me:${s}@host/?key=1`,
  (s: string) => `http://host/?key=${s}`,
  (s: string) => `http://host/#${s}`,
  (s: string) => `me:${s}@host:8055`,
  (s: string) => `htp:/me:${s}@host`,
  (s: string) => `socks5://me:${s}@host`,
  (s: string) => `https://me:${s}@a, https://me:${s}@b`,
  (s: string) => `https://me:${s}@a,https://you:${s}@a`,
] as const

const ways = ['BASE_URL', 'PROXY'] as const
const names = { BASE_URL: 'baseUrl', PROXY: 'proxy' } as const

/** All that anybody could be shown of a configuration, or of why there is none. */
function shown(make: () => HTTPClientConfig): string {
  try {
    const config = make()
    return [
      ...[config.explain(), JSON.stringify(config), inspect(config), inspect(config.entries), config.toEnv()],
      ...[JSON.stringify(config.differences), inspect(config.warnings), String(config)],
    ].join('\n')
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return [
      error.message,
      JSON.stringify(error),
      inspect(error),
      inspect(error.problems),
      String(error.stack),
    ].join('\n')
  }
}

/** The parts of it that are not all over the place: URLs may encode what stands between. */
function traces(text: string): string[] {
  return ['Zq9', 'x7W'].filter((part) => text.includes(part))
}

test('a secret in a variable is shown nowhere', () => {
  assert(
    property(
      secret,
      constantFrom(...shapes),
      constantFrom(...ways),
      constantFrom('true', 'false'),
      (s, shape, way, strict) => {
        const variables = { [`HTTP_CLIENT_${way}`]: shape(s), HTTP_CLIENT_CONFIG_STRICT: strict }
        const environment = { prefix: 'HTTP_CLIENT', variables, warn: () => {} }
        expect(traces(shown(() => new HTTPClientConfig({}, environment)))).toEqual([])
      },
    ),
    { numRuns: 500 },
  )
})

test('a secret in code, or in a file, is shown nowhere', () => {
  assert(
    property(secret, constantFrom(...shapes), constantFrom(...ways), (s, shape, way) => {
      const values = { [names[way]]: shape(s) }
      const environment = { prefix: 'HTTP_CLIENT', variables: {}, file: [{ place: 'f', values }] }
      expect(traces(shown(() => new HTTPClientConfig(values)))).toEqual([])
      expect(traces(shown(() => new HTTPClientConfig({}, undefined, [values])))).toEqual([])
      expect(traces(shown(() => new HTTPClientConfig({}, environment)))).toEqual([])
    }),
    { numRuns: 300 },
  )
})

test('the value of a variable that nobody knows is not shown, nor are headers and keys given in code', () => {
  assert(
    property(stringMatching(/^[A-Z_]{1,12}$/), secret, (name, s) => {
      const unknown = { prefix: 'HTTP_CLIENT', variables: { [`HTTP_CLIENT_X_${name}`]: s } }
      expect(traces(shown(() => new HTTPClientConfig({}, unknown)))).toEqual([])
      const options = {
        ...{ headers: { authorization: s }, connect: { key: s, cert: s, ca: s } },
        proxy: { url: `http://me:${s}@p`, headers: { 'proxy-authorization': s } },
      }
      expect(traces(shown(() => new HTTPClientConfig({}, undefined, [options])))).toEqual([])
    }),
    { numRuns: 200 },
  )
})
