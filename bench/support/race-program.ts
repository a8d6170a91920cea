/** The process of one client: it runs the races that it is asked for, and tells what its callers saw. */
import { setTimeout as sleep } from 'node:timers/promises'
import { KeepwarmError } from 'keepwarm'
import { answerQuestions, settingsOf } from './program.ts'
import { raceArms, type RaceArm, type Racer } from './race-arms.ts'
import { someRest, type Race } from './race-plan.ts'
import type { RaceOrigins } from './race-server-program.ts'
import { share } from './share.ts'

export interface RaceSettings {
  readonly arm: RaceArm
  readonly origins: RaceOrigins
  readonly callers: number
}

/** What the callers saw. */
export interface RaceSample {
  readonly ms: number
  readonly cpuUsPerRequest: number
  readonly failures: number
  /** Of the failures, those that are no KeepwarmError. */
  readonly untyped: number
  readonly failuresByCode: Readonly<Record<string, number>>
  /** Answers that belong to another request. */
  readonly mixedUp: number
  readonly lostRaces: number | null
}

const { arm, origins, callers } = settingsOf<RaceSettings>()

answerQuestions('ready', run)

async function run(race: Race): Promise<RaceSample> {
  const racer = raceArms[arm](race.mode === 'timer' ? origins.wired : origins.plain)
  const seen = { untyped: 0, mixedUp: 0, failuresByCode: {} as Record<string, number> }
  const once = (number: number): Promise<void> => askOnce(racer, race, number, seen)
  const cpuBefore = process.cpuUsage()
  const startedAt = performance.now()
  if (race.mode === 'timer') await inWaves(race.requests, once)
  else await share(race.requests, callers, once)
  const ms = performance.now() - startedAt
  const { user, system } = process.cpuUsage(cpuBefore)
  const lostRaces = racer.lostRaces() ?? null
  await racer.close()
  const failures = Object.values(seen.failuresByCode).reduce((sum, number) => sum + number, 0)
  return { ms, cpuUsPerRequest: (user + system) / race.requests, failures, ...seen, lostRaces }
}

async function askOnce(
  racer: Racer,
  { kind }: Race,
  number: number,
  seen: { untyped: number; mixedUp: number; failuresByCode: Record<string, number> },
): Promise<void> {
  try {
    if ((await racer.ask(kind, number)) !== String(number)) seen.mixedUp++
  } catch (error) {
    if (!(error instanceof KeepwarmError)) seen.untyped++
    const code = codeOf(error)
    seen.failuresByCode[code] = (seen.failuresByCode[code] ?? 0) + 1
  }
}

/** All callers at once, then a rest for about as long as the server keeps its connections, and again. */
async function inWaves(requests: number, once: (number: number) => Promise<void>): Promise<void> {
  for (let next = 0; next < requests; next += callers) {
    const size = Math.min(callers, requests - next)
    await Promise.all(Array.from({ length: size }, (_, index) => once(next + index)))
    await sleep(someRest())
  }
}

/** An error's own code, or that of its cause: `fetch` hides them there. */
function codeOf(error: unknown): string {
  const { code, cause, name } = error as { code?: string; cause?: { code?: string }; name?: string }
  return code ?? cause?.code ?? name ?? 'unknown'
}
