/** What a client is asked to do where it is measured beside its peers. One that lacks a method has no row in that table. */

/** What every client is told, in its own words. */
export interface PeerSettings {
  readonly origin: string
  /** At most so many, and as many idle ones are kept. */
  readonly connections: number
  /** Callers at once; more than connections means that some of them wait. */
  readonly callers: number
}

export interface PeerClient {
  /** The body of a GET, as text. */
  text(path: string): Promise<string>
  /** POSTs a value as JSON, and gives the answer parsed. */
  json?(path: string, value: object): Promise<unknown>
  /** The platform's `fetch`, or what calls itself so. */
  readonly fetch?: PeerFetch
  /** The body of a GET, chunk by chunk. */
  stream?(path: string): Promise<AsyncIterable<Uint8Array>>
  /** What comes before everything else, and does not count; gives how many requests it made. */
  prepare?(path: string): Promise<number>
  /** Opens connections before anybody asks for them. */
  warm?(connections: number): Promise<unknown>
  close(): unknown
}

export type PeerFetch = (
  url: string,
  init: { method: string; headers: Record<string, string>; body: string; signal: AbortSignal },
) => Promise<{ json(): Promise<unknown> }>

export type OpenPeer = (settings: PeerSettings) => PeerClient
