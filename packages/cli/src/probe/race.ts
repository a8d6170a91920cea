/** Sends requests just as the server closes, and counts those that get no answer. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Wires } from './wires.ts'

export interface Race {
  /** Requests that went out at most so many ms before the server was expected to close. */
  readonly within: number
  readonly answered: number
  /** Got no answer. */
  readonly lost: number
  /** Were not sent, because it had closed before. */
  readonly late: number
}

/** How many connections. */
const TRIES = 6

/** @param after when the server closes, in ms, as it was seen. @param roundTrip in ms */
export async function measureRace(
  wires: Wires,
  after: number,
  roundTrip: number,
  stopped: AbortSignal,
): Promise<Race> {
  const within = Math.ceil(roundTrip * 2 + 6)
  const tries = await Promise.all(
    Array.from({ length: TRIES }, (_, index) => one(wires, after - (within * index) / TRIES, stopped)),
  )
  const count = (what: string): number => tries.filter((outcome) => outcome === what).length
  return { within, answered: count('answered'), lost: count('lost'), late: count('late') }
}

async function one(
  wires: Wires,
  rest: number,
  signal: AbortSignal,
): Promise<'answered' | 'lost' | 'late' | undefined> {
  using wire = await wires.rested()
  await Promise.race([
    wire.ended,
    sleep(Math.max(0, rest - (performance.now() - wire.restsSince)), undefined, { signal }).catch(() => {}),
  ])
  if (signal.aborted) return undefined
  if (wire.ending !== undefined) return 'late'
  return await wire.send(wires.plan.method).then(
    () => 'answered',
    () => 'lost',
  )
}
