/** Reads the body of an admin request: a small JSON object, or a refusal that says what is wrong with it. */
import type { IncomingMessage } from 'node:http'

const MOST_BYTES = 16 * 1_024

/** What is wrong with a request, and what its sender is told. */
export class Refused extends Error {
  override readonly name = 'Refused'
  readonly status: number
  readonly title: string

  constructor(status: number, title: string, detail: string) {
    super(detail)
    this.status = status
    this.title = title
  }
}

/** Rejects with {@link Refused}. A framework may have read it before: then it stands in `request.body`. */
export async function readBody(request: IncomingMessage): Promise<Readonly<Record<string, unknown>>> {
  if (!/^application\/json\s*(;|$)/i.test(request.headers['content-type'] ?? '')) {
    throw new Refused(415, 'Unsupported Media Type', 'Send content-type: application/json')
  }
  const { body } = request as { body?: unknown }
  const value = typeof body === 'object' && body !== null ? body : parse(await collect(request))
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value }
  throw new Refused(400, 'Bad Request', 'The body is no JSON object.')
}

async function collect(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > MOST_BYTES)
      throw new Refused(413, 'Content Too Large', `The body has more than ${MOST_BYTES} bytes.`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new Refused(400, 'Bad Request', 'The body is no JSON.')
  }
}
