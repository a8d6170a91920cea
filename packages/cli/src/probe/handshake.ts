/** What it costs to begin: the name, TCP, TLS, and the first byte of an answer. */
import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { median } from '../measuring/statistics.ts'
import type { Certificate } from './certificate.ts'
import type { DialFacts } from './dial.ts'
import type { Reply } from './wire.ts'
import type { Wires } from './wires.ts'

export interface Addresses {
  readonly all: readonly string[]
  /** How long the name took, in ms; undefined for an address. */
  readonly dns: number | undefined
}

/** Medians in ms. */
export interface Handshake {
  readonly tcp: number
  /** undefined without TLS. */
  readonly tls: number | undefined
  /** TLS taken up again; undefined where the server did not. */
  readonly resumed: number | undefined
  /** From the request to the head of its answer: the first on a connection, and the next one on it. */
  readonly firstByte: { readonly cold: number; readonly warm: number | undefined }
}

export interface Beginning {
  readonly handshake: Handshake
  readonly protocol: 'h2' | 'http/1.1'
  readonly certificate: Certificate | undefined
  readonly reply: Reply
  /** Of a session, where HTTP/2 is spoken and the server names a bound. */
  readonly maxStreams: number | undefined
  readonly methods: Readonly<Record<string, number | string>>
}

/** How many dials of each kind. */
const DIALS = 3

export async function addressesOf({ hostname }: URL): Promise<Addresses> {
  const name = hostname.replace(/^\[|\]$/g, '')
  if (isIP(name) !== 0) return { all: [name], dns: undefined }
  const began = performance.now()
  const found = await lookup(name, { all: true })
  return { all: found.map(({ address }) => address), dns: performance.now() - began }
}

export async function measureBeginning(wires: Wires): Promise<Beginning> {
  const { plan } = wires
  const first = await wires.dial()
  using wire = first.wire
  const reply = await wire.send(plan.method)
  const maxStreams = wire.maxStreams
  const methods = await answersTo(wires, ['HEAD', 'OPTIONS'])
  // The very first connection paid for what this process did for the first time.
  const samples = await sample(wires, undefined)
  const session = first.session()
  const resumed = session === undefined ? [] : (await sample(wires, session)).filter((one) => one.resumed)
  return {
    handshake: {
      tcp: middle(samples.map(({ tcp }) => tcp)) ?? NaN,
      tls: middle(samples.map(({ tls }) => tls)),
      resumed: middle(resumed.map(({ tls }) => tls)),
      firstByte: {
        cold: middle(samples.map(({ cold }) => cold)) ?? NaN,
        warm: middle(samples.map(({ warm }) => warm)),
      },
    },
    protocol: first.protocol,
    certificate: first.certificate,
    reply,
    maxStreams,
    methods: { [plan.method]: reply.status, ...methods },
  }
}

interface Sample extends DialFacts {
  readonly cold: number
  readonly warm: number | undefined
}

/** Dials some, and sends two requests on each: the second one fails where the server keeps none. */
async function sample(wires: Wires, session: Buffer | undefined): Promise<Sample[]> {
  const samples: Sample[] = []
  for (let i = 0; i < DIALS; i++) {
    const { wire, facts } = await wires.dial(session)
    const { firstByte: cold } = await wire.send(wires.plan.method)
    const again = await wire.send(wires.plan.method).catch(() => undefined)
    wire[Symbol.dispose]()
    samples.push({ ...facts, cold, warm: again?.firstByte })
  }
  return samples
}

/** Each on a connection of its own: a server may end it for what it does not know. */
async function answersTo(wires: Wires, methods: readonly string[]): Promise<Record<string, number | string>> {
  const answers: Record<string, number | string> = {}
  for (const method of methods) {
    const { wire } = await wires.dial()
    answers[method] = await wire.send(method).then(
      ({ status }) => status,
      () => 'no answer',
    )
    wire[Symbol.dispose]()
  }
  return answers
}

function middle(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined)
  return known.length === 0 ? undefined : median(known)
}
