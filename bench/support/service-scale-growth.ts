/** Documents are indexed until there are so many: what grows with them, and what does not. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { House, HouseFigures, HousePlan } from './service-scale-house.ts'
import type { PartShare } from './service-scale-profile.ts'
import { queryOf } from './service-scale-texts.ts'

export interface GrowthPlan extends HousePlan {
  readonly documents: number
  /** Sizes of the index at which searches are measured with nothing else going on. */
  readonly marks: readonly number[]
  /** Searches of each kind at each mark. */
  readonly searches: number
  /** Portions whose rates are told. */
  readonly portions: number
  /** How long a profile is taken, in ms. */
  readonly profile: number
}

export interface Portion {
  readonly from: number
  readonly to: number
  readonly per_second: number
  /** Of the service's processes, for each document. */
  readonly cpu_ms: number
  /** After garbage collection, at the end of the portion. */
  readonly heap: number
  readonly rss: number
}

export interface Times {
  readonly p50: number
  readonly p99: number
}

export interface Mark {
  readonly documents: number
  /** Inside the service, nothing else going on. */
  readonly words: Times
  readonly meaning: Times
  /** Over HTTP, by words and meaning, with the query's own embedding. */
  readonly hybrid: Times
  /** The same while documents are indexed, in the last half before the mark. */
  readonly during: Times & { readonly count: number }
}

export interface Growth {
  readonly documents: number
  readonly portions: readonly Portion[]
  readonly marks: readonly Mark[]
  /** Resident bytes, each second. */
  readonly rss: readonly { readonly documents: number; readonly bytes: number }[]
  /** Heap bytes after garbage collection. */
  readonly heap: readonly { readonly documents: number; readonly bytes: number }[]
  readonly profile: readonly PartShare[]
  readonly degraded: number
  readonly failed: number
  readonly upstream_cpu_ms: number
}

/** Documents that wait in the queue at most: enough that nobody waits for them. */
const BACKLOG = 1_000
const LOOK = 200
/** Looks at the heap, each of which collects garbage: at most so many, and not more often than this in documents. */
const HEAPS = 50
const BETWEEN_HEAPS = 100

export async function measureGrowth(
  house: House,
  plan: GrowthPlan,
  tell: (done: number) => void,
): Promise<Growth> {
  const watch = new Watch(house, plan)
  const marks: Mark[] = []
  for (const mark of [...plan.marks.filter((mark) => mark < plan.documents), plan.documents]) {
    const during = new Searching(house, plan.seed)
    await indexUpTo(house, mark, watch, during, tell)
    marks.push(await searchAt(house, mark, plan, during.within(mark / 2)))
  }
  const { degraded, failed } = await house.figures()
  const { cpu_ms } = await house.books()
  const { portions, rss, heap, profile } = watch
  return {
    documents: plan.documents,
    portions,
    marks,
    rss,
    heap,
    profile,
    degraded,
    failed,
    upstream_cpu_ms: cpu_ms,
  }
}

async function indexUpTo(
  house: House,
  mark: number,
  watch: Watch,
  during: Searching,
  tell: (done: number) => void,
): Promise<void> {
  watch.resume(await house.figures())
  for (;;) {
    const figures = await house.figures()
    await watch.see(figures)
    tell(figures.ended)
    if (figures.ended >= mark) return
    during.go(figures)
    for (
      let waiting = house.brought - figures.ended;
      waiting < BACKLOG && house.brought < mark;
      waiting += 100
    ) {
      await house.bring(mark)
    }
    await sleep(LOOK)
  }
}

/** What is seen on the way. */
class Watch {
  readonly portions: Portion[] = []
  readonly rss: { documents: number; bytes: number }[] = []
  readonly heap: { documents: number; bytes: number }[] = []
  profile: readonly PartShare[] = []
  private readonly house: House
  private readonly plan: GrowthPlan
  private last: HouseFigures | undefined
  private lastRss = 0
  private spent = { ms: 0, cpu: 0, from: 0 }
  private profiling: Promise<void> | undefined

