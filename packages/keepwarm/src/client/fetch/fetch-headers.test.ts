import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readHeaders } from './fetch-headers.ts'
import { readUrl } from './read-request.ts'

const settings = { numRuns: 500 }

const name = fc.oneof(
  fc.constantFrom('a', 'A', 'x-b', 'X-B', 'cookie', 'Cookie', 'set-cookie', '__proto__', 'constructor', ''),
  fc.string({ maxLength: 5 }),
)
const value = fc.oneof(
  fc.string({ unit: fc.constantFrom(' ', '\t', '\r', '\n', '\0', 'a', '\x7f', 'ÿ', 'Ā', '\ud800') }),
  fc.string({ unit: 'binary' }),
)

/** What the platform makes of them: their names and values, or undefined for what it refuses. */
function platform(given: RequestInit['headers']): [string, string][] | undefined {
  try {
    const entries = new Map<string, string>()
    for (const [key, one] of new Headers(given))
      entries.set(key, entries.has(key) ? `${entries.get(key)}, ${one}` : one)
    return [...entries]
  } catch {
    return undefined
  }
}

function ours(given: unknown): unknown {
  try {
    return Object.entries(readHeaders(given)).sort(([a], [b]) => (a < b ? -1 : 1))
  } catch (error) {
    expect(error).toBeInstanceOf(TypeError)
    return undefined
  }
}

test('pairs of any kind are read, or refused, as the platform does it', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(name, value), { maxLength: 4 }), (pairs) => {
      expect(ours(pairs)).toEqual(platform(pairs))
    }),
    settings,
  )
})

test('so are records', () => {
  const usual = name.filter((one) => one !== '__proto__') // which the platform loses
  fc.assert(
    fc.property(fc.dictionary(usual, value, { maxKeys: 4 }), (record) => {
      expect(ours(record)).toEqual(platform(record))
    }),
    settings,
  )
})

test('no error shows the value of a header', () => {
  expect(() => readHeaders({ authorization: 'Bearer secret\0' })).toThrow(/^(?!.*secret).*"authorization"/)
})

test('whole URLs of any kind are read, or refused, as the platform does it', () => {
  const odd = fc.string({
    unit: fc.constantFrom('/', '.', '?', '#', '%', ' ', 'a', 'ž', '\\', ':', '@', '[', '\t'),
  })
  fc.assert(
    fc.property(
      fc.constantFrom('http://h/', 'HTTPS://h:1/', 'http:', 'http:/', ' http://h', 'x:'),
      odd,
      (start, rest) => {
        let expected: string | undefined
        try {
          expected = new Request(start + rest).url
        } catch {}
        let url: string | undefined
        try {
          url = readUrl(start + rest, undefined).href
        } catch (error) {
          expect(error).toBeInstanceOf(TypeError)
        }
        expect(url).toBe(expected)
      },
    ),
    settings,
  )
})
