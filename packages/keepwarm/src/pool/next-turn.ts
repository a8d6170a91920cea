import { afterThisTurn, type Runtime } from '../runtime.ts'
import type { PoolCore } from './core.ts'
import type { Slot } from './entities.ts'
import type { Lease } from './lease.ts'

export interface NextTurnHost {
  readonly core: PoolCore<Lease>
  readonly runtime: Runtime
  carryOut(now: number): void
}

/**
 * HTTP/1.1 connections whose request is over. They take another when the event loop has gone round: what the server sent
 * behind its answer, against the rules, is seen by then. undici would see to that for each connection by itself; here
 * all that are freed in a turn share one callback.
 */
export class NextTurn {
  private readonly host: NextTurnHost
  private slots: Slot[] = []

  constructor(host: NextTurnHost) {
    this.host = host
  }

  add(slot: Slot): void {
    if (this.slots.push(slot) === 1) afterThisTurn(this.come)
  }

  private readonly come = (): void => {
    const { slots, host } = this
    this.slots = []
    const now = host.runtime.now()
    for (const slot of slots) {
      // Given back unsent, it may have another request by now, which will tell.
      if (slot.blocked && slot.streams === 0 && slot.carrier?.isGone === false) host.core.drained(slot, now)
    }
    host.carryOut(now)
  }
}
