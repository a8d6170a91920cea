/** A steady stream of documents and searches, and what became of each. */
import { setTimeout as sleep } from 'node:timers/promises'
import { messageOf } from '../../src/store/errors.ts'
import type { House } from './house.ts'

export interface SearchOutcome {
  readonly answered: boolean
  /** Whether what has to be found was. */
  readonly found: boolean
  /** What it says that it lacks; empty when it lacks nothing. */
  readonly warnings: readonly string[]
  /** Milliseconds. */
  readonly took: number
  /** What went wrong, if it did. */
  readonly trouble?: string
}

/** A word that only one document has; it is indexed before anything goes wrong. */
const LANDMARK = 'lighthouse'

export interface Pace {
  /** Milliseconds between two documents, and between two searches. */
  readonly documents: number
  readonly searches: number
}

export class Traffic {
  /** Documents that were promised to be indexed, by their id. */
  readonly promised = new Set<string>()
  private readonly house: House
  private readonly stopped = new AbortController()
  private outcomes: SearchOutcome[] = []
  private sent = 0
  private running: Promise<unknown> = Promise.resolve()

  constructor(house: House) {
    this.house = house
  }

  /** Brings the document that searches look for, waits until it is found, and begins. */
  async begin(pace: Pace): Promise<void> {
    const text = `# The ${LANDMARK}\n\nA ${LANDMARK} shows the way to the harbour.`
    await this.bring({ content: text, source: 'landmark.md' })
    while (!(await this.search()).found) await sleep(50)
    const every = async (pause: number, work: () => Promise<unknown>): Promise<void> => {
      const under = new Set<Promise<unknown>>()
      while (!this.stopped.signal.aborted) {
        const one: Promise<unknown> = work().finally(() => under.delete(one))
        under.add(one)
        await sleep(pause)
      }
      await Promise.all(under)
    }
    this.running = Promise.all([
      every(pace.documents, () => this.bringNext()),
      every(pace.searches, async () => {
        const { url } = this.house
        const outcome = url === undefined ? undefined : await this.search()
        // One whose process ended under it is nobody's failure.
        if (outcome !== undefined && url === this.house.url) this.outcomes.push(outcome)
      }),
    ])
  }

  async end(): Promise<void> {
    this.stopped.abort()
    await this.running
  }

  /** The searches since it was last asked. */
  takeSearches(): SearchOutcome[] {
    const { outcomes } = this
    this.outcomes = []
    return outcomes
  }

  private async bringNext(): Promise<void> {
    const number = ++this.sent
    const content = `# Page ${number}\n\nThe ConnectionPool of page ${number} keeps sockets warm for Node.js. Word${number} is said here only.`
    await this.bring({ content, source: `docs/page-${number}.md` })
  }

  /** In a batch of its own, so that the coordinator has work, too. What is not accepted is not promised. */
  private async bring(document: object): Promise<void> {
    const { url } = this.house
    if (url === undefined) return
    try {
      const body = JSON.stringify({ name: 'chaos', documents: [document] })
      const headers = { 'content-type': 'application/json' }
      const answer = await fetch(`${url}/documents/batch`, { method: 'POST', headers, body })
      const { documents } = (await answer.json()) as { documents?: readonly { readonly id: string }[] }
      if (answer.status === 202) for (const { id } of documents ?? []) this.promised.add(id)
    } catch {
      // The process is going or gone, and promised nothing.
    }
  }

  private async search(): Promise<SearchOutcome> {
    const began = performance.now()
    const took = (): number => performance.now() - began
    try {
      const answer = await fetch(`${this.house.url}/search?q=${LANDMARK}&limit=5`)
      const { hits = [], warnings = [] } = (await answer.json()) as {
        hits?: readonly { readonly source: string }[]
        warnings?: readonly string[]
      }
      const found = hits.some(({ source }) => source === 'landmark.md')
      return { answered: answer.status === 200, found, warnings, took: took() }
    } catch (error) {
      const trouble = messageOf(error instanceof Error ? (error.cause ?? error) : error)
      return { answered: false, found: false, warnings: [], took: took(), trouble }
    }
  }
}
