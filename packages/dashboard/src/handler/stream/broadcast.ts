/**
 * Tells all who watch, once a second, with one timer. There is none while nobody watches.
 *
 *     nobody ──join──▶ watched: a tick just after each second ──the last one leaves──▶ nobody
 *        └──────────────────────── close ─▶ closed ◀─ close ─────┘
 */
import type { Runtime, Timer } from '../clock.ts'
import type { Sight, Source, View } from '../observed.ts'
import type { DashboardLog } from '../options.ts'
import { heartbeat, historyEvent, opening, TickTexts } from './sse-text.ts'
import { newer } from './rows.ts'
import type { Watcher } from './watcher.ts'

export interface BroadcastHost {
  readonly source: Source
  readonly runtime: Runtime
  readonly log: DashboardLog
  readonly admin: boolean
  readonly maxWatchers: number
}

/** A tick comes so long after its second is over, in ms: whoever writes the last row has written it. */
const AFTER_SECOND = 20
/** Who does not read for so long, in ms, is dropped. */
const PATIENCE = 30_000
/** Who gets nothing for so long, in ms, is told that we are there. */
const SILENCE = 15_000

export class Broadcast {
  private readonly host: BroadcastHost
  private readonly watchers = new Set<Watcher>()
  private timer: Timer | undefined
  private isTicking = false
  private isClosed = false

  constructor(host: BroadcastHost) {
    this.host = host
  }

  get isFull(): boolean {
    return this.watchers.size >= this.host.maxWatchers
  }

  get closed(): boolean {
    return this.isClosed
  }

  get count(): number {
    return this.watchers.size
  }

  /** The history first, or what is newer than what the watcher has seen; then ticks. */
  async join(watcher: Watcher): Promise<void> {
    const { source, runtime, admin } = this.host
    this.watchers.add(watcher)
    watcher.onClose(() => this.leave(watcher))
    watcher.send(opening, runtime.now())
    this.arm()
    const over = this.lastSecond()
    if (watcher.since > over) watcher.since = 0 // of another machine, or of a clock that was set back
    const sight = await this.look(watcher.view, watcher.since)
    if (!watcher.isOpen) return
    if (sight === undefined) return watcher.end()
    const now = runtime.now()
    watcher.send(historyEvent(newer(sight.rows, watcher.since, over), over), now)
    watcher.send(new TickTexts(sight, over, admin).after(over), now)
    watcher.since = over
    watcher.isReady = true
    if (source.over) watcher.end()
  }

  /** Ends all streams. Whoever comes later is refused by the handler. */
  close(): void {
    this.isClosed = true
    for (const watcher of this.watchers) watcher.end()
    this.watchers.clear()
    this.disarm()
  }

  private leave(watcher: Watcher): void {
    this.watchers.delete(watcher)
    if (this.watchers.size === 0) this.disarm()
  }

  private arm(): void {
    if (this.timer !== undefined || this.isTicking || this.isClosed || this.watchers.size === 0) return
    const { runtime } = this.host
    const delay = 1_000 - (runtime.wallClock() % 1_000) + AFTER_SECOND
    this.timer = runtime.after(delay, () => void this.tick())
    this.timer.hold(false)
  }

  private disarm(): void {
    this.timer?.cancel()
    this.timer = undefined
  }

  /** Never rejects. */
  private async tick(): Promise<void> {
    this.timer = undefined
    this.isTicking = true
    this.dismiss()
    const over = this.lastSecond()
    const due = [...this.watchers].filter((watcher) => this.isDue(watcher, over))
    // Each view may have to wait for other processes.
    const byView = [...Map.groupBy(due, ({ view }) => view)]
    await Promise.all(byView.map(([view, watchers]) => this.tell(view, watchers)))
    if (this.host.source.over) for (const watcher of this.watchers) watcher.end()
    this.isTicking = false
    this.arm()
  }

  private async tell(view: View, watchers: readonly Watcher[]): Promise<void> {
    const { runtime, admin } = this.host
    // Before the look: what it shows may not know the second that ends meanwhile.
    const over = this.lastSecond()
    const sight = await this.look(view, Math.min(...watchers.map(({ since }) => since)))
    const now = runtime.now()
    const texts = sight === undefined ? undefined : new TickTexts(sight, over, admin)
    for (const watcher of watchers) {
      watcher.send(texts?.after(watcher.since) ?? heartbeat, now)
      if (texts !== undefined) watcher.since = Math.max(over, watcher.since)
    }
  }

  /** Those whose server closes, and those who do not read. */
  private dismiss(): void {
    const now = this.host.runtime.now()
    for (const watcher of this.watchers) {
      if (watcher.isServerClosing) watcher.end()
      else if (watcher.behindSince !== undefined && now - watcher.behindSince >= PATIENCE) {
        this.host.log.warn(
          { backlog: watcher.backlog },
          'dashboard: dropped one who watches and does not read',
        )
        watcher.drop()
      }
    }
  }

  /** Who still has to read gets nothing new: rows that it misses now come with its next tick. */
  private isDue(watcher: Watcher, over: number): boolean {
    const { isReady, isOpen, behindSince, every, since } = watcher
    if (!isReady || !isOpen || behindSince !== undefined) return false
    // At whole multiples of their pace, so that all of one pace are told the same, also when a tick came late.
    if (Math.floor((over + 1) / every) > Math.floor((since + 1) / every)) return true
    const now = this.host.runtime.now()
    if (now - watcher.sentAt >= SILENCE) watcher.send(heartbeat, now)
    return false
  }

  /** What cannot be seen is logged, and seen the next time: a fault of ours must not end the process. */
  private async look(view: View, since: number): Promise<Sight | undefined> {
    try {
      return await this.host.source.look(view, since)
    } catch (error) {
      this.host.log.warn({ err: error }, 'dashboard: could not take a snapshot')
      return undefined
    }
  }

  /** The newest second that is over. */
  private lastSecond(): number {
    return Math.floor(this.host.runtime.wallClock() / 1_000) - 1
  }
}
