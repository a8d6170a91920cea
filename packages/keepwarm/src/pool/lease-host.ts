/** Those that a lease has to do with. */
import type { LeakWatch } from './leak-watch.ts'
import type { Lease } from './lease.ts'
import type { Limiting } from './limiting.ts'

/** What the pool does for a lease. */
export interface LeaseHost {
  /** The caller left the line. */
  left(lease: Lease): void
  /** The request is over on its connection. */
  released(lease: Lease): void
  /** Its connection died before a byte was written: it goes back to the front of the line. */
  again(lease: Lease): void
  /** The server had closed its connection: it goes again on one that never served, at the front of the line. */
  race(lease: Lease): void
  /** The server said how long it keeps the connection, in ms. */
  hinted(lease: Lease, keepAlive: number): void
  /** It goes out on an HTTP/2 session. */
  wired(lease: Lease): void
  /** The server refused its stream; undici keeps it until the session has room, and sends it again. */
  refused(lease: Lease): void
  /** It was given up before any answer. */
  unanswered(lease: Lease): void
  /** Hears when the reader of a response pauses, and goes on. */
  readonly leaks: LeakWatch
  /** Hears how requests of lanes end whose limit adapts. */
  readonly limiting: Limiting
}

/** An HTTP/2 session that has a request, and may not be allowed to write it. */
export interface HoldingSession {
  /** The request was given up before it was written, or must not be written again. */
  givenUp(lease: Lease): void
  /** It takes no streams any more. */
  readonly isGone?: boolean
}
