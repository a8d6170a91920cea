/** A server that answers with what it got. */
import type { IncomingHttpHeaders } from 'node:http'
import { startH2, startHttp, type TestServer } from './servers.ts'

export interface Got {
  readonly headers: IncomingHttpHeaders
  /** A character for each byte. */
  readonly body: string
}

/** The first `refusals` are refused with 503. A request that ends before its end is not answered. */
export function startEcho(protocol: 'HTTP/1.1' | 'HTTP/2', refusals: number = 0): Promise<TestServer> {
  if (protocol === 'HTTP/1.1') {
    return startHttp(async (request, response) => {
      const body = await received(request)
      if (body === undefined) return
      response.statusCode = refusals-- > 0 ? 503 : 200
      response.end(JSON.stringify({ headers: request.headers, body }))
    })
  }
  return startH2(async (stream, headers) => {
    const body = await received(stream)
    if (body === undefined || stream.destroyed) return
    stream.respond({ ':status': refusals-- > 0 ? 503 : 200 })
    stream.end(JSON.stringify({ headers, body }))
  })
}

async function received(source: AsyncIterable<unknown>): Promise<string | undefined> {
  const parts: Buffer[] = []
  try {
    for await (const part of source) parts.push(part as Buffer)
  } catch {
    return undefined
  }
  return Buffer.concat(parts).toString('latin1')
}
