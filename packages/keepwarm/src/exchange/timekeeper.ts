import { Agenda, type AgendaItem } from '../agenda.ts'
import { Alarm } from '../alarm.ts'
import { Lateness } from '../observe/lateness.ts'
import type { Runtime } from '../runtime.ts'

/** Something that wants to be told when its time has come. */
export interface Timed extends AgendaItem {
  onTime(now: number): void
}

/** The clock of all exchanges of a client: one timer for all their deadlines. */
export class Timekeeper {
  private readonly agenda = new Agenda<Timed>()
  private readonly alarm: Alarm
  /** Of the timer. */
  readonly lateness: Lateness = new Lateness()
  private waits = 0

  constructor(runtime: Runtime) {
    this.alarm = new Alarm(runtime, (late) => {
      const now = runtime.now()
      this.lateness.add(late, now)
      this.agenda.due(now, (item) => item.onTime(now))
      this.set()
    })
  }

  /** Calls `item.onTime` at `at`. An item has one moment; a later call replaces it. */
  call(item: Timed, at: number): void {
    this.agenda.remove(item)
    if (at !== Infinity) this.agenda.add(item, at)
    this.set()
  }

  forget(item: Timed): void {
    this.agenda.remove(item)
  }

  /**
   * Somebody waits for nothing but the clock, so that it must keep the process alive. (Whoever waits for a
   * connection or a server is kept alive by the pool and the socket.)
   */
  holdFor(wait: 1 | -1): void {
    this.waits += wait
    this.set()
  }

  /** There will be no more calls. */
  stop(): void {
    this.alarm.cancel()
  }

  private set(): void {
    this.alarm.set(this.agenda.next, this.waits > 0)
  }
}
