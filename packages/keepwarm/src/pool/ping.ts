/**
 * Finds out whether HTTP/2 sessions still lead somewhere. A box on the way can forget a connection without a word to
 * either side; then no end and no reset ever comes, and each request on it waits for its own deadline.
 *
 *             pingAfter without a byte           pingTimeout without a byte
 *     heard ───────────────────────────▶ asked ──────────────────────────────▶ silent
 *       ▲                                  │
 *       └──────────────any byte────────────┘
 *
 * Any byte is a sign of life, so that a session which is answered is never asked. Nothing is done per request: every
 * session is looked at four times in `pingAfter`, and four times in `pingTimeout` after it was asked. Looks are counted,
 * not time: when the process was held up, what arrived meanwhile is read before the next look, and spoils no session.
 * Half-way through `pingTimeout` nothing new goes out on it, so that who waits need not wait for the end of it.
 */
import { Agenda, AgendaItem } from '../agenda.ts'
import { Alarm } from '../alarm.ts'
import type { Runtime } from '../runtime.ts'
import type { Origin, Slot } from './entities.ts'

export interface PingOptions {
  readonly pingAfter?: number
  readonly pingTimeout?: number
}

/** What a session does for the watch. */
export interface Pingable {
  /** Bytes received so far. */
  readonly received: number
  /** Sends a ping and calls `answered` when the answer is there. False when the session cannot be asked. */
  ping(answered: () => void): boolean
}

/** What is known of a session's life. */
export class Pulse extends AgendaItem {
  readonly slot: Slot
  readonly session: Pingable
  /** The server ended the session because it was bothered too much. */
  unwelcome = false
  /** @internal Pings sent, and whether one is under way. */
  pings = 0
  asked = false
  /** @internal Looks in a row without a byte, and the bytes received up to the last one. */
  quiet = 0
  heard = 0
  private requestAt = 0
  private receivedBefore = -1

  constructor(slot: Slot, session: Pingable) {
    super()
    this.slot = slot
    this.session = session
  }

  /** A request goes out on it. */
  requested(now: number): void {
    const { received } = this.session
    if (received === this.receivedBefore) return // an earlier one waits for its first byte
    this.receivedBefore = received
    this.requestAt = now
  }

  /** For how long a request has waited on it without a single byte for anybody, in ms. */
  silence(now: number): number {
    return this.session.received === this.receivedBefore ? now - this.requestAt : 0
  }
}

/** What the watch found about a session that was asked. */
export interface PingHost {
  /** It answered, or anything else arrived. */
  alive(slot: Slot): void
  /** Half of `pingTimeout` went by, and nothing arrived. */
  waning(slot: Slot): void
  /** All of it did. */
  silent(slot: Slot): void
}

const LOOKS = 4

export class PingWatch {
  readonly pingAfter: number
  readonly pingTimeout: number
  private readonly runtime: Runtime
  private readonly host: PingHost
  private readonly agenda = new Agenda<Pulse>()
  private readonly alarm: Alarm
  /** Origins that do not want to be asked. */
  private readonly unwilling = new WeakSet<Origin>()

  /** @param options `pingAfter`, 15 s by default, and `pingTimeout`, 5 s, in ms; Infinity in one of them: never. */
  constructor(runtime: Runtime, { pingAfter = 15_000, pingTimeout = 5_000 }: PingOptions, host: PingHost) {
    this.runtime = runtime
    this.pingAfter = pingAfter
    this.pingTimeout = pingTimeout
    this.host = host
    this.alarm = new Alarm(runtime, () => {
      const now = runtime.now()
      this.agenda.due(now, (pulse) => this.look(pulse, now))
      this.setAlarm()
    })
  }

  /** A session was opened. */
  watch(pulse: Pulse): void {
    if (this.pingAfter + this.pingTimeout === Infinity || this.unwilling.has(pulse.slot.origin)) return
    pulse.heard = pulse.session.received
    this.lookAgain(pulse, this.pingAfter)
  }

  /** It is closed. */
  forget(pulse: Pulse): void {
    this.agenda.remove(pulse)
    if (pulse.unwelcome && pulse.pings > 0) this.unwilling.add(pulse.slot.origin)
    if (this.agenda.next === Infinity) this.alarm.cancel()
  }

  /** There is reason to believe that it leads nowhere: it is asked at once. False when it cannot be asked. */
  doubt(pulse: Pulse): boolean {
    if (!this.agenda.has(pulse) || !this.ask(pulse)) return false
    if (pulse.quiet >= LOOKS) return true // it is waited for already
    pulse.heard = pulse.session.received
    pulse.quiet = LOOKS
    this.lookAgain(pulse, this.pingTimeout)
    return true
  }

  /** It was asked, and nothing arrived since. */
  waitsFor(pulse: Pulse): boolean {
    return pulse.quiet >= LOOKS
  }

  private look(pulse: Pulse, now: number): void {
    const { received } = pulse.session
    if (received !== pulse.heard) this.hear(pulse, received)
    else if (++pulse.quiet === LOOKS && !this.ask(pulse)) pulse.quiet = 0
    if (pulse.quiet === 2 * LOOKS) return this.host.silent(pulse.slot)
    this.agenda.add(pulse, now + (pulse.quiet < LOOKS ? this.pingAfter : this.pingTimeout) / LOOKS)
    if (pulse.quiet === 1.5 * LOOKS) this.host.waning(pulse.slot)
  }

  private hear(pulse: Pulse, received: number): void {
    const wasAsked = pulse.quiet >= LOOKS
    pulse.heard = received
    pulse.quiet = 0
    if (wasAsked) this.host.alive(pulse.slot)
  }

  /** True when an answer is due: one ping at a time. */
  private ask(pulse: Pulse): boolean {
    if (pulse.asked) return true
    pulse.asked = pulse.session.ping(() => {
      pulse.asked = false
      this.host.alive(pulse.slot)
    })
    if (pulse.asked) pulse.pings++
    return pulse.asked
  }

  private lookAgain(pulse: Pulse, within: number): void {
    this.agenda.move(pulse, this.runtime.now() + within / LOOKS)
    this.setAlarm()
  }

  /** Nobody waits for it: it does not keep the process alive. */
  private setAlarm(): void {
    if (this.agenda.next !== Infinity) this.alarm.set(this.agenda.next, false)
  }
}
