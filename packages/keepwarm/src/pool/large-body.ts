/**
 * Node counts what an HTTP/2 stream has queued against the memory that it allows a session (10 MB); beyond that it refuses
 * every answer on the session, whoever it is for. A large body that is written in one piece is queued whole. So it is given
 * to undici as a Blob of small parts, which undici writes as the server takes them, with the same length, and can send again
 * as well.
 */
import type { DispatchOptions } from './dispatch-options.ts'

/** Larger bodies are written in parts, of so many bytes. */
const ONE_PIECE = 262_144
const PART = 65_536

/** The options, of which a large body is queued in parts. */
export function inParts(options: DispatchOptions): DispatchOptions {
  const bytes = bytesOf(options.body)
  if (bytes === undefined || bytes.length <= ONE_PIECE) return options
  const parts: Uint8Array<ArrayBuffer>[] = []
  for (let at = 0; at < bytes.length; at += PART) parts.push(bytes.subarray(at, at + PART))
  return { ...options, body: new Blob(parts) as unknown as NonNullable<DispatchOptions['body']> }
}

/** A short text is left as it is. */
function bytesOf(body: unknown): Uint8Array<ArrayBuffer> | undefined {
  if (typeof body === 'string') return body.length > ONE_PIECE / 3 ? Buffer.from(body) : undefined
  if (body instanceof ArrayBuffer) return new Uint8Array(body)
  return body instanceof Uint8Array ? (body as Uint8Array<ArrayBuffer>) : undefined
}
