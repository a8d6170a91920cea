/** What the pool does about HTTP/2 sessions that may lead nowhere; {@link PingWatch} finds out which do. */
import type { Runtime } from '../runtime.ts'
import { SessionSilent } from './blame.ts'
import type { PoolCore } from './core.ts'
import type { Slot } from './entities.ts'
import type { NetworkConnection } from './network.ts'
import { PingWatch, type PingOptions, type Pulse } from './ping.ts'
import type { StreamLimits } from './stream-limits.ts'

/** A connection that is silent for less than this, in ms, is merely slow. */
const SUSPICIOUS_SILENCE = 250

export class Silence {
  private readonly core: Pick<PoolCore, 'suspend' | 'suspect' | 'resume' | 'retire'>
  private readonly pings: PingWatch

  constructor(
    runtime: Runtime,
    options: PingOptions,
    core: Silence['core'],
    limits: Pick<StreamLimits, 'isFull'>,
    carryOut: () => void,
  ) {
    this.core = core
    this.pings = new PingWatch(runtime, options, {
      alive: (slot) => {
        if (!limits.isFull(slot)) core.resume(slot, runtime.now())
        carryOut()
      },
      waning: (slot) => {
        core.retire(slot, 'silent', runtime.now())
        carryOut()
      },
      silent: (slot) => {
        core.retire(slot, 'silent', runtime.now())
        slot.carrier?.destroy(new SessionSilent(nothingFrom(slot, this.pings.pingTimeout)))
        carryOut()
      },
    })
  }

  opened(slot: Slot): void {
    const pulse = pulseOf(slot)
    if (pulse !== undefined) this.pings.watch(pulse)
  }

  closed(slot: Slot): void {
    const pulse = pulseOf(slot)
    if (pulse !== undefined) this.pings.forget(pulse)
  }

  /** It may be used again for all that others know; here perhaps an answer is still waited for. */
  resume(slot: Slot, now: number): void {
    const pulse = pulseOf(slot)
    if (pulse === undefined || !this.pings.waitsFor(pulse)) this.core.resume(slot, now)
  }

  /** A request goes out on the session. */
  requested(slot: Slot, now: number): void {
    pulseOf(slot)?.requested(now)
  }

  /**
   * A request was given up without an answer: those that rest since before it may be no better. On a session, when nothing at all has arrived while requests waited, a box
   * on the way may have forgotten it, and no end will ever come. It is asked; until it answers, nothing new goes out on
   * it, so that it eats no more requests.
   */
  unanswered(slot: Slot, now: number): void {
    if (now - slot.leasedAt >= SUSPICIOUS_SILENCE) this.core.suspect(slot, now)
    const pulse = pulseOf(slot)
    if (pulse === undefined || pulse.silence(now) < SUSPICIOUS_SILENCE) return
    if (this.pings.doubt(pulse)) this.core.suspend(slot, now)
    else this.core.retire(slot, 'silent', now)
  }
}

/** Of an open connection. */
function pulseOf(slot: Slot): Pulse | undefined {
  return (slot.carrier as NetworkConnection).pulse
}

function nothingFrom({ origin }: Slot, pingTimeout: number): string {
  return `the HTTP/2 session to ${origin.key} went silent: no byte, and no answer to a ping within ${pingTimeout} ms`
}
