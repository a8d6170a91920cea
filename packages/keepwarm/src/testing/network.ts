import { Dispatcher, errors } from 'undici'
import type { ConnectionHost } from '../pool/connection.ts'
import type { DialTarget } from '../pool/dial.ts'
import type { DialResult } from '../pool/dial-under-way.ts'
import type { Slot } from '../pool/entities.ts'
import type { Network, NetworkConnection } from '../pool/network.ts'
import type { Runtime } from '../runtime.ts'
import type { ServerBehaviour } from './network-behaviour.ts'
import { SimulatedConnection, type ConnectionWatch } from './network-connection.ts'
import { SimulatedDial } from './network-dial.ts'
import { SimulatedServer, type OpenAt } from './network-server.ts'
import { Wire } from './network-wire.ts'

/**
 * A network without sockets, for a pool or a client under a {@link ManualRuntime}: servers by their origin, that dial
 * slowly, answer late, close at the worst moment, or whatever else they are told to. The events that the pool sees,
 * their order and their errors are those of undici.
 *
 * @example
 * const runtime = new ManualRuntime()
 * const network = new SimulatedNetwork(runtime, { 'http://orders': { answer: { after: 30, body: ['[]'] } } })
 * const client = new HttpClient({ baseUrl: 'http://orders', runtime, network })
 */
export class SimulatedNetwork implements Network<SimulatedConnection> {
  /** Each change of the number of connections that all servers have open. */
  readonly history: OpenAt[] = []
  /** How long each request that was sent had waited for its connection, in ms. */
  readonly waits: number[] = []
  private readonly runtime: Runtime
  private readonly servers = new Map<string, SimulatedServer>()
  private readonly dials = new Set<SimulatedDial>()
  private readonly watch: ConnectionWatch
  private holding = true

  /** @param servers by origin (`http://name:port`); to all others there is no way (ENOTFOUND). */
  constructor(runtime: Runtime, servers: Readonly<Record<string, ServerBehaviour>> = {}) {
    this.runtime = runtime
    this.watch = {
      client: new Dispatcher(),
      sent: ({ queuedAt }) => this.waits.push(runtime.now() - queuedAt),
    }
    for (const [origin, behaviour] of Object.entries(servers)) this.serve(origin, behaviour)
  }

  /** From now on there is a server at this origin. */
  serve(origin: string, behaviour: ServerBehaviour = {}): SimulatedServer {
    const key = new URL(origin).origin
    const server = new SimulatedServer(this.runtime, key, behaviour, (change) => this.count(change))
    this.servers.set(key, server)
    return server
  }

  /**
   * The server at this origin.
   * @throws Error when there is none
   */
  server(origin: string): SimulatedServer {
    const server = this.servers.get(new URL(origin).origin)
    if (server !== undefined) return server
    const known = [...this.servers.keys()].join(', ')
    throw new Error(`there is no server at ${origin}; there are ${known === '' ? 'none at all' : known}`)
  }

  /** All servers. */
  get all(): readonly SimulatedServer[] {
    return [...this.servers.values()]
  }

  /** Dials that are under way. */
  get dialing(): number {
    return this.dials.size
  }

  private count(change: 1 | -1): void {
    this.history.push({ at: this.runtime.now(), open: (this.history.at(-1)?.open ?? 0) + change })
  }

  // ── for the pool ───────────────────────────────────────────────────────────────────────────────────────────

  /** For the pool. */
  dial({ url, http1Only }: DialTarget, within: number, result: DialResult<SimulatedConnection>): () => void {
    const dial = new SimulatedDial(this.runtime, url, result, () => this.dials.delete(dial))
    this.dials.add(dial)
    dial.within(within)
    const server = this.servers.get(url.origin)
    const wire = new Wire(this.runtime, server?.behaviour.latency ?? 0)
    const address = `${url.hostname}:${url.port || (url.protocol === 'https:' ? 443 : 80)}`
    const accept = (): SimulatedConnection =>
      new SimulatedConnection(this.watch, wire, address, (end) => server!.accept(http1Only, wire, end))
    dial.begin(server?.dialed() ?? { fails: 'ENOTFOUND' }, wire, accept)
    dial.hold(this.holding)
    return () => dial.end(new errors.RequestAbortedError('dial called off'))
  }

  /** For the pool. */
  hold(alive: boolean): void {
    this.holding = alive
    for (const dial of this.dials) dial.hold(alive)
  }

  /** For the pool. */
  connect(host: ConnectionHost, slot: Slot, _url: URL, connection: SimulatedConnection): NetworkConnection {
    connection.belongsTo(host, slot)
    return connection
  }
}
