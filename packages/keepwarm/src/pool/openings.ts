/** Carries out the dials that the core orders, and knows all that has a dial or a connection. */
import { errors, type Dispatcher } from 'undici'
import type { Runtime } from '../runtime.ts'
import { AddressWatch } from './address-watch.ts'
import type { ConnectionHost } from './connection.ts'
import type { PoolCore } from './core.ts'
import type { DialFacts } from './dial-facts.ts'
import type { Origin, Slot } from './entities.ts'
import { tell } from './events.ts'
import type { Network, NetworkConnection } from './network.ts'
import type { ConnectionPoolOptions } from './options.ts'
import { dialTarget } from './origin-key.ts'
import { Placing } from './placing.ts'
import type { Silence } from './silence.ts'
import type { Figures } from './figures.ts'
import { WarmUps } from './warm-up.ts'

/** What undici itself opens at most on a session of which the server says nothing else. */
const STREAMS_PER_SESSION = 100

/** The conductor, as the openings see it. */
export interface OpeningsHost extends ConnectionHost {
  readonly core: PoolCore
  readonly runtime: Runtime
  readonly figures: Figures
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
    const { core, figures, runtime } = this.host
    if (slot.closeReason !== undefined) return core.closed(slot, runtime.now()) // called off before it began
    const target = dialTarget(slot.origin.key)
    this.slots.add(slot)
    figures.dialed(slot, 1, slot.dialedAt)
    const cancel = this.placing.dial(slot, target, this.connectTimeout, {
      opened: (line, how) => this.opened(slot, target.url, line, how),
      failed: (error) => this.failed(slot, target.url, error),
      postponed: () => this.postponed(slot),
    })
    slot.carrier = { dispatch: () => false, close: cancel, destroy: cancel }
  }

  /** The connection is over. */
  closed(slot: Slot): void {
    const { core, figures, pool, runtime } = this.host
    const now = runtime.now()
    this.slots.delete(slot)
    figures.closed(slot, now)
    core.closed(slot, now)
    const { client } = slot.carrier as NetworkConnection
    const { url } = dialTarget(slot.origin.key)
    tell(pool, 'disconnect', url, [pool, client], new errors.InformationalError(slot.closeReason))
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
    const { core, figures, network, pool, runtime, silence } = this.host
    const connection = network.connect(this.host, slot, url, line)
    slot.carrier = connection
    silence.opened(slot)
    this.addresses.opened()
    tell(pool, 'connect', url, [pool, connection.client])
    const { protocol, address, ip } = connection.facts()
    slot.facts = { ...how, protocol, address }
    const now = runtime.now()
    figures.opened(slot, how, now)
    if (ip !== undefined) core.located(slot, ip)
    core.opened(slot, protocol === 'h2' ? STREAMS_PER_SESSION : 1, now, runtime.random())
    this.warmUps.changed(slot.origin)
    this.host.carryOut() // only now is it known whether anybody waits for other dials
  }

  private failed(slot: Slot, url: URL, error: Error): void {
    const { core, figures, pool, runtime } = this.host
    const now = runtime.now()
    this.slots.delete(slot)
    figures.dialFailed(slot, error, now)
    if (slot.closeReason === undefined) core.failed(slot, error, now)
    else core.closed(slot, now)
    tell(pool, 'connectionError', url, [pool], error)
    this.warmUps.changed(slot.origin, error)
    this.host.carryOut()
  }

  /** It was no dial after all. */
  private postponed(slot: Slot): void {
    const { core, figures, runtime } = this.host
    const now = runtime.now()
    this.slots.delete(slot)
    figures.dialed(slot, -1, now)
    core.postponed(slot, now)
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
