/** Who shares the work, as it is shown: joins and deaths as they are told, and what each has indexed. */
import type { Service } from '../app.ts'
import type { IndexEvent } from '../indexing/feed.ts'
import { count, share } from './figures.ts'
import type { Screen } from './screen.ts'

export interface ProcessReport {
  readonly name: string
  /** Documents since this process came. */
  readonly indexed: number
  readonly state: 'here' | 'left' | 'died'
  /** How often one of this name died; another may have taken its place. */
  readonly deaths: number
}

/** Milliseconds between two looks at what each has indexed. */
const LOOK_EVERY = 500

type Change = Extract<IndexEvent, { type: 'process' }>['change']

const words: Readonly<Record<Change, string>> = {
  joined: 'joined',
  left: 'left',
  died: 'died; what it had begun goes to the others',
}

/** Undefined where there is one process alone. */
export class Sharing implements Disposable {
  private readonly service: Service
  private readonly since: number
  private readonly states = new Map<string, ProcessReport['state']>()
  private readonly deaths = new Map<string, number>()
  private readonly leave: () => void
  private readonly timer: NodeJS.Timeout
  private indexed: ReadonlyMap<string, number> = new Map()

  private constructor(
    service: Service,
    own: { readonly name: string; readonly startedAt: number },
    screen: Screen,
  ) {
    this.service = service
    this.since = own.startedAt
    this.states.set(own.name, 'here')
    this.leave = service.context.feed.follow(({ event }) => {
      if (event.type !== 'process' || event.process === own.name) return
      this.note(event.process, event.change)
      screen.err(`  ${event.process} ${words[event.change]}`)
    })
    this.timer = setInterval(() => void this.look().catch(() => 'the next time'), LOOK_EVERY).unref()
  }

  private note(name: string, change: Change): void {
    this.states.set(name, change === 'joined' ? 'here' : change)
    if (change === 'died') this.deaths.set(name, (this.deaths.get(name) ?? 0) + 1)
  }

  static async of(service: Service, screen: Screen): Promise<Sharing | undefined> {
    // What was told before is no news.
    await service.context.feed.reach()
    return service.process === undefined ? undefined : new Sharing(service, service.process, screen)
  }

  /** By name, those that indexed nothing left out. */
  get shares(): ReadonlyMap<string, number> {
    return this.indexed
  }

  async report(): Promise<ProcessReport[]> {
    const here = (await this.service.context.store.processes?.list()) ?? []
    for (const { name } of here) this.states.set(name, 'here')
    await this.look()
    const names = new Set([...this.states.keys(), ...this.indexed.keys()])
    return [...names].toSorted().map((name) => {
      const state = this.states.get(name) ?? 'left'
      return { name, indexed: this.indexed.get(name) ?? 0, state, deaths: this.deaths.get(name) ?? 0 }
    })
  }

  [Symbol.dispose](): void {
    this.leave()
    clearInterval(this.timer)
  }

  private async look(): Promise<void> {
    this.indexed = (await this.service.context.store.processes?.shares(this.since)) ?? new Map()
  }
}

/** @example sharesText(new Map([['api', 9], ['worker-1', 8]])) // 'api 9, worker-1 8' */
export function sharesText(shares: ReadonlyMap<string, number>): string {
  return [...shares].map(([name, indexed]) => `${name} ${count(indexed)}`).join(', ')
}

/** One process a line of the summary. */
export function processLines(reports: readonly ProcessReport[]): string[] {
  const all = reports.reduce((sum, { indexed }) => sum + indexed, 0)
  return reports.map(({ name, indexed, state, deaths }, index) => {
    const title = index === 0 ? 'processes' : ''
    const after =
      state !== 'here' ? `; it ${state}` : deaths > 0 ? '; it died, and another took its place' : ''
    return `  ${title.padEnd(10)} ${name}: ${count(indexed)} (${share(indexed, all)})${after}`
  })
}
