/**
 * Notices when a name leads elsewhere. While a pool has connections, their names are looked up again from time to time;
 * a connection to an address that is no longer among them takes no new request. Some names lead to a few of many
 * addresses at a time, so an address must be missing twice in a row.
 */
import type { Runtime, Timer } from '../runtime.ts'
import { isDescribed } from './connections.ts'
import type { Origin, Slot } from './entities.ts'
import type { Network } from './network.ts'
import { dialTarget } from './origin-key.ts'

const MISSING_TIMES = 2

export interface AddressWatchHost {
  /** The connection leads to an address that the name no longer has. */
  moved(slot: Slot): void
  /** The origin leads to these addresses now. */
  resolved(origin: Origin, ips: readonly string[]): void
}

export class AddressWatch {
  private readonly runtime: Runtime
  private readonly every: number
  private readonly network: Network
  private readonly host: AddressWatchHost
  private readonly slots: ReadonlySet<Slot>
  /** How often in a row each address was missing, by origin and address. */
  private missing = new Map<string, number>()
  private timer: Timer | undefined

  /** @param every in ms; Infinity for never. */
  constructor(
    runtime: Runtime,
    every: number,
    network: Network,
    slots: ReadonlySet<Slot>,
    host: AddressWatchHost,
  ) {
    this.runtime = runtime
    this.every = every
    this.network = network
    this.slots = slots
    this.host = host
  }

  /** A connection was opened. */
  opened(): void {
    if (this.timer !== undefined || this.every === Infinity || this.network.lookup === undefined) return
    this.timer = this.runtime.after(this.every, () => void this.look())
    this.timer.hold(false)
  }

  end(): void {
    this.timer?.cancel()
  }

  private async look(): Promise<void> {
    const connections = new Map<Origin, Slot[]>()
    for (const slot of this.slots) {
      if (slot.state !== 'ready') continue
      const known = connections.get(slot.origin)
      if (known === undefined) connections.set(slot.origin, [slot])
      else known.push(slot)
    }
    const before = this.missing
    this.missing = new Map()
    await Promise.all(Array.from(connections, ([origin, slots]) => this.compare(origin, slots, before)))
    this.timer = undefined
    if (this.slots.size > 0) this.opened()
  }

  private async compare(
    origin: Origin,
    slots: readonly Slot[],
    before: ReadonlyMap<string, number>,
  ): Promise<void> {
    const ips = await this.network.lookup!(dialTarget(origin.key))?.catch(() => undefined)
    if (ips === undefined) return // the connections that there are work all the same
    this.host.resolved(origin, ips)
    for (const slot of slots) {
      const ip = ipOf(slot)
      if (ip === undefined || ips.includes(ip)) continue
      const key = `${origin.key} ${ip}`
      const times = (before.get(key) ?? 0) + 1
      this.missing.set(key, times)
      if (times >= MISSING_TIMES) this.host.moved(slot)
    }
  }
}

/** The address that a connection leads to. */
function ipOf({ carrier }: Slot): string | undefined {
  return isDescribed(carrier) ? carrier.facts().ip : undefined
}
