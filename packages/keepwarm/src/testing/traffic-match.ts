/** Which recorded exchange answers a request, and what to say when none does: without effects. */
import { countEdits } from '../nearest.ts'
import type { RecordedExchange, RecordedRequest, Unrecorded } from './traffic-file.ts'

/** What two requests must have in common to be the same; the method, the path and the query always. */
export interface TrafficMatch {
  /** Scheme, host and port. Default true; false where the port is another one every time. */
  readonly origin?: boolean
  /** Default true; false for bodies that differ every time, such as those with a timestamp. */
  readonly body?: boolean
  /** Headers that matter, besides. Default none. */
  readonly headers?: readonly string[]
}

/** The first that fits and that nobody has had yet. */
export function findExchange(
  asked: RecordedRequest,
  exchanges: readonly RecordedExchange[],
  match: TrafficMatch,
  used: ReadonlySet<RecordedExchange>,
): RecordedExchange | undefined {
  return exchanges.find(
    (exchange) => !used.has(exchange) && differences(asked, exchange.request, match).length === 0,
  )
}

/** Why there is no answer, and what was recorded that comes nearest. */
export function noAnswerText(
  asked: RecordedRequest,
  { exchanges, unrecorded }: { exchanges: readonly RecordedExchange[]; unrecorded: readonly Unrecorded[] },
  match: TrafficMatch,
): string {
  const name = nameOf(asked)
  const left = unrecorded.find(({ request }) => request === name)
  if (left !== undefined)
    return `${name} was asked for when the traffic was recorded, but left out: ${left.why}`
  const near = nearestOf(asked, exchanges, match)
  if (near === undefined) return `no answer to ${name} is recorded: nothing is`
  const { request, differs } = near
  if (differs.length > 0)
    return `no answer to ${name} is recorded; the nearest is ${nameOf(request)}: another ${differs.join(', another ')}`
  const times = exchanges.filter((one) => differences(asked, one.request, match).length === 0).length
  return `${name} is recorded ${times === 1 ? 'once' : `${times} times`}, and was asked for once more`
}

export function nameOf({ method, url }: RecordedRequest): string {
  return `${method} ${url}`
}

/** In these words it is told what differs. */
function differences(asked: RecordedRequest, recorded: RecordedRequest, match: TrafficMatch): string[] {
  const [one, other] = [partsOf(asked.url), partsOf(recorded.url)]
  const differs: string[] = []
  if (asked.method !== recorded.method) differs.push('method')
  if (match.origin !== false && one.origin !== other.origin) differs.push('origin')
  if (one.path !== other.path) differs.push('path')
  if (one.query !== other.query) differs.push('query')
  for (const header of match.headers ?? []) {
    const name = header.toLowerCase()
    if (String(asked.headers[name]) !== String(recorded.headers[name])) differs.push(`header ${name}`)
  }
  if (match.body !== false && JSON.stringify(asked.body) !== JSON.stringify(recorded.body))
    differs.push('body')
  return differs
}

function partsOf(url: string): { origin: string; path: string; query: string } {
  const [, origin = '', path = '', query = ''] = /^([a-z]+:\/\/[^/?]*)?([^?]*)(.*)$/s.exec(url) ?? []
  return { origin, path, query }
}

/** It differs in the fewest things; of several, in the fewest letters of its URL. */
function nearestOf(
  asked: RecordedRequest,
  exchanges: readonly RecordedExchange[],
  match: TrafficMatch,
): { request: RecordedRequest; differs: readonly string[] } | undefined {
  const all = exchanges.map(({ request }) => ({ request, differs: differences(asked, request, match) }))
  const least = Math.min(...all.map(({ differs }) => differs.length))
  return all
    .filter(({ differs }) => differs.length === least)
    .map((one) => ({ ...one, edits: countEdits(short(asked.url), short(one.request.url)) }))
    .sort((one, other) => one.edits - other.edits)[0]
}

/** To compare long ones takes long. */
function short(url: string): string {
  return url.slice(0, 300)
}
