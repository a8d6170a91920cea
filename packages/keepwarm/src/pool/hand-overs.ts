/**
 * Requests that were handed to an HTTP/2 session which has not come to them: its server's settings are not known yet, or
 * it refused the stream and allows none now. undici keeps such a request for as long as it takes; here it waits no longer
 * than it would have waited in line. There is at most a handful, and no cost for a request that goes out at once.
 */
import { Agenda } from '../agenda.ts'
import { Alarm } from '../alarm.ts'
import type { Runtime } from '../runtime.ts'
import type { Lease } from './lease.ts'

export class HandOvers {
  private readonly runtime: Runtime
  private readonly agenda = new Agenda<Lease>()
  private readonly alarm: Alarm

  constructor(runtime: Runtime, late: (lease: Lease, now: number) => void) {
    this.runtime = runtime
    this.alarm = new Alarm(runtime, () => {
      const now = this.runtime.now()
      this.agenda.due(now, (lease) => late(lease, now))
      this.alarm.set(this.agenda.next, true)
    })
  }

  /** It was handed over, and waits there until `by`. */
  wait(lease: Lease, by: number): void {
    if (by === Infinity) return
    this.agenda.move(lease, by)
    this.alarm.set(this.agenda.next, true)
  }

  /** It is written, or over, or somewhere else. It must not stand in line again before this is told. */
  done(lease: Lease): void {
    if (!this.agenda.has(lease)) return
    this.agenda.remove(lease)
    if (this.agenda.next === Infinity) this.alarm.cancel()
  }
}
