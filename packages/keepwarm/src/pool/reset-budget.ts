/**
 * How much may be aborted on one HTTP/2 session. A session that takes no new requests from before then on harms nobody.
 *
 * *Streams.* Each abort resets a stream, and what the server had sent by then arrives for a stream that is no more. Both
 * sides take too much of that for an attack and end the session, with all that runs on it: servers after some hundreds of
 * resets (nghttp2 and Node allow 1,000 and 33 a second, Envoy 250 among the first 500 requests), the client's own nghttp2
 * after 10,000 late frames and 330 a second.
 *
 * *Bytes.* What was queued of an aborted upload and had not been sent counts for ever against the memory that Node allows a
 * session, 10 MB; when that is used up, every answer on the session is refused. (Node may name some of them twice.)
 */
const AT_ONCE = 200
const PER_SECOND = 10
const BYTES = 4_000_000

export class ResetBudget {
  private left = AT_ONCE
  private bytes = BYTES
  private since: number

  constructor(now: number) {
    this.since = now
  }

  /** One more is reset, of which so many bytes were still to be sent. False when the session has had too much. */
  spend(now: number, unsent = 0): boolean {
    this.left = Math.min(AT_ONCE, this.left + ((now - this.since) / 1_000) * PER_SECOND) - 1
    this.bytes -= unsent
    this.since = now
    return this.left >= 0 && this.bytes >= 0
  }
}
