/** One client under a steady load, in a process of its own: it calls on time, however the earlier calls fare. */
import { setTimeout as sleep } from 'node:timers/promises'
import { Chance } from '@keepwarm/cli/measuring'
import { answerQuestions, settingsOf } from './program.ts'
import { stormArms } from './storm-arms.ts'

export interface StormClient {
  readonly arm: string
  readonly url: string
  /** Calls a second, at random moments, and for how long. */
  readonly rate: number
  readonly seconds: number
  readonly seed: number
}

/** By the second in which a call was due. */
export interface StormCalls {
  readonly offered: readonly number[]
  readonly succeeded: readonly number[]
  /** How late the latest call began, in ms: the client's own limit. */
  readonly late: number
}

const { arm, url, rate, seconds, seed } = settingsOf<StormClient>()
const call = stormArms.find(({ name }) => name === arm)!.make(url)
/** Ten calls that do not count: what is slow the first time is not the storm's doing. */
await Promise.allSettled(Array.from({ length: 10 }, call))
answerQuestions('ready', run)

async function run(): Promise<StormCalls> {
  const [offered, succeeded] = [Array<number>(seconds).fill(0), Array<number>(seconds).fill(0)]
  const chance = new Chance(seed)
  const under: Promise<void>[] = []
  const begun = performance.now()
  let [due, late] = [0, 0]
  for (;;) {
    due += (-Math.log(1 - chance.next()) * 1_000) / rate
    if (due >= seconds * 1_000) break
    const early = due - (performance.now() - begun)
    if (early > 1) await sleep(Math.floor(early))
    late = Math.max(late, performance.now() - begun - due)
    const second = Math.floor(due / 1_000)
    offered[second]!++
    under.push(
      call().then(
        () => void succeeded[second]!++,
        () => {},
      ),
    )
  }
  await Promise.all(under)
  return { offered, succeeded, late }
}