  constructor(house: House, plan: GrowthPlan) {
    this.house = house
    this.plan = plan
  }

  /** Indexing goes on: what was spent meanwhile was spent on searches. */
  resume(figures: HouseFigures): void {
    this.last = figures
  }

  async see(figures: HouseFigures): Promise<void> {
    const last = this.last!
    this.spent.ms += figures.at - last.at
    this.spent.cpu += figures.cpu_ms - last.cpu_ms
    this.last = figures
    if (figures.at - this.lastRss >= 1_000) {
      this.rss.push({ documents: figures.ended, bytes: figures.rss })
      this.lastRss = figures.at
    }
    const { documents, portions } = this.plan
    if (figures.ended >= (this.heap.length + 1) * Math.max(documents / HEAPS, BETWEEN_HEAPS)) {
      const { heap } = await this.house.figures(true)
      this.heap.push({ documents: figures.ended, bytes: heap })
    }
    // In the middle, when everything is warm.
    if (figures.ended > documents / 2) this.profiling ??= this.takeProfile()
    if (figures.ended >= this.spent.from + (documents / portions) * 0.999) this.endPortion(figures)
  }

  private async takeProfile(): Promise<void> {
    this.profile = await this.house.ask<PartShare[]>({ ask: 'profile', ms: this.plan.profile })
  }

  private endPortion(figures: HouseFigures): void {
    const { ms, cpu, from } = this.spent
    const count = figures.ended - from
    this.portions.push({
      ...{ from, to: figures.ended, per_second: (count / ms) * 1_000, cpu_ms: cpu / count },
      ...{ heap: this.heap.at(-1)?.bytes ?? figures.heap, rss: figures.rss },
    })
    this.spent = { ms: 0, cpu: 0, from: figures.ended }
  }
}

/** Somebody who searches now and then, one at a time. */
class Searching {
  private readonly house: House
  private readonly seed: number
  private readonly seen: { documents: number; ms: number }[] = []
  private under = false
  private next = 0

  constructor(house: House, seed: number) {
    this.house = house
    this.seed = seed
  }

  go({ ended }: HouseFigures): void {
    if (this.under) return
    this.under = true
    void this.house
      .search(queryOf(this.seed, this.next++))
      .then((ms) => void this.seen.push({ documents: ended, ms }))
      .finally(() => (this.under = false))
  }

  within(from: number): number[] {
    return this.seen.filter(({ documents }) => documents >= from).map(({ ms }) => ms)
  }
}

async function searchAt(house: House, documents: number, plan: GrowthPlan, during: number[]): Promise<Mark> {
  const queries = Array.from({ length: plan.searches }, (_, at) => queryOf(plan.seed + 1, at))
  const words = await house.ask<number[]>({ ask: 'search', by: 'words', queries })
  const meaning = await house.ask<number[]>({ ask: 'search', by: 'meaning', queries })
  const hybrid: number[] = []
  for (const query of queries) hybrid.push(await house.search(query))
  return {
    documents,
    words: timesOf(words),
    meaning: timesOf(meaning),
    hybrid: timesOf(hybrid),
    during: { ...timesOf(during), count: during.length },
  }
}

export function timesOf(values: readonly number[]): Times {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN
  return { p50: at(0.5), p99: at(0.99) }
}

/** Bytes more for each thousand documents, over the last three quarters: the slope of the line of least squares. */
export function slopeOf(points: readonly { readonly documents: number; readonly bytes: number }[]): number {
  const last = points.at(-1)?.documents ?? 0
  const part = points.filter(({ documents }) => documents >= last / 4)
  const mean = (of: 'documents' | 'bytes'): number =>
    part.reduce((sum, one) => sum + one[of], 0) / part.length
  const [x, y] = [mean('documents'), mean('bytes')]
  const over = part.reduce((sum, { documents, bytes }) => sum + (documents - x) * (bytes - y), 0)
  const under = part.reduce((sum, { documents }) => sum + (documents - x) ** 2, 0)
  return under === 0 ? 0 : (over / under) * 1_000
}
