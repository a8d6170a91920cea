/** One fault from its beginning until nothing is left of it. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Verdict } from 'keepwarm'
import { upstreamNames, type UpstreamName } from '../../src/upstreams/index.ts'
import { unfinishedOf } from './books.ts'
import type { Fault } from './gate.ts'
import { clientOf, type House } from './house.ts'
import { isWell, look, openDocuments, type Look } from './look.ts'
import type { SearchOutcome, Traffic } from './traffic.ts'

export interface PhasePlan {
  readonly upstreams: readonly UpstreamName[]
  readonly fault: Fault
  /** Milliseconds that the fault lasts. */
  readonly lasts: number
  /** What happens to the service in the middle of it. */
  readonly restart?: 'SIGTERM' | 'SIGKILL'
}

export interface Seen {
  readonly plan: PhasePlan
  /** While the fault was there, one after the other. */
  readonly looks: readonly Look[]
  /** The last before it. */
  readonly before: Look
  /** Searches in the fault, and those after it until all was well. */
  readonly searches: readonly SearchOutcome[]
  readonly searchesAfter: readonly SearchOutcome[]
  /** Milliseconds from the beginning of the fault until the diagnosis named it; undefined when it never did. */
  readonly namedAfter: number | undefined
  /** What was named although it was well. */
  readonly wronged: readonly Verdict[]
  /** Milliseconds from the end of the fault until nothing was degraded, and until every document that came before its end was indexed with all its parts. */
  readonly wellAfter: number | undefined
  readonly caughtUpAfter: number | undefined
  /** Milliseconds that the embedder itself took on average, as far as it was asked. */
  readonly embedder: number
  /** Requests that arrived at the gates of the upstreams in the fault, those that it refused not counted. */
  readonly arrived: number
}

/** Which verdicts name which fault rightly. That a breaker flaps is true of faults that follow each other. */
const names: Readonly<Record<Fault, readonly string[]>> = {
  slow: ['slow_dependency', 'pool_exhausted', 'overloaded'],
  flaky: ['failing', 'retry_storm', 'breaker_open', 'breaker_flapping'],
  overloaded: ['overloaded', 'retry_storm', 'breaker_open', 'breaker_flapping', 'failing'],
  asks_to_wait: ['overloaded', 'retry_storm', 'breaker_open', 'breaker_flapping', 'failing'],
  dead: ['unreachable'],
  hung: ['slow_dependency', 'breaker_open', 'breaker_flapping', 'pool_exhausted', 'overloaded'],
}

export interface Patience {
  /** Milliseconds between two looks. */
  readonly between: number
  /** Milliseconds after the end of a fault within which everything has to be well. */
  readonly recovery: number
}

/** Until when a client may still be named for a fault that is over, by its name; ms since 1970. */
export type Echoes = Map<string, number>

/** For so long the diagnosis looks back, in ms. */
const LOOKS_BACK = 75_000
/** An upstream is truly slower when its answers of so many ms took so many times as long as those before. */
const LATELY = 15_000
const TRULY_SLOWER = 1.4

interface Case {
  readonly house: House
  readonly plan: PhasePlan
  readonly echoes: Echoes
}

export async function runPhase(
  { house, traffic }: { readonly house: House; readonly traffic: Traffic },
  plan: PhasePlan,
  patience: Patience,
  echoes: Echoes,
): Promise<Seen> {
  const before = await look(house.url!)
  traffic.takeSearches()
  const arrivedBefore = arrivedAt(house, plan)
  await house.turn(plan.upstreams, plan.fault)
  const began = Date.now()
  const looks = await watch(house, plan, patience, began)
  const searches = traffic.takeSearches()
  const arrived = arrivedAt(house, plan) - arrivedBefore
  await house.turn(plan.upstreams, undefined)
  const ended = Date.now()
  for (const name of plan.upstreams) echoes.set(clientOf[name], ended + LOOKS_BACK)
  const recovery = await recover(house, patience, ended)
  return {
    ...{ plan, before, looks, searches, arrived },
    ...recovery,
    searchesAfter: traffic.takeSearches(),
    embedder: house.gates.get('ollama')!.pace(began, ended),
    namedAfter: firstNamed(looks, plan, began),
    wronged: looks.flatMap(({ at, verdicts }) =>
      verdicts.filter((one) => isWrong(one, at, { house, plan, echoes })),
    ),
  }
}

function firstNamed(looks: readonly Look[], plan: PhasePlan, began: number): number | undefined {
  const first = looks.find(({ verdicts }) => verdicts.some((one) => isRight(one, plan)))
  return first === undefined ? undefined : first.at - began
}

async function watch(house: House, plan: PhasePlan, patience: Patience, began: number): Promise<Look[]> {
  const looks: Look[] = []
  let restarted = plan.restart === undefined
  while (Date.now() - began < plan.lasts) {
    await sleep(patience.between)
    looks.push(await look(house.url!))
    if (restarted || Date.now() - began < plan.lasts / 2) continue
    restarted = true
    await house.end(plan.restart!)
    await house.start()
  }
  return looks
}

async function recover(
  house: House,
  { between, recovery }: Patience,
  ended: number,
): Promise<Pick<Seen, 'wellAfter' | 'caughtUpAfter'>> {
  let wellAfter: number | undefined
  while (Date.now() - ended < recovery) {
    const now = await look(house.url!)
    if (wellAfter === undefined && isWell(now)) wellAfter = now.at - ended
    if (wellAfter !== undefined && unfinishedOf(house.folder, ended) === 0) {
      return { wellAfter, caughtUpAfter: Date.now() - ended }
    }
    await sleep(between)
  }
  return { wellAfter, caughtUpAfter: undefined }
}

/** Until no document waits or lacks anything. False when that is not within so many ms. */
export async function settle(house: House, within: number): Promise<boolean> {
  for (const end = Date.now() + within; Date.now() < end; await sleep(200))
    if (openDocuments(await look(house.url!)) === 0) return true
  return false
}

function arrivedAt(house: House, { upstreams }: PhasePlan): number {
  return upstreams.reduce((sum, name) => sum + house.gates.get(name)!.requests, 0)
}

function isRight({ kind, client }: Verdict, { upstreams, fault }: PhasePlan): boolean {
  return upstreams.some((name) => clientOf[name] === client) && names[fault].includes(kind)
}

/**
 * Whether an upstream is named that is well. Our own event loop is nobody else's fault; what was ill lately may still be
 * spoken of; and one that a busy machine makes slow is slow.
 */
function isWrong({ kind, client }: Verdict, at: number, { house, plan, echoes }: Case): boolean {
  const name = upstreamNames.find((each) => clientOf[each] === client)
  if (kind === 'loop_blocked' || name === undefined || plan.upstreams.includes(name)) return false
  if ((echoes.get(clientOf[name]) ?? 0) >= at) return false
  if (kind !== 'slow_dependency') return true
  const gate = house.gates.get(name)!
  const [lately, usually] = [gate.pace(at - LATELY, at), gate.pace(0, at - LATELY)]
  return lately < usually * TRULY_SLOWER
}
