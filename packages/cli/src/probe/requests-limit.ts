/** How many requests a server answers on one connection, counted. */
import { Lost, type Wire } from './wire.ts'
import type { Wires } from './wires.ts'

export interface RequestsLimit {
  /** Requests that were answered on one connection. */
  readonly answered: number
  /** Whether the server ended it there, so that this is its limit. */
  readonly reached: boolean
  /** How it said so: by a header, by GOAWAY, or by ending the connection without a word. */
  readonly by: 'connection: close' | 'goaway' | 'fin' | 'rst' | undefined
  /** What a second connection had answered, where a limit was found. */
  readonly again: number | undefined
}

export async function measureRequests(wires: Wires, stopped: AbortSignal): Promise<RequestsLimit> {
  const first = await count(wires, stopped)
  if (!first.reached) return { ...first, again: undefined }
  return { ...first, again: (await count(wires, stopped)).answered }
}

async function count(wires: Wires, stopped: AbortSignal): Promise<Omit<RequestsLimit, 'again'>> {
  const { method, maxRequests } = wires.plan
  using wire = (await wires.dial()).wire
  let answered = 0
  while (answered < maxRequests && !stopped.aborted) {
    try {
      const { headers } = await wire.send(method)
      answered++
      if (/\bclose\b/i.test(String(headers['connection'])))
        return { answered, reached: true, by: 'connection: close' }
    } catch (error) {
      if (stopped.aborted) break
      if (!(error instanceof Lost)) throw error
      return { answered, reached: answered > 0, by: wire.ending?.by ?? 'rst' }
    }
  }
  return await endingAfter(wire, answered)
}

/** A server may end it after the last answer; an end of our own is none. */
async function endingAfter(wire: Wire, answered: number): Promise<Omit<RequestsLimit, 'again'>> {
  await Promise.race([wire.ended, new Promise((resolve) => setTimeout(resolve, 50))])
  return { answered, reached: wire.ending !== undefined, by: wire.ending?.by }
}
