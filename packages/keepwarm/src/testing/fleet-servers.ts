/** Servers in virtual time: each with so many workers, and one line before them. */
import { EventLine } from './event-line.ts'

/** One request on its way through a server. */
export interface Visit {
  readonly server: number
  /** How long a worker needs for it, in ms. */
  readonly work: number
  place: 'line' | 'work' | 'done' | 'left'
}

export class FleetServers<V extends Visit> {
  private readonly workers: number
  private readonly cancels: boolean
  private readonly busy: number[]
  private readonly lines: V[][]
  private readonly heads: number[]
  private readonly ends = new EventLine<V>()

  /** @param cancels whether a server stops working for those who left. */
  constructor(servers: number, workers: number, cancels: boolean) {
    this.workers = workers
    this.cancels = cancels
    this.busy = Array<number>(servers).fill(0)
    this.lines = this.busy.map(() => [])
    this.heads = this.busy.map(() => 0)
  }

  enter(visit: V, now: number): void {
    if (this.busy[visit.server]! < this.workers) this.work(visit, now)
    else this.lines[visit.server]!.push(visit)
  }

  /** Nobody waits for the answer any more. */
  leave(visit: V, now: number): void {
    if (!this.cancels) return
    const working = visit.place === 'work'
    if (visit.place !== 'done') visit.place = 'left'
    if (working) this.next(visit.server, now)
  }

  get nextAt(): number {
    return this.ends.nextAt
  }

  /** The answer that is due at `now`; undefined where its request was cancelled. */
  answer(now: number): V | undefined {
    const visit = this.ends.take()
    if (visit?.place !== 'work') return undefined
    visit.place = 'done'
    this.next(visit.server, now)
    return visit
  }

  private work(visit: V, now: number): void {
    visit.place = 'work'
    this.busy[visit.server]!++
    this.ends.add(now + visit.work, visit)
  }

  private next(server: number, now: number): void {
    this.busy[server]!--
    const line = this.lines[server]!
    for (let head = this.heads[server]!; head < line.length; head++) {
      this.heads[server] = head + 1
      const visit = line[head]!
      if (visit.place === 'left') continue
      this.shorten(server)
      return this.work(visit, now)
    }
    this.shorten(server)
  }

  private shorten(server: number): void {
    const head = this.heads[server]!
    if (head < 1_000) return
    this.lines[server]!.splice(0, head)
    this.heads[server] = 0
  }
}
