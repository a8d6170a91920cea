/** What must hold whatever happens to the upstreams. Pure. */
import type { Fault } from './gate.ts'
import { clientOf } from './house.ts'
import type { Look } from './look.ts'
import type { Seen } from './phase.ts'
import type { SearchOutcome } from './traffic.ts'

export const laws = {
  answers: 'every search is answered, and finds what the words find',
  says: 'a search says when it looked for words alone, and only then',
  ready: 'the service is ready, and names the upstream that is not well',
  named: 'the diagnosis names the fault and its upstream',
  spares: 'the diagnosis names no upstream that is well',
  calm: 'no more than two attempts a call, and none that storms',
  recovers: 'everything is well again by itself',
  kept: 'no document is lost, and none is given up',
  once: 'no document is indexed twice',
} as const
export type Law = keyof typeof laws

export interface Breach {
  readonly law: Law
  readonly how: string
}

/** Faults in which an upstream does none of its work. */
const total: ReadonlySet<Fault> = new Set(['dead', 'hung', 'overloaded', 'asks_to_wait'])

/** Faults that show in times alone. */
const timed: ReadonlySet<Fault> = new Set(['slow', 'hung'])

/** An embedder that answers within so many ms on average is far from the three seconds that a search waits. */
const FAR_FROM_LATE = 300

/** Attempts for each call at most, and how many calls are too few to say so. */
const MOST_ATTEMPTS = 2
const FEW_CALLS = 20

/** What one phase broke. */
export function breachesOf(seen: Seen): Breach[] {
  const { plan } = seen
  const breaches: Breach[] = []
  const hold = (law: Law, holds: boolean, how: () => string): void => {
    if (!holds) breaches.push({ law, how: `${nameOf(seen)}: ${how()}` })
  }
  const all = [...seen.searches, ...seen.searchesAfter]
  const lost = all.filter(({ answered, found }) => !answered || !found)
  hold('answers', lost.length === 0, () => `${lost.length} of ${all.length}: ${lost[0]?.trouble ?? 'no hit'}`)
  const silent = silentSearches(seen)
  hold('says', silent === undefined, () => silent ?? '')
  const unready = seen.looks.find(({ ready }) => !ready)
  hold('ready', unready === undefined, () => unready?.reasons.join('; ') ?? '')
  const misnamed = misnamedHealth(seen)
  hold('ready', misnamed === undefined, () => misnamed ?? '')
  // No time that a process measures is true while its own event loop is held up.
  const isUntold = timed.has(plan.fault) && saysLoopBlocked(seen.looks)
  hold('named', seen.namedAfter !== undefined || isUntold, () => `it says ${verdictsOf(seen.looks)}`)
  const [wronged] = seen.wronged
  hold('spares', wronged === undefined, () => `${wronged?.kind} of ${wronged?.client}: ${wronged?.text}`)
  for (const name of plan.upstreams) {
    const { calls, attempts } = callsIn(seen, clientOf[name])
    const storm = calls >= FEW_CALLS && attempts > MOST_ATTEMPTS * calls
    hold('calm', !storm, () => `${clientOf[name]} made ${attempts} attempts for ${calls} calls`)
  }
  hold('recovers', seen.wellAfter !== undefined, () => 'something is still named, or a breaker open')
  hold('recovers', seen.caughtUpAfter !== undefined, () => 'documents still wait or lack something')
  return breaches
}

export function nameOf({ plan }: Pick<Seen, 'plan'>): string {
  const who = plan.upstreams.length > 1 ? 'all' : plan.upstreams[0]
  const how = { SIGTERM: ', restarted in the middle', SIGKILL: ', killed in the middle' }
  return `${who} ${plan.fault.replaceAll('_', ' ')}${plan.restart === undefined ? '' : how[plan.restart]}`
}

/** Of one client in the fault; where the process was another in between, only since then. */
export function callsIn({ before, looks }: Seen, client: string): { calls: number; attempts: number } {
  const last = looks.at(-1)?.clients[client]
  const first = before.clients[client]
  if (last === undefined) return { calls: 0, attempts: 0 }
  const isSame = first !== undefined && last.attempts >= first.attempts && last.calls >= first.calls
  return {
    calls: last.calls - (isSame ? first.calls : 0),
    attempts: last.attempts - (isSame ? first.attempts : 0),
  }
}

/** Searches that looked for words alone. */
export function wordsOnly(searches: readonly SearchOutcome[]): SearchOutcome[] {
  return searches.filter(({ warnings }) => warnings.some((text) => text.includes('only words')))
}

function silentSearches({ plan, searches, embedder }: Seen): string | undefined {
  const said = wordsOnly(searches)
  const anonymous = said.find(({ warnings }) => !warnings.some((text) => text.includes(clientOf.ollama)))
  if (anonymous !== undefined) return `it says not why: ${anonymous.warnings.join('; ')}`
  const embedderIsIll = plan.upstreams.includes('ollama')
  // On a busy machine a model may be well and yet later than a search waits for it.
  if (!embedderIsIll && said.length > 0 && embedder < FAR_FROM_LATE)
    return `${said.length} say so although the embedder is well`
  if (!embedderIsIll || !total.has(plan.fault)) return undefined
  // What was under way when the fault began may have been answered before.
  const late = searches.slice(Math.ceil(searches.length / 4))
  const silent = late.length - wordsOnly(late).length
  return silent === 0 ? undefined : `${silent} of ${late.length} do not say that they looked for words alone`
}

function misnamedHealth({ plan, looks }: Seen): string | undefined {
  const ill = new Set<string>(plan.upstreams)
  const other = looks.flatMap(({ degraded }) => degraded).find((name) => !ill.has(name))
  if (other !== undefined) return `health names ${other}, which is well`
  if (!total.has(plan.fault)) return undefined
  const unnamed = plan.upstreams.filter((name) => !looks.some(({ degraded }) => degraded.includes(name)))
  return unnamed.length === 0 ? undefined : `health does not name ${unnamed.join(', ')}`
}

function saysLoopBlocked(looks: readonly Look[]): boolean {
  return looks.some(({ verdicts }) => verdicts.some(({ kind }) => kind === 'loop_blocked'))
}

/** What was said in a phase, once each. */
function verdictsOf(looks: readonly Look[]): string {
  const said = looks.flatMap(({ verdicts }) => verdicts.map(({ kind, client }) => `${kind} of ${client}`))
  return [...new Set(said)].join(', ') || 'nothing'
}
