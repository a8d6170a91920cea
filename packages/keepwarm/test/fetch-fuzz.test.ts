/** Requests and answers of any kind through undici's fetch and ours; what each sends by itself is left out. */
import fc from 'fast-check'
import { Agent, fetch as undiciFetch } from 'undici'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { HttpClient } from '../src/client/http-client.ts'
import { soon } from './support/wait.ts'
import { chunked, http, Lab, seen, type AnyFetch } from './support/fetch-lab.ts'

let lab: Lab
let agent: Agent
let client: HttpClient

beforeAll(async () => {
  lab = await Lab.start()
  agent = new Agent()
  client = new HttpClient({ retry: false, breaker: false, timeout: 10_000 })
})
afterAll(async () => {
  await client.destroy()
  await agent.destroy()
  await lab[Symbol.asyncDispose]()
})

const byThemselves = [
  'host',
  'accept-language',
  'sec-fetch-mode',
  'user-agent',
  'accept-encoding',
  'connection',
]

/** What both make of it; the second is to be as the first. */
async function both(
  path: string,
  init: object,
  read: (response: Response) => Promise<unknown>,
): Promise<unknown[]> {
  const undici = (input: never, more: object): unknown => undiciFetch(input, { ...more, dispatcher: agent })
  const outcomes: unknown[] = []
  for (const fetch of [undici, client.fetch] as AnyFetch[]) {
    lab.received = []
    const ask = async (): Promise<Response> => fetch(`${lab.origin}${path}` as never, { ...init } as never)
    const caller = await soon(seen(ask(), lab.origin, read), 'it ends', 2_000)
    const server = lab.received.map(({ headers, ...rest }) => ({
      ...rest,
      headers: Object.entries(headers)
        .filter(([name]) => !byThemselves.includes(name))
        .sort(),
    }))
    outcomes.push({ caller, server })
  }
  return outcomes
}

const oneOf = (signs: string): fc.Arbitrary<string> => fc.constantFrom(...Array.from(signs))
const tokens = fc.string({ unit: oneOf('abcxyz-_.!~1'), minLength: 1, maxLength: 8 })
const name = fc.oneof(
  tokens.map((token) => `x-${token}`),
  fc.constantFrom('accept', 'Range', 'If-None-Match', 'cookie', 'content-type', 'Cache-Control', 'pragma'),
  fc.string({ maxLength: 3 }),
)
const value = fc.oneof(
  fc.string({ unit: oneOf('abc ,;="\t'), maxLength: 8 }),
  fc.string({ unit: fc.constantFrom('a', 'é', 'ž', '\r', '\n', '\0', ' '), maxLength: 4 }),
)
const path = fc.string({ unit: oneOf('/ab.?=&%#ž \\:@[|"'), maxLength: 12 }).map((text) => `/${text}`)
const method = fc.constantFrom('GET', 'POST', 'put', 'DELETE', 'PATCH', 'OPTIONS', 'X')
const body = fc.oneof(
  fc.constant(undefined),
  fc.string({ unit: 'binary', maxLength: 10 }),
  fc.uint8Array({ maxLength: 10 }),
)

test('requests: the server gets the same, or neither sends anything', async () => {
  lab.answer = (socket) => void socket.write(http(200, {}, 'hello'))
  const headers = fc.array(fc.tuple(name, value), { maxLength: 4 })
  await fc.assert(
    fc.asyncProperty(path, method, headers, body, async (where, how, pairs, what) => {
      const init = { method: how, headers: pairs, body: what }
      const [undici, ours] = await both(where, init, (response) => response.text())
      expect(ours).toEqual(undici)
    }),
    { numRuns: 150 },
  )
})

const answerName = fc.oneof(
  tokens.map((token) => `x-${token}`),
  fc.constantFrom('set-cookie', 'Vary', 'content-type', 'ETag', 'link', 'content-language'),
)
const answerValue = fc.string({ unit: oneOf('abc ,;="/é\xff'), maxLength: 10 }).map((text) => text.trim())
const status = fc.constantFrom(200, 201, 203, 206, 299, 300, 400, 404, 418, 500, 503, 599)
const parts = fc.array(fc.uint8Array({ minLength: 1, maxLength: 12 }), { maxLength: 4 })
const reads = fc.constantFrom<((response: Response) => Promise<unknown>)[]>(
  (response) => response.text(),
  (response) => response.json(),
  (response) => response.bytes(),
  async (response) => (await response.blob()).type,
  async (response) => [await response.clone().text(), await response.text()],
  async (response) => {
    const all: Uint8Array[] = []
    for await (const part of response.body ?? []) all.push(part)
    return Buffer.concat(all).toString('latin1')
  },
)

test('answers: the caller sees the same', async () => {
  const headers = fc.array(fc.tuple(answerName, answerValue), { maxLength: 5 })
  await fc.assert(
    fc.asyncProperty(
      status,
      headers,
      parts,
      fc.boolean(),
      reads,
      async (code, pairs, all, inChunks, read) => {
        const fields: Record<string, string[]> = {}
        for (const [key, one] of pairs) (fields[key] ??= []).push(one)
        const whole = Buffer.concat(all)
        if (whole.toString('hex').startsWith('efbbbfefbbbf')) return // see docs/fetch.md
        const bytes = inChunks
          ? chunked(code, fields, ...all.map((part) => Buffer.from(part)))
          : http(code, fields, whole)
        lab.answer = (socket) => void socket.write(bytes)
        const [undici, ours] = await both('/', {}, read)
        expect(ours).toEqual(undici)
      },
    ),
    { numRuns: 150 },
  )
})
