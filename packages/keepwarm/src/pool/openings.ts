/** Carries out the dials that the core orders, and knows all that has a dial or a connection. */
import type { Dispatcher } from 'undici'
import type { Runtime } from '../runtime.ts'
import { AddressWatch } from './address-watch.ts'
import type { ConnectionHost } from './connection.ts'
import type { PoolCore } from './core.ts'
import type { DialFacts } from './dial-facts.ts'
import type { Origin, Slot } from './entities.ts'
import { tell } from './events.ts'
import type { CloseReason } from './limits.ts'
import type { Network } from './network.ts'
import type { ConnectionPoolOptions } from './options.ts'
import { dialTarget } from './origin-key.ts'
import { Placing } from './placing.ts'
import type { Silence } from './silence.ts'
import type { PoolCounters } from './snapshot.ts'
import { WarmUps } from './warm-up.ts'

/** What undici itself opens at most on a session of which the server says nothing else. */
const STREAMS_PER_SESSION = 100

/** The conductor, as the openings see it. */
export interface OpeningsHost extends ConnectionHost {
  readonly core: PoolCore
  readonly runtime: Runtime
  readonly counters: PoolCounters
  /** Emits undici's dispatcher events. */
  readonly pool: Dispatcher
  readonly network: Network
  readonly silence: Silence
  carryOut(): void
}

export class Openings {
  /** Slots that have a dial or a connection. */
  readonly slots: Set<Slot> = new Set()
  private readonly host: OpeningsHost
  private readonly connectTimeout: number
  private readonly placing: Placing
  private readonly addresses: AddressWatch
  private readonly warmUps = new WarmUps()

  constructor(host: OpeningsHost, { connectTimeout, dnsRefresh }: ConnectionPoolOptions) {
    const { core, network, runtime } = host
    this.host = host
    this.connectTimeout = connectTimeout ?? 10_000
    this.placing = new Placing(core, network, runtime)
    this.addresses = new AddressWatch(runtime, dnsRefresh ?? 30_000, network, this.slots, {
      moved: (slot) => host.retired(slot, 'moved', undefined),
      resolved: (origin, ips) => this.resolved(origin, ips),
    })
  }

  /** The core ordered it. */
  open(slot: Slot): void {
    const { core, counters, runtime } = this.host
    if (slot.closeReason !== undefined) return core.closed(slot, runtime.now()) // called off before it began
    const target = dialTarget(slot.origin.key)
    this.slots.add(slot)
    counters.dialed++
    counters.dialedFor[slot.openedFor]++
    const cancel = this.placing.dial(slot, target, this.connectTimeout, {
      opened: (line, how) => this.opened(slot, target.url, line, how),
      failed: (error) => this.failed(slot, target.url, error),
      postponed: () => this.postponed(slot),
    })
    slot.carrier = { dispatch: () => false, close: cancel, destroy: cancel }
  }

  /** It is over, for its own reason or else for this one. */
  forget(slot: Slot, otherwise: CloseReason): void {
    const { closed } = this.host.counters
    const reason = slot.closeReason ?? otherwise
    this.slots.delete(slot)
    closed[reason] = (closed[reason] ?? 0) + 1
  }

  /** Resolves when the origin has so many connections. */
  ready(origin: Origin, count: number): Promise<number> {
    return this.warmUps.wait(origin, count)
  }

  /** Whether dials keep the process alive: somebody waits for them. */
  hold(alive: boolean): void {
    this.host.network.hold(alive || this.warmUps.anyone)
  }

  end(): void {
    this.addresses.end()
  }

  private opened(slot: Slot, url: URL, line: unknown, how: DialFacts | undefined): void {
    const { core, counters, network, pool, runtime, silence } = this.host
    const connection = network.connect(this.host, slot, url, line)
    slot.carrier = connection
    counters.opened++
    silence.opened(slot)
    this.addresses.opened()
    tell(pool, 'connect', url, [pool, connection.client])
    const { protocol, address, ip } = connection.facts()
    slot.facts = { ...how, protocol, address }
    if (ip !== undefined) core.located(slot, ip)
    core.opened(slot, protocol === 'h2' ? STREAMS_PER_SESSION : 1, runtime.now(), runtime.random())
    this.warmUps.changed(slot.origin)
    this.host.carryOut() // only now is it known whether anybody waits for other dials
  }

  private failed(slot: Slot, url: URL, error: Error): void {
    const { core, pool, runtime } = this.host
    this.forget(slot, 'dial_failed')
    if (slot.closeReason === undefined) core.failed(slot, error, runtime.now())
    else core.closed(slot, runtime.now())
    tell(pool, 'connectionError', url, [pool], error)
    this.warmUps.changed(slot.origin, error)
    this.host.carryOut()
  }

  /** It was no dial after all. */
  private postponed(slot: Slot): void {
    const { core, counters, runtime } = this.host
    this.slots.delete(slot)
    counters.dialed--
    counters.dialedFor[slot.openedFor]--
    core.postponed(slot, runtime.now())
    this.warmUps.changed(slot.origin)
    this.host.carryOut()
  }

  private resolved(origin: Origin, ips: readonly string[]): void {
    const { core, runtime } = this.host
    if (core.limits.maxConnectionsPerAddress === Infinity) return
    core.resolved(origin, ips, runtime.now())
    this.host.carryOut()
  }
}
