/** The reference service in a process of its own, which tells what it weighs and spends. */
import { startService } from '../../apps/intelligence/src/app.ts'
import { readSettings } from '../../apps/intelligence/src/config/settings.ts'
import { search } from '../../apps/intelligence/src/search/search.ts'
import { collectGarbage } from './collect-garbage.ts'
import { answerQuestions, settingsOf } from './program.ts'
import { embeddingOf } from './service-scale-answers.ts'
import { Profile, type PartShare } from './service-scale-profile.ts'

export type ScaleQuestion =
  | { readonly ask: 'figures'; readonly collect?: boolean }
  /** Each query once, by words alone, by meaning alone. Times in ms. */
  | { readonly ask: 'search'; readonly by: 'words' | 'meaning'; readonly queries: readonly string[] }
  | { readonly ask: 'profile'; readonly ms: number }

export interface ScaleFigures {
  readonly ended: number
  readonly degraded: number
  readonly failed: number
  readonly rss: number
  /** With what objects hold outside of it, such as the numbers of vectors. */
  readonly heap: number
  readonly cpu_ms: number
  /** Busy documents now. */
  readonly busy: number
}

const settings = readSettings(settingsOf<Record<string, string>>())
const service = await startService({ settings })
let ended = 0
let degraded = 0
let failed = 0
service.context.worker.subscribe((_job, how) => {
  if (how === 'succeeded' || how === 'degraded') ended++
  if (how === 'degraded') degraded++
  if (how === 'retrying' || how === 'dead') failed++
})

answerQuestions(service.url, (question: ScaleQuestion): Promise<ScaleFigures | number[] | PartShare[]> => {
  if (question.ask === 'search') return timeSearches(question.by, question.queries)
  if (question.ask === 'profile') return Profile.during(question.ms)
  return figures(question.collect === true)
})

async function figures(collect: boolean): Promise<ScaleFigures> {
  if (collect) await collectGarbage(2)
  const { rss, heapUsed, external } = process.memoryUsage()
  const { user, system } = process.cpuUsage()
  const { busy } = service.context.worker
  return { ended, degraded, failed, rss, heap: heapUsed + external, cpu_ms: (user + system) / 1_000, busy }
}

async function timeSearches(by: 'words' | 'meaning', queries: readonly string[]): Promise<number[]> {
  const { store } = service.context
  const times: number[] = []
  for (const query of queries) {
    const started = performance.now()
    if (by === 'words') await search(store, { query })
    else await store.search.byVector(embeddingOf(query), 0.15, {})
    times.push(performance.now() - started)
  }
  return times
}
