/** Sends the requests of one round, and counts what becomes of them. */
import { setTimeout as sleep } from 'node:timers/promises'
import { Timetable, type Pace } from './pace.ts'
import { Round } from './round.ts'

/** Sends one request; resolves with undefined when it was answered, or with what went wrong in a word or two. */
export type Send = () => Promise<string | undefined>

export interface RoundPlan extends Pace {
  /** How long requests begin, in ms. An open round may take twice as long to send what was due. */
  readonly duration: number
  /** Requests at once. */
  readonly concurrency: number
}

/** Who failed waits so long before the next one, in ms: a server that refuses is not hammered. */
const AFTER_FAILURE = 10

/** @param stopped aborts when nothing more is to be sent; what is under way is still waited for */
export async function runRound(send: Send, plan: RoundPlan, stopped: AbortSignal): Promise<Round> {
  const round = new Round()
  const timetable = new Timetable(plan)
  const began = performance.now()
  const cpu = process.cpuUsage()
  const now = (): number => performance.now() - began
  const latest = plan.open ? plan.duration * 2 : plan.duration
  const work = async (): Promise<void> => {
    while (!stopped.aborted && now() < latest) {
      const due = timetable.take(now())
      if (due === undefined || (!plan.open && due >= plan.duration)) return
      if (due > now()) await until(due - now(), stopped)
      const from = timetable.from(due, now())
      const failure = await send()
      if (failure === undefined) round.answer(now() - from)
      else await failed(round, failure, stopped)
    }
  }
  await Promise.all(Array.from({ length: plan.concurrency }, work))
  round.took = plan.open ? Math.max(now(), plan.duration) : now()
  const { user, system } = process.cpuUsage(cpu)
  round.cpu = user + system
  if (plan.open && timetable.left > 0 && !stopped.aborted) round.fail('never sent', timetable.left)
  return round
}

async function failed(round: Round, kind: string, stopped: AbortSignal): Promise<void> {
  round.fail(kind)
  if (!kind.startsWith('status')) await until(AFTER_FAILURE, stopped)
}

function until(milliseconds: number, signal: AbortSignal): Promise<void> {
  return sleep(milliseconds, undefined, { signal }).catch(() => {})
}
