/** The faults of the HTTP/2 servers. */
import { constants, type Http2Session, type ServerHttp2Stream } from 'node:http2'
import type { Socket } from 'node:net'
import { firstHalf, soon, trickle } from './chaos-h1-faults.ts'
import { answerTo, type Fault } from './chaos-plan.ts'

export interface StreamVictim {
  readonly id: number
  readonly stream: ServerHttp2Stream
  /** The TCP socket of the session. */
  readonly raw: Socket | undefined
}

type Doing = (victim: StreamVictim) => void

const { NGHTTP2_NO_ERROR, NGHTTP2_INTERNAL_ERROR, NGHTTP2_REFUSED_STREAM, NGHTTP2_ENHANCE_YOUR_CALM } =
  constants

export const h2Faults: Readonly<Partial<Record<Fault, Doing>>> = {
  truncated: (victim) => {
    half(victim, true)
    soon(() => victim.stream.end())
  },
  stall: () => {},
  stall_in_body: (victim) => half(victim),
  slow: ({ id, stream }) => {
    stream.respond({ ':status': 200, 'x-id': id })
    trickle(id, {
      write: (part) => stream.writable && stream.write(part),
      end: () => stream.writable && stream.end(),
    })
  },
  informational: ({ id, stream }) => {
    stream.additionalHeaders({ ':status': 103 })
    answerStream(id, stream)
  },
  unavailable: ({ id, stream }) => {
    const wait = id % 3 === 0 ? {} : { 'retry-after': id % 3 === 1 ? '0' : '1' }
    stream.respond({ ':status': 503, 'x-id': id, ...wait })
    stream.end('not now')
  },
  rst_stream: ({ stream }) => stream.close(NGHTTP2_INTERNAL_ERROR),
  rst_in_body: (victim) => {
    half(victim)
    soon(() => victim.stream.destroy(new Error('cut'))) // close() would end the body first, properly
  },
  refused_stream: ({ stream }) => stream.close(NGHTTP2_REFUSED_STREAM),
  goaway: ({ id, stream }) => {
    const { session } = stream
    promise(session, NGHTTP2_NO_ERROR)
    soon(() => {
      answerStream(id, stream)
      session?.close()
    })
  },
  goaway_at_once: ({ stream }) => {
    const { session } = stream
    promise(session, NGHTTP2_ENHANCE_YOUR_CALM)
    soon(() => session?.destroy())
  },
  session_reset: ({ raw }) => raw?.resetAndDestroy(),
}

export function answerStream(id: number, stream: ServerHttp2Stream): void {
  if (stream.destroyed || stream.closed) return
  stream.respond({ ':status': 200, 'x-id': id })
  stream.end(answerTo(id))
}

function half({ id, stream }: StreamVictim, announced: boolean = false): void {
  const length = announced ? { 'content-length': answerTo(id).length } : {}
  stream.respond({ ':status': 200, 'x-id': id, ...length })
  stream.write(firstHalf(id))
}

/** The last stream of each session that was taken on, and the last that a GOAWAY has promised to take on. */
const lastTaken = new WeakMap<Http2Session, number>()
const promised = new WeakMap<Http2Session, number>()

function promise(session: Http2Session | undefined, code: number): void {
  if (session === undefined || session.destroyed || promised.has(session)) return
  const last = lastTaken.get(session) ?? 0
  promised.set(session, last)
  session.goaway(code, last)
}

/**
 * Whether a new stream may be processed. Node's server hands out streams that arrived after its GOAWAY was written and
 * before it was sent, although the GOAWAY tells the client that they were not processed and may be sent again.
 */
export function takeOn({ id = 0, session }: ServerHttp2Stream): boolean {
  if (session === undefined || id > (promised.get(session) ?? Infinity)) return false
  lastTaken.set(session, Math.max(id, lastTaken.get(session) ?? 0))
  return true
}
