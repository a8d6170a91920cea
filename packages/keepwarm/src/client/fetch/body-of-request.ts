/**
 * The body of a `Request`. It is a stream, even if the request was made from a string, and does not say how long it is.
 * What comes without waiting is taken as a whole, so that it has a length and can be sent again, as it had before the
 * request was made. The rest is sent as it comes.
 */
import { Readable } from 'node:stream'
import type { Runtime } from '../../runtime.ts'
import type { FetchBody } from './fetch-body.ts'

/** Larger bodies are not held. */
const MOST_HELD = 1_048_576
/** How long the next part may take, in ms: a Blob is read in a few turns. */
const AT_ONCE = 25

type Part = { readonly done: boolean; readonly value?: Uint8Array | undefined }

interface Reader {
  read(): Promise<Part>
  cancel(): Promise<void>
}

export async function requestBody(body: unknown, runtime: Runtime): Promise<FetchBody> {
  if (!(typeof body === 'object' && body !== null && 'getReader' in body))
    return { once: Readable.from(body as AsyncIterable<Uint8Array>) }
  const reader = (body as { getReader(): Reader }).getReader()
  const parts: Uint8Array[] = []
  for (let held = 0; ;) {
    const coming = reader.read()
    const part = held > MOST_HELD ? undefined : await soon(coming, runtime)
    if (part === undefined) {
      const rest = Readable.from(partsOf(parts, coming, reader))
      return { once: rest.once('close', () => void reader.cancel().catch(() => {})) }
    }
    if (part.done) return { whole: parts.length === 1 ? parts[0]! : Buffer.concat(parts) }
    parts.push(part.value!)
    held += part.value!.byteLength
  }
}

async function soon(coming: Promise<Part>, runtime: Runtime): Promise<Part | undefined> {
  const { promise: late, resolve } = Promise.withResolvers<undefined>()
  const timer = runtime.after(AT_ONCE, () => resolve(undefined))
  try {
    return await Promise.race([coming, late])
  } finally {
    timer.cancel()
  }
}

/** What has come, and the rest. */
async function* partsOf(
  parts: readonly Uint8Array[],
  coming: Promise<Part>,
  reader: Reader,
): AsyncGenerator<Uint8Array> {
  yield* parts
  for (let part = await coming; !part.done; part = await reader.read()) yield part.value!
}
