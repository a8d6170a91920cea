/** How many documents the upstreams would take now: whoever claims more only fills lines, where work grows old. */
import type { HttpClient } from 'keepwarm'
import { roomIn } from '../clients/endpoint-groups.ts'
import type { ServiceClients } from '../clients/index.ts'

/** One upstream as the worker sees it. */
export interface Upstream {
  readonly client: HttpClient
  readonly group: string
  /** Without it no document is indexed: while its breaker is open, nothing is begun that could only fail. */
  readonly required: boolean
  /**
   * How many more than it may be asked at once may wait for it, as a part of those. Where a call waits as long as it may
   * take, a short line is worth it: an upstream that ends many at once would stand idle until the next are claimed, cut
   * and sent.
   */
  readonly ahead: number
}

/** Half: with less, several that end at once leave a gap; with more, work only grows old. */
const AHEAD = 0.5

export function upstreamsOf(clients: ServiceClients): Upstream[] {
  const { extractor, langextract, freshness } = clients
  return [
    { client: extractor.http, group: 'embed', required: true, ahead: AHEAD },
    { client: extractor.http, group: 'generate', required: false, ahead: AHEAD },
    { client: langextract.http, group: 'analyze', required: false, ahead: 0 },
    { client: freshness.http, group: 'execute', required: false, ahead: 0 },
  ]
}

/** The least that any of them would take; Infinity while nothing is known of them. */
export function roomFor(upstreams: readonly Upstream[]): number {
  return Math.min(...upstreams.map(roomAt))
}

function roomAt({ client, group, required, ahead }: Upstream): number {
  const room = roomIn(client.pool, group, ahead)
  if (!required) return room
  const states = Object.entries(client.breakers.snapshot())
    .filter(([key]) => key.endsWith(` ${group}`))
    .map(([, { state, retryAfter }]) => {
      if (state === 'open') return (retryAfter ?? 1) > 0 ? 0 : 1
      // One document finds out whether it is well again.
      return state === 'half-open' ? 1 : Infinity
    })
  return Math.min(room, ...states)
}
