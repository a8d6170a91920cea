/** Who is measured: for each client the file in bench/peers/ that holds it, and why it costs less where it does. */

interface Row {
  readonly file: string
  /** Why it costs less than keepwarm's client, wherever it does. */
  readonly cheaper: string
}

const bare = 'no deadline, retry, breaker or figures'
const agents = "Node's own parser hands over a stream without a dispatcher in between"

export const roster = {
  'undici.request on Pool': {
    file: 'undici.ts',
    cheaper: `${bare}; dials at once, whoever else dials, and has no line to keep`,
  },
  'undici.request on Pool, aged process': { file: 'undici.ts', cheaper: bare },
  'undici.request on Agent': { file: 'undici.ts', cheaper: bare },
  'undici.request on RetryAgent': { file: 'undici.ts', cheaper: 'no deadline, breaker or figures' },
  'undici Pool.dispatch': {
    file: 'undici.ts',
    cheaper: `${bare}, and no promise but one: the engine alone, which keepwarm drives, too`,
  },
  'undici fetch': { file: 'undici.ts', cheaper: bare },
  'keepwarm client': { file: 'keepwarm.ts', cheaper: '' },
  'keepwarm client, warmed': {
    file: 'keepwarm.ts',
    cheaper: 'its connections are open before the load comes',
  },
  'keepwarm client.fetch': { file: 'keepwarm.ts', cheaper: 'the body goes to the reader as it arrives' },
  'keepwarm pool.dispatch': {
    file: 'keepwarm.ts',
    cheaper: 'the pool alone: no deadline of its own, retry, breaker or figures of calls',
  },
  'undici.request on keepwarm pool': {
    file: 'keepwarm.ts',
    cheaper: 'the pool alone: no retry, breaker or figures of calls',
  },
  "Node's fetch": { file: 'node.ts', cheaper: bare },
  "Node's http, keep-alive": { file: 'node.ts', cheaper: `${bare}; ${agents}` },
  "Node's http, a connection each": {
    file: 'node.ts',
    cheaper: `${bare}; what a connection costs is the server's and the kernel's`,
  },
  agentkeepalive: { file: 'agentkeepalive.ts', cheaper: `${bare}; ${agents}` },
  got: { file: 'got.ts', cheaper: `retries were off; ${agents}` },
  axios: { file: 'axios.ts', cheaper: `${bare}; ${agents}` },
  'axios on client.fetch': { file: 'axios.ts', cheaper: 'it is the same client underneath' },
  ky: { file: 'ky.ts', cheaper: 'retries were off' },
  'ky on client.fetch': { file: 'ky.ts', cheaper: 'it is the same client underneath' },
  ofetch: { file: 'ofetch.ts', cheaper: 'retries were off' },
  'ofetch on client.fetch': { file: 'ofetch.ts', cheaper: 'it is the same client underneath' },
  needle: { file: 'needle.ts', cheaper: `${bare}; ${agents}` },
  superagent: { file: 'superagent.ts', cheaper: `${bare}; ${agents}` },
  'cockatiel around undici.request': { file: 'cockatiel.ts', cheaper: 'no queue, figures or hedges' },
  'opossum around undici.request': {
    file: 'opossum.ts',
    cheaper: 'no retry, queue or deadline for the body',
  },
  'Go net/http': {
    file: 'go/main.go',
    cheaper: 'compiled, with goroutines that the runtime switches; no retry, breaker or figures',
  },
  'Python httpx': { file: 'httpx/main.py', cheaper: bare },
} as const satisfies Record<string, Row>

export type PeerName = keyof typeof roster

export const peerNames = Object.keys(roster) as PeerName[]

/** What all others are compared with. */
export const reference = 'undici.request on Pool' satisfies PeerName

/** The one whose losses are told. */
export const own = 'keepwarm client' satisfies PeerName

export function isOwn(name: PeerName): boolean {
  return roster[name].file === 'keepwarm.ts' || name.endsWith('on client.fetch')
}
