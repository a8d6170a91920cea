/** A process that knows nothing of others: one pool, and callers who ask again as soon as they have an answer. */
import { ConnectionPool, type ConnectionPoolOptions } from 'keepwarm'
import { request } from 'undici'
import { answerQuestions, settingsOf } from './program.ts'

export interface FairnessClient {
  readonly origin: string
  readonly callers: number
  readonly options: ConnectionPoolOptions
}

/** What came of its requests since it was asked last. */
export interface ClientBooks {
  readonly good: number
  readonly refused: number
  readonly failed: number
  /** What its limit is at the moment; null without one. */
  readonly limit: number | null
}

const { origin, callers, options } = settingsOf<FairnessClient>()
const pool = new ConnectionPool(options)
let good = 0
let refused = 0
let failed = 0

answerQuestions('ready', (question: 'begin' | 'books'): ClientBooks | null => {
  if (question === 'begin') {
    for (let caller = 0; caller < callers; caller++) void call()
    return null
  }
  const books = { good, refused, failed, limit: pool.snapshot().origins[0]?.limit ?? null }
  good = refused = failed = 0
  return books
})

/** Until the process ends. */
async function call(): Promise<never> {
  for (;;) {
    try {
      const { statusCode, body } = await request(origin, { dispatcher: pool })
      await body.dump()
      if (statusCode === 200) good++
      else refused++
    } catch {
      failed++
    }
  }
}
