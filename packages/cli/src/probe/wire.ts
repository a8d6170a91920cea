/** A connection as the probe sees it, whichever protocol it speaks. */

/** How a connection ended, as seen from here. */
export type EndKind = 'fin' | 'rst' | 'goaway'

export interface Ending {
  readonly by: EndKind
  /** A moment of `performance.now()`. */
  readonly at: number
  /** Bytes that came unasked before, such as a 408. */
  readonly unasked: number
}

export interface Reply {
  readonly status: number
  readonly version: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  /** From the request until the head of its answer came, in ms. */
  readonly firstByte: number
}

/** A request got no answer, because its connection ended. */
export class Lost extends Error {
  override readonly name = 'Lost'
}

export interface Wire extends Disposable {
  /** Sends a request without a body and reads the whole answer. Rejects with {@link Lost}, or when it takes too long. */
  send(method: string): Promise<Reply>
  /** How the other side ended it; undefined while it is open, and where we did. */
  readonly ending: Ending | undefined
  /** Resolves when it has ended, by whomever. */
  readonly ended: Promise<void>
  /** When the last answer was complete, a moment of `performance.now()`. */
  readonly restsSince: number
  /** What an HTTP/2 server allows. */
  readonly maxStreams?: number | undefined
}
