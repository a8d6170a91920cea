/** The process whose memory is weighed: with one idle connection, and with many. */
import { setTimeout as sleep } from 'node:timers/promises'
import { collectGarbage } from './collect-garbage.ts'
import { memoryArms, type MemoryArm } from './memory-arms.ts'
import { answerQuestions, settingsOf } from './program.ts'

export interface MemorySettings {
  readonly arm: MemoryArm
  readonly origin: string
  readonly connections: number
}

/** Bytes, after collections. */
export interface Weight {
  readonly heap: number
  readonly external: number
  readonly rss: number
  /** Idle connections, as the pool counts them. */
  readonly idle: number
}

const { arm, origin, connections } = settingsOf<MemorySettings>()
const holder = memoryArms[arm](origin, connections)

/** A number: so many requests at once. `weigh`: what all of it weighs now. */
answerQuestions('ready', async (question: number | 'weigh') => {
  if (question === 'weigh') return weigh()
  await Promise.all(Array.from({ length: question }, () => holder.get()))
  return null
})

async function weigh(): Promise<Weight> {
  // Answers are followed by timers and by work of later turns; memory that was given back takes a moment to be.
  for (let round = 0; round < 4; round++) {
    await collectGarbage(2)
    await sleep(50)
  }
  const { heapUsed: heap, external, rss } = process.memoryUsage()
  return { heap, external, rss, idle: holder.idle() }
}
