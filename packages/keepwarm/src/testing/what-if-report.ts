import type { ClientMetrics } from '../observe/recorder.ts'
import { spreadOf, type Spread } from './simulation-report.ts'
import type { WhatIf, WhatIfEvent } from './what-if-scenario.ts'
import { countEach, ofAllClients } from './what-if-totals.ts'

/** A stretch of time, from one moment to another in ms, and the calls that began in it. */
export interface Stretch {
  readonly from: number
  readonly to: number
  readonly calls: number
  /** The share of these calls that succeeded, sooner or later; 1 when there were none. */
  readonly succeeded: number
  /** Attempts that began in it. */
  readonly attempts: number
  /** `attempts / calls`: above 1 retries add to the load, below 1 the breaker keeps calls away. 0 without calls. */
  readonly amplification: number
}

/** What came of an event. */
export interface EventReport extends Stretch {
  readonly event: WhatIfEvent
  /** In ms after its end: from when on 95 % of the calls of five seconds succeeded. Not there when they never did. */
  readonly recovery?: number
}

/** For each second: what happened in it, by its number from 0. */
export interface Seconds {
  /** Calls that began. */
  readonly offered: readonly number[]
  /** Of those, the ones that succeeded, sooner or later. */
  readonly succeeded: readonly number[]
  /** Calls that came to a good end in this second, whenever they began. */
  readonly goodput: readonly number[]
  /** Attempts that began, those that got no connection included. */
  readonly attempts: readonly number[]
  /** Requests that reached the upstream. */
  readonly arrived: readonly number[]
}

/** What would be. JSON-safe. */
export interface WhatIfReport {
  readonly seed: number
  readonly clients: number
  /** Until the last call was over, in ms. */
  readonly lasted: number
  readonly calls: {
    readonly total: number
    readonly succeeded: number
    /** The others, by the error's code, or its name where it has none. */
    readonly failed: Readonly<Record<string, number>>
  }
  /** Over all of it; see {@link Stretch}. */
  readonly attempts: number
  readonly amplification: number
  /** Requests that reached the upstream. */
  readonly arrived: number
  /** What the calls that succeeded took, and those that failed, in ms. */
  readonly latency: Spread
  readonly failedAfter: Spread
  readonly retries: {
    readonly total: number
    readonly byReason: Readonly<Record<string, number>>
    /** Those that were not made, by what spoke against them (`budget_empty` …). */
    readonly suppressed: Readonly<Record<string, number>>
  }
  /** Second attempts beside slow ones, and those of them whose answer was the call's. */
  readonly hedges: { readonly sent: number; readonly won: number }
  /** Of all clients together. */
  readonly breakerOpenings: number
  /** Until the first event. */
  readonly before: Stretch
  readonly events: readonly EventReport[]
  /** From the last event's end on. Not there when nothing happens, or for too long. */
  readonly after?: Stretch
  readonly perSecond: Seconds
}

/** One call that is over. Moments in ms. */
export interface EndedCall {
  readonly began: number
  readonly ended: number
  /** The error's code; undefined when it succeeded. */
  readonly failure: string | undefined
}

/** What was seen of a run. */
export interface Observed {
  readonly lasted: number
  readonly calls: readonly EndedCall[]
  /** When each attempt began. */
  readonly attempts: readonly number[]
  /** When each request reached the upstream. */
  readonly arrived: readonly number[]
  /** Of each client. */
  readonly metrics: readonly ClientMetrics[]
}

const RECOVERED = 0.95
const RECOVERED_FOR = 5_000
const SECOND = 1_000

export function whatIfReport(
  { seed = 1, clients = 1, duration, events = [] }: WhatIf,
  seen: Observed,
): WhatIfReport {
  const { lasted, calls, attempts, arrived, metrics } = seen
  const firstEvent = Math.min(duration, ...events.map(({ at }) => at))
  const lastEnd = Math.max(...events.map(endOf))
  const good = calls.filter(({ failure }) => failure === undefined)
  const bad = calls.filter(({ failure }) => failure !== undefined)
  return {
    seed,
    clients,
    lasted,
    calls: {
      total: calls.length,
      succeeded: good.length,
      failed: countEach(bad.map(({ failure }) => failure!)),
    },
    attempts: attempts.length,
    amplification: ratio(attempts.length, calls.length),
    arrived: arrived.length,
    latency: spreadOf(good.map(lastedFor)),
    failedAfter: spreadOf(bad.map(lastedFor)),
    ...ofAllClients(metrics),
    before: stretch(seen, 0, firstEvent),
    events: events.map((event) => eventReport(event, seen, duration)),
    ...(events.length > 0 && lastEnd < duration ? { after: stretch(seen, lastEnd, duration) } : {}),
    perSecond: perSecond(seen),
  }
}

function lastedFor({ began, ended }: EndedCall): number {
  return ended - began
}

function endOf(event: WhatIfEvent): number {
  return event.at + event.for
}

function eventReport(event: WhatIfEvent, seen: Observed, duration: number): EventReport {
  const recovery = recoveryAfter(endOf(event), duration, seen.calls)
  return {
    event,
    ...stretch(seen, event.at, Math.min(duration, endOf(event))),
    ...(recovery === undefined ? {} : { recovery }),
  }
}

function stretch({ calls, attempts }: Observed, from: number, to: number): Stretch {
  const own = calls.filter(({ began }) => began >= from && began < to)
  const made = attempts.filter((at) => at >= from && at < to).length
  const succeeded = shareOfSuccess(own) ?? 1
  return { from, to, calls: own.length, succeeded, attempts: made, amplification: ratio(made, own.length) }
}

/** Undefined without calls. */
function shareOfSuccess(calls: readonly EndedCall[]): number | undefined {
  if (calls.length === 0) return undefined
  return calls.filter(({ failure }) => failure === undefined).length / calls.length
}

/** In ms, in whole seconds. @param moment from which on it is looked for, @param until when calls come */
function recoveryAfter(moment: number, until: number, calls: readonly EndedCall[]): number | undefined {
  const later = calls.filter(({ began }) => began >= moment)
  for (let from = moment; from + RECOVERED_FOR <= until; from += SECOND) {
    const own = later.filter(({ began }) => began >= from && began < from + RECOVERED_FOR)
    if ((shareOfSuccess(own) ?? 0) >= RECOVERED) return from - moment
  }
  return undefined
}

function perSecond({ lasted, calls, attempts, arrived }: Observed): Seconds {
  const good = calls.filter(({ failure }) => failure === undefined)
  const seconds = (moments: readonly number[]): number[] => {
    const counts = new Array<number>(Math.max(1, Math.ceil(lasted / SECOND))).fill(0)
    for (const at of moments) counts[Math.min(counts.length - 1, Math.floor(at / SECOND))]!++
    return counts
  }
  return {
    offered: seconds(calls.map(({ began }) => began)),
    succeeded: seconds(good.map(({ began }) => began)),
    goodput: seconds(good.map(({ ended }) => ended)),
    attempts: seconds(attempts),
    arrived: seconds(arrived),
  }
}

function ratio(some: number, all: number): number {
  return all === 0 ? 0 : some / all
}
