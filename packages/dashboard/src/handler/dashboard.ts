/** The dashboard: what it is made of. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { HttpClient } from 'keepwarm'
import { actsOn } from './admin/acts.ts'
import { Journal } from './admin/journal.ts'
import { fastifyPlugin, type FastifyPlugin } from './fastify.ts'
import { handle, type HandleHost, type Next } from './handle.ts'
import { LocalSource, type Annotate } from './local-source.ts'
import type { Observed } from './observed.ts'
import { resolveSettings, type DashboardOptions, type Settings } from './options.ts'
import { Metered } from './reads.ts'
import { listen, type Listening, type ListenOptions } from './own-server.ts'
import { collectFrom, type ClusterLike } from './processes/cluster.ts'
import { Collector } from './processes/collector.ts'
import type { Port } from './processes/line.ts'
import { ownId } from './processes/report.ts'
import { Broadcast } from './stream/broadcast.ts'

/** A live dashboard of clients, to be mounted in an app or to listen by itself. */
export interface Dashboard extends AsyncDisposable {
  /**
   * For `createServer()`, Express and all that take `(request, response, next)`. It needs no `this`.
   * @example createServer(dashboard(clients).handle)
   * @example app.use('/dashboard', dashboard(clients).handle)
   */
  readonly handle: (request: IncomingMessage, response: ServerResponse, next?: Next) => void
  /**
   * For Fastify 5.
   * @example await fastify.register(dashboard(clients).fastify, { prefix: '/dashboard' })
   */
  readonly fastify: FastifyPlugin
  /**
   * Listens by itself, on this machine: another `host` needs a token. It never keeps the process alive.
   * Rejects with ConfigError for a host that is not allowed, with the system's error when the port is taken.
   * @example const { url } = await dashboard(clients).listen({ port: 9_090 })
   */
  listen(options?: ListenOptions): Promise<Listening>
  /**
   * Shows another process or thread, too, by itself and in the sum of all: a child process, a worker thread, a port, or
   * `cluster` with all of its workers, those to come among them. There `reportToDashboard(clients)` is to be called.
   * What can be changed by hand is that of this process alone.
   * @returns what ends it when it is disposed of; it ends by itself when the other one does
   * @example dashboard([]).collect(cluster)
   */
  collect(from: Port | ClusterLike): Disposable
  /** How many watch at the moment. */
  readonly watchers: number
  /** Ends all streams and its own servers; what is mounted answers that it is closed. The clients stay as they are. */
  close(): Promise<void>
}

/** What a dashboard shows, and what its admin routes work on. */
export interface Shown {
  readonly observed: Observed
  readonly find: (name: string) => HttpClient | undefined
  /** Whether there may be clients again when all were closed. */
  readonly mayGrow?: boolean
}

/** @throws ConfigError naming every option that is wrong */
export function makeDashboard(shown: Shown, options: DashboardOptions = {}): Dashboard {
  const settings = resolveSettings(options)
  const { host, collector } = partsOf(shown, settings)
  const { broadcast } = host
  const own = new OwnServers(settings, (...given) => handle(host, settings.mount, ...given))
  const close = async (): Promise<void> => {
    broadcast.close()
    await own.close()
    shown.observed[Symbol.dispose]()
  }
  return {
    handle: own.handle,
    fastify: fastifyPlugin({
      handle: (prefix, request, response) => handle(host, prefix, request, response),
      close: () => broadcast.close(),
    }),
    listen: (how) => own.listen(how),
    collect: (from) => collectFrom(collector, from),
    get watchers() {
      return broadcast.count
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

function partsOf(
  { observed, find, mayGrow = false }: Shown,
  settings: Settings,
): { host: HandleHost; collector: Collector } {
  const { runtime, log, admin, maxWatchers } = settings
  const journal = new Journal()
  const annotate: Annotate = (snapshot) => journal.into(snapshot)
  const local = new LocalSource(observed, runtime, { annotate, mayGrow })
  const source = new Collector(local, ownId(), settings)
  const broadcast = new Broadcast({ source, runtime, log, admin, maxWatchers })
  const wallClock = (): number => runtime.wallClock()
  const acts = actsOn(find)
  const host: HandleHost = {
    ...{ settings, source, broadcast, metered: new Metered() },
    admin: { enabled: admin, acts, journal, log, wallClock },
  }
  return { host, collector: source }
}

/** Servers that listen for the dashboard alone, and close with it. */
class OwnServers {
  readonly handle: Dashboard['handle']
  private readonly settings: Settings
  private readonly open: Listening[] = []

  constructor(settings: Settings, handle: Dashboard['handle']) {
    this.settings = settings
    this.handle = handle
  }

  async listen(how: ListenOptions = {}): Promise<Listening> {
    const { mount, token } = this.settings
    const server = await listen(how, this.handle, { mount, hasToken: token !== undefined })
    this.open.push(server)
    return server
  }

  async close(): Promise<void> {
    await Promise.all(this.open.splice(0).map((server) => server.close()))
  }
}
