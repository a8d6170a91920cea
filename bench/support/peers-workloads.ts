/** What the clients are asked to do, and who of them. A table for each. */
import { peerNames, type PeerName } from './peers-roster.ts'

/** `text`: a GET; `json`: a POST and its answer parsed; `burst`: calls at once with nothing open. */
export type Kind = 'text' | 'json' | 'fetch' | 'stream' | 'burst'

export type Upstream = 'nginx' | 'nginx over TLS' | 'bare Node server' | 'Node over TLS and a wire'

export interface Workload {
  readonly name: string
  readonly title: string
  readonly kind: Kind
  readonly upstream: Upstream
  readonly path: string
  readonly callers: number
  readonly connections: number
  readonly arms: readonly PeerName[]
  /** The one of keepwarm whose losses are told. Default its client. */
  readonly own?: PeerName
}

/** A measured run of every client would take hours: here are those that differ in how they do it. */
const principal: readonly PeerName[] = [
  'undici.request on Pool',
  'undici Pool.dispatch',
  'keepwarm client',
  "Node's http, keep-alive",
  'got',
  'axios',
  'Go net/http',
  'Python httpx',
]
/** httpx looks through all its connections for each request: with hundreds of them one process takes a minute. */
const many: readonly PeerName[] = principal.filter((name) => name !== 'Python httpx')
/** The first has no `fetch`, and makes the same POST without one. */
const fetches: readonly PeerName[] = [
  'undici.request on Pool',
  'undici fetch',
  "Node's fetch",
  'keepwarm client.fetch',
  'ky',
  'ky on client.fetch',
]
/** Enough to see whether another server changes the order. */
const few: readonly PeerName[] = [
  'undici.request on Pool',
  'undici Pool.dispatch',
  'keepwarm client',
  "Node's http, keep-alive",
  'got',
]
const streams: readonly PeerName[] = [
  'undici.request on Pool',
  'undici fetch',
  'keepwarm client',
  'keepwarm client.fetch',
  "Node's http, keep-alive",
  'got',
  'axios',
  'Go net/http',
  'Python httpx',
]
const bursts: readonly PeerName[] = [
  'undici.request on Pool',
  'keepwarm client',
  'keepwarm client, warmed',
  "Node's http, keep-alive",
  'got',
  'axios',
  'Go net/http',
  'Python httpx',
]
const everyone = peerNames.filter((name) => name !== 'keepwarm client, warmed')

const plain = { kind: 'text', upstream: 'nginx', path: '/small', arms: principal } as const

export const workloads: readonly Workload[] = [
  { ...plain, name: 'one', title: 'One request in flight', callers: 1, connections: 1 },
  { ...plain, name: 'fifty', title: '50 in flight, everyone', callers: 50, connections: 50, arms: everyone },
  {
    ...plain,
    name: 'line',
    title: '500 callers over 100 connections',
    callers: 500,
    connections: 100,
    arms: many,
  },
  {
    ...plain,
    name: 'thousand',
    title: '1,000 connections in flight',
    callers: 1_000,
    connections: 1_000,
    arms: many,
  },
  { ...plain, name: 'body', title: 'Bodies of 64 KiB', path: '/large', callers: 50, connections: 50 },
  {
    ...plain,
    name: 'post',
    title: 'JSON posted and parsed',
    kind: 'json',
    path: '/json',
    callers: 50,
    connections: 50,
  },
  {
    ...plain,
    name: 'tls',
    title: '50 in flight over TLS',
    upstream: 'nginx over TLS',
    callers: 50,
    connections: 50,
  },
  {
    ...plain,
    name: 'fetch',
    title: 'A fetch as SDKs make it: POST, headers, a signal, JSON parsed',
    kind: 'fetch',
    path: '/json',
    callers: 50,
    connections: 50,
    arms: fetches,
    own: 'keepwarm client.fetch',
  },
  {
    ...plain,
    name: 'stream',
    title: '1 MiB read chunk by chunk',
    kind: 'stream',
    path: '/stream',
    callers: 10,
    connections: 10,
    arms: streams,
  },
  {
    ...plain,
    name: 'node',
    title: '50 in flight, a bare Node server',
    upstream: 'bare Node server',
    callers: 50,
    connections: 50,
    arms: few,
  },
  {
    name: 'burst',
    title: '20 at once with nothing open, TLS, 10 ms round trip',
    kind: 'burst',
    upstream: 'Node over TLS and a wire',
    path: '/api/embed',
    callers: 20,
    connections: 20,
    arms: bursts,
  },
]
