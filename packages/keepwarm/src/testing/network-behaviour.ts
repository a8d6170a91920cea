/** How a simulated server behaves. All times in milliseconds. */

/** How a connection comes about. */
export interface Dialing {
  /** From the server's side, on top of the way there and back. Default 0. */
  readonly takes?: number
  /** It is refused with this code: `ECONNREFUSED`, `ENOTFOUND`, `ECONNRESET` … */
  readonly fails?: string
  /** Nothing ever comes back. */
  readonly hangs?: boolean
}

/** How a connection ends from the server's side: in order, or by a reset. */
export type Closing = 'fin' | 'rst'

/**
 * What becomes of a request whose client has left: its worker is `freed` at once; it is `skipped` when its turn comes,
 * and finished when it had come before; or it is `finished` in any case, as by most servers.
 */
export type Abandoned = 'freed' | 'skipped' | 'finished'

/** What a server does with a request. */
export interface Answer {
  /** How long it works on it before the first byte; a function is asked when the work begins. Default 0. */
  readonly after?: number | (() => number)
  /** Default 200. */
  readonly status?: number
  /** In lower case. `keep-alive: timeout=5` and `connection: close` mean what they mean. */
  readonly headers?: Readonly<Record<string, string>>
  /** The body's parts. Default none. */
  readonly body?: readonly string[]
  /** How long the parts are apart. Default 0. */
  readonly every?: number
  /**
   * How it ends, when not with the whole answer: `never` answers (further), closes the connection, or resets it; over
   * HTTP/2 `rst` resets the stream alone. `refused` is not processed: over HTTP/2 the stream is refused, over HTTP/1.1 the
   * connection reset.
   */
  readonly ends?: 'whole' | 'never' | 'refused' | Closing
  /** How many parts of the body come before that; none of them: not even the status comes. Default 0. */
  readonly parts?: number
}

export interface ServerBehaviour {
  /** Default h1. An h2 server needs an https origin, as everywhere. */
  readonly protocol?: 'h1' | 'h2'
  /** One way. Default 1. */
  readonly latency?: number
  /** All dials, or each by its number from 1. */
  readonly dial?: Dialing | ((number: number) => Dialing)
  /** To all requests, or to each. Default an empty 200. */
  readonly answer?: Answer | ((request: ArrivedRequest) => Answer)
  /** Requests that it works on at once; others wait there until it comes to them. Default Infinity. */
  readonly workers?: number
  /** How many may wait there; whoever comes when they do is answered 503 at once. Default Infinity. */
  readonly queue?: number
  /** Requests whose client has left. Default freed. */
  readonly abandoned?: Abandoned
  /** How long it keeps a connection on which nothing runs. Default Infinity. */
  readonly idleTimeout?: number
  /** How it closes those. Default fin. */
  readonly closes?: Closing
  /** h2: streams that a session may have; can change, and be 0. Default 100. */
  readonly maxStreams?: number
}

/** A request as the server saw it. */
export interface ArrivedRequest {
  /** Counted per server, from 1. */
  readonly number: number
  readonly method: string
  readonly path: string
  /** In lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** The connection's number, counted per server from 1. */
  readonly connection: number
  /** When it arrived, on the runtime's clock. */
  readonly at: number
  /** False when the server said that it did not look at it. */
  readonly processed: boolean
}

export const behaviourDefaults: Required<ServerBehaviour> = {
  protocol: 'h1',
  latency: 1,
  dial: {},
  answer: {},
  workers: Infinity,
  queue: Infinity,
  abandoned: 'freed',
  idleTimeout: Infinity,
  closes: 'fin',
  maxStreams: 100,
}

export const behaviourNames: ReadonlySet<string> = new Set(Object.keys(behaviourDefaults))
