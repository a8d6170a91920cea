/** Leaves connections alone, several at once, and looks what becomes of them. */
import { setTimeout as sleep } from 'node:timers/promises'
import { idleFinding, restsToTry, type IdleFinding, type Tried, type Watched } from './idle-verdict.ts'
import { Lost, type EndKind, type Wire } from './wire.ts'
import type { Wires } from './wires.ts'

/** The second one is watched from this much later, in ms: a restart ends both at once, a timeout does not. */
const APART = 400

/** Takes little longer than the server keeps an idle connection, and at most `maxIdle`. */
export async function measureIdle(wires: Wires, stopped: AbortSignal): Promise<IdleFinding> {
  const { maxIdle } = wires.plan
  const done = new AbortController()
  const over = AbortSignal.any([stopped, done.signal])
  const watching = watch(wires, maxIdle, over).finally(() => done.abort())
  const trying = Promise.all(restsToTry(maxIdle).map((rest) => tryAfter(wires, rest, over)))
  const [watched, tried] = await Promise.all([watching, trying])
  return idleFinding(
    watched,
    tried.filter((one) => one !== undefined),
  )
}

/** Two of them; when both have ended, or nothing ended for so long, there is no more to see. */
async function watch(wires: Wires, maxIdle: number, over: AbortSignal): Promise<Watched[]> {
  const first = await wires.rested()
  const one = watchOne(first, maxIdle, over)
  await pause(APART, over)
  const second = await wires.rested()
  return await Promise.all([one, watchOne(second, maxIdle, over)])
}

async function watchOne(wire: Wire, maxIdle: number, over: AbortSignal): Promise<Watched> {
  await Promise.race([wire.ended, pause(maxIdle + APART, over)])
  const { ending, restsSince } = wire
  wire[Symbol.dispose]()
  if (ending === undefined) return { rested: performance.now() - restsSince, by: undefined, unasked: 0 }
  return { rested: ending.at - restsSince, by: ending.by, unasked: ending.unasked }
}

/** @returns undefined when there was nothing to try any more */
async function tryAfter(wires: Wires, rest: number, over: AbortSignal): Promise<Tried | undefined> {
  using wire = await wires.rested()
  await Promise.race([wire.ended, pause(rest, over)])
  if (wire.ending !== undefined || over.aborted) return undefined
  const rested = performance.now() - wire.restsSince
  try {
    await wire.send(wires.plan.method)
    return { rested, outcome: 'answered' }
  } catch (error) {
    // An end that was on its way is for those who watch.
    if (error instanceof Lost && endOf(wire) === 'fin') return undefined
    return { rested, outcome: 'lost' }
  }
}

function endOf({ ending }: Wire): EndKind | undefined {
  return ending?.by
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return sleep(milliseconds, undefined, { signal }).catch(() => {})
}
