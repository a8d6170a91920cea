/** What goes wrong in the chaos, and where. Both sides know it: the client asks for it, the servers do it. */

/** The servers. */
export const places = [
  'http',
  'https',
  'h2',
  'h2_few_streams',
  'restarting',
  'refused',
  'expired',
  'other_name',
  'silent',
  'not_tls',
] as const
export type Place = (typeof places)[number]
export type Origins = Readonly<Record<Place, string>>

const h1: readonly Place[] = ['http', 'https']
const h2: readonly Place[] = ['h2', 'h2_few_streams']
const all: readonly Place[] = [...h1, ...h2]

interface FaultRow {
  readonly title: string
  readonly at: readonly Place[]
}

/** Each request names its fault. The servers do it to a part of those that arrive, so that a retry can succeed. */
export const faults = {
  none: { title: 'no fault', at: all },
  reset_before: { title: 'reset before the headers', at: h1 },
  fin_before: { title: 'closed before the headers', at: h1 },
  reset_in_headers: { title: 'reset within the headers', at: h1 },
  reset_in_body: { title: 'reset within the body', at: h1 },
  truncated: { title: 'body shorter than announced', at: all },
  truncated_chunks: { title: 'chunks without an end', at: h1 },
  stall: { title: 'no answer', at: all },
  stall_in_body: { title: 'half a body, then silence', at: all },
  slow: { title: 'a few bytes at a time', at: all },
  garbage: { title: 'garbage instead of HTTP', at: h1 },
  unsolicited: { title: 'two answers to one request', at: h1 },
  connection_close: { title: 'Connection: close', at: h1 },
  until_close: { title: 'a body that ends with the connection', at: h1 },
  informational: { title: '103 before the answer', at: all },
  unavailable: { title: '503, with and without Retry-After', at: all },
  rst_stream: { title: 'RST_STREAM before the headers', at: h2 },
  rst_in_body: { title: 'RST_STREAM within the body', at: h2 },
  refused_stream: { title: 'RST_STREAM: REFUSED_STREAM', at: h2 },
  goaway: { title: 'GOAWAY, then the answer', at: h2 },
  goaway_at_once: { title: 'GOAWAY, and the session is cut', at: h2 },
  session_reset: { title: 'the socket of a session is reset', at: h2 },
  restart: { title: 'a server that restarts', at: ['restarting'] },
  refused_port: { title: 'a port where nobody listens', at: ['refused'] },
  expired_certificate: { title: 'an expired certificate', at: ['expired'] },
  other_name: { title: "a certificate in another's name", at: ['other_name'] },
  silent_port: { title: 'a TLS handshake without an answer', at: ['silent'] },
  not_tls: { title: 'a port that speaks no TLS', at: ['not_tls'] },
} as const satisfies Readonly<Record<string, FaultRow>>

export type Fault = keyof typeof faults
export const faultNames = Object.keys(faults) as Fault[]

/** Faults after which the caller cannot have an answer, whatever it does. */
export const hopeless: ReadonlySet<Fault> = new Set([
  'refused_port',
  'expired_certificate',
  'other_name',
  'silent_port',
  'not_tls',
])

/** A request's path: its fault and its number, which the answer must carry in its header `x-id` and in its body. */
export function pathOf(fault: Fault, id: number): string {
  return `/${fault}/${id}`
}

export function readPath(path: string): { fault: Fault; id: number } {
  const [, fault = '', id = ''] = path.split('/')
  if (!(fault in faults)) throw new Error(`no fault is called ${JSON.stringify(fault)}`)
  return { fault: fault as Fault, id: Number(id) }
}

/** The body that answers a request: up to 4 kB, now and then 200 kB. */
export function answerTo(id: number): string {
  return `${id}:${'warm '.repeat(id % 97 === 0 ? 40_000 : id % 800)}:${id}`
}

/** The body of a POST: what it carries must not be mixed up either. */
export function uploadOf(id: number): string {
  return `${id}|${'up '.repeat(id % 89 === 0 ? 50_000 : id % 300)}|${id}`
}
