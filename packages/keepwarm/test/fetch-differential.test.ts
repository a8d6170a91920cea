/**
 * The same requests and answers through undici's own fetch and through `client.fetch`: the server gets the same, and the
 * caller sees the same, except for what {@link headerDifferences} and {@link differences} say. docs/fetch.md tells why.
 */
import { readFileSync } from 'node:fs'
import {
  Agent,
  fetch as undiciFetch,
  FormData as UndiciFormData,
  Headers as UndiciHeaders,
  Request as UndiciRequest,
} from 'undici'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { HttpClient } from '../src/client/http-client.ts'
import type { Case, Kind } from './support/fetch-case.ts'
import { cases } from './support/fetch-cases.ts'
import { Lab, seen, type AnyFetch, type Received } from './support/fetch-lab.ts'

/** Of every request: what each of the two sends by itself. */
const headerDifferences: Readonly<Record<string, { undici: string | RegExp; ours: string | undefined }>> = {
  'accept-language': { undici: '*', ours: undefined },
  'sec-fetch-mode': { undici: /^(cors|no-cors|same-origin)$/, ours: undefined },
  'user-agent': { undici: 'undici', ours: 'keepwarm' },
  'accept-encoding': { undici: 'gzip, deflate', ours: 'gzip, deflate, br, zstd' },
  /** After HEAD. */
  connection: { undici: 'close', ours: 'keep-alive' },
}

/** Where a case ends in another way, and why. */
const differences = {
  '407': 'there is nobody to ask for a password, and the answer says more than an error',
  '421': 'it is not sent again by itself: the same connection would be chosen',
  'cut off while packed': 'the beginning of a broken compressed body is not taken for the whole',
  'more than three codings': 'nobody packs a body more often, and each layer multiplies what it can become',
  'decompression limits': 'a small body that becomes a huge one is refused',
  'options that are no object': 'the standard refuses them',
  'white space behind a value': 'it is no part of it',
  'two byte order marks': 'the standard takes one away',
  'a reason of null': 'it is what the caller gave, and the standard hands it on',
} as const satisfies Record<string, string>
export type Difference = keyof typeof differences

let lab: Lab
let agent: Agent
let client: HttpClient
const met = new Set<string>()

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

const kinds: Readonly<Record<'undici' | 'ours', Kind>> = {
  undici: { Request: UndiciRequest, Headers: UndiciHeaders, FormData: UndiciFormData } as unknown as Kind,
  ours: { Request, Headers, FormData },
}

async function outcome(
  which: 'undici' | 'ours',
  one: Case,
): Promise<{ caller: unknown; server: readonly unknown[] }> {
  lab.received = []
  lab.answer = one.answer
  const fetch =
    which === 'ours'
      ? client.fetch
      : (input: never, init?: object) => undiciFetch(input, { dispatcher: agent, ...init })
  const asked = (async () => one.ask(fetch as AnyFetch, lab.origin, kinds[which]))()
  const caller = await seen(asked, lab.origin, one.take)
  return { caller, server: lab.received.map((request) => received(request, one)) }
}

function received({ method, path, headers, body }: Received, { length }: Case): unknown {
  const { host: _, ...rest }: Record<string, string> = headers
  if (length === 'perhaps') {
    delete rest['content-length']
    delete rest['transfer-encoding']
  }
  const boundary = /^--(-{4}\S+?)(--)?\r\n/.exec(body)?.[1]
  if (boundary === undefined) return { method, path, headers: rest, body }
  const fits = rest['content-length'] === String(body.length)
  return {
    ...{ method, path },
    headers: {
      ...rest,
      'content-type': rest['content-type']!.replace(boundary, 'BOUNDARY'),
      'content-length': fits ? 'fits' : rest['content-length'],
    },
    body: body.replaceAll(boundary, 'BOUNDARY'),
  }
}

/** What the server should get of ours, from what it got of undici's. */
function expected(request: unknown, one: Case): unknown {
  const { headers, ...rest } = request as { headers: Record<string, string>; method: string }
  const own = { ...headers }
  for (const [name, { undici, ours }] of Object.entries(headerDifferences)) {
    if (own[name] === undefined || !isValue(undici, own[name])) continue
    if (name === 'connection' && rest.method !== 'HEAD') continue
    if (name === 'accept-encoding' && one.rare === true) continue // the platform says what it can
    met.add(name)
    if (ours === undefined) delete own[name]
    else own[name] = ours
  }
  return { ...rest, headers: own }
}

function isValue(known: string | RegExp, value: string): boolean {
  return typeof known === 'string' ? known === value : known.test(value)
}

describe.each(Object.entries(cases))('%s', (_, all) => {
  test.each(all.map((one) => [one.name, one] as const))('%s', async (__, one) => {
    const undici = await outcome('undici', one)
    const ours = await outcome('ours', one)
    const wanted = { caller: undici.caller, server: undici.server.map((request) => expected(request, one)) }
    if (one.differs === undefined) return expect(ours).toEqual(wanted)
    met.add(one.differs)
    expect(ours, 'it does not differ any more').not.toEqual(wanted)
    expect(ours).toMatchObject(one.ours!)
  })
})

test('every difference is met by a case, and told on the page', () => {
  const page = readFileSync(new URL('../../../docs/fetch.md', import.meta.url), 'utf8')
  for (const name of [...Object.keys(headerDifferences), ...Object.keys(differences)]) {
    expect([...met], name).toContain(name)
    expect(page.toLowerCase(), name).toContain(name)
  }
})
