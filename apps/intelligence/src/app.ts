/** The reference service: what it is made of, in the order in which it starts and, the other way round, stops. */
import { randomBytes } from 'node:crypto'
import { closeApp, makeApp } from './assembly/http.ts'
import { makeWorker, tellFeed, type IndexingOptions } from './assembly/indexing.ts'
import { makeClients, startStandIns, upstreamFacts, type StandInOptions } from './assembly/upstreams.ts'
import { takeDataFolder } from './config/data-folder.ts'
import { listen, type Listening } from './config/listen.ts'
import type { ServiceContext } from './routes/context.ts'
import { allRoutes } from './routes/all.ts'
import { pageRoutes } from './routes/page.ts'
import { checkHealth, type ServiceHealth } from './routes/status.ts'
import { watchRoutes } from './routes/watch.ts'
import { messageOf } from './store/errors.ts'
import { openStore } from './store/open-store.ts'
import type { SharedProcess } from './store/store.ts'

export interface ServiceOptions extends StandInOptions, IndexingOptions {}

export interface Service extends AsyncDisposable {
  /** Where it can be reached from this machine, without a slash at the end. */
  readonly url: string
  /** Where its shared client finds the search: the service itself, or empty for the client's own base URL. */
  readonly searchUrl: string
  readonly listening: Listening
  /** Where the data is, and whether it goes when the service stops. */
  readonly data: { readonly path: string; readonly temporary: boolean }
  readonly context: ServiceContext
  /** How this process is called among those that share the database; undefined where it is alone. */
  readonly process: SharedProcess | undefined
  health(): Promise<ServiceHealth>
  /** Takes no new documents, and lets those under way finish, as `close` does first. Searches are still answered. */
  drain(options?: { readonly timeout?: number }): Promise<void>
  /**
   * Takes no new documents, lets those under way finish (for `timeout` ms, default 10 s, and then gives them back to
   * the queue), and closes everything; each part also when another one could not be closed. Calling it twice is the
   * same as once. Rejects with all that failed.
   */
  close(options?: { readonly timeout?: number }): Promise<void>
}

/** Milliseconds that calls under way get when a client closes. */
const GRACE = 2_000

/**
 * Starts the service, with a stand-in for each upstream that has no URL. When a part cannot start, those before it
 * are closed again.
 *
 * @throws SettingsError when it cannot start as it is configured.
 * @example
 * await using service = await startService({ settings: readSettings(process.env) })
 * await fetch(`${service.url}/health`)
 */
export async function startService(options: ServiceOptions): Promise<Service> {
  const { settings } = options
  await using starting = new AsyncDisposableStack()
  const data = starting.adopt(takeDataFolder(settings.dataDir), (folder) => folder.release())
  const standIns = starting.adopt(await startStandIns(options, data.path), (all) => all.close())
  let trouble: (error: Error) => void = () => {}
  const opened = await openStore(settings.database, data.path, (error) => trouble(error))
  const store = starting.use(opened)
  const own = await store.processes?.join(settings.database?.processName ?? 'api')
  const clients = starting.adopt(makeClients(settings, standIns), (all) => all.close({ timeout: GRACE }))
  const app = starting.adopt(makeApp(settings), closeApp)
  trouble = (err) => app.log.error({ err }, "trouble in the store's housekeeping")
  const token = settings.searchToken ?? randomBytes(24).toString('base64url')
  const parts = { store, clients, log: app.log, token, ownUrl: () => listening.url }
  const context: ServiceContext = {
    store,
    token,
    worker: makeWorker(options, parts),
    feed: store.feed,
    embeddingModel: settings.embeddingModel,
    indexRoot: settings.indexRoot,
    guarded: settings.apiToken !== undefined,
    clients,
    stopping: false,
    startedAt: Date.now(),
    upstreams: upstreamFacts(settings, standIns),
  }
  for (const routes of allRoutes) routes(app, context)
  watchRoutes(app, context, settings)
  pageRoutes(app, settings.apiToken)
  const listening = await listen(app, settings)
  tellFeed(context)
  context.worker.start()
  let drained: Promise<void> | undefined
  const drain = ({ timeout = 10_000 } = {}): Promise<void> => {
    context.stopping = true
    return (drained ??= context.worker.stop({ timeout }))
  }
  starting.defer(() => drain())
  const started = starting.move()
  let closed: Promise<void> | undefined
  const close = (how?: { readonly timeout?: number }): Promise<void> => {
    void drain(how)
    return (closed ??= started.disposeAsync().catch(failTogether))
  }
  return {
    searchUrl: settings.searchUrl === undefined ? listening.url : '',
    url: listening.url,
    listening,
    data,
    context,
    process: own,
    drain,
    close,
    health: () => checkHealth(context),
    [Symbol.asyncDispose]: () => close(),
  }
}

/** One error that names everything that failed, in place of a chain of them. */
function failTogether(error: unknown): never {
  const failures: unknown[] = []
  let last = error
  for (; last instanceof SuppressedError; last = last.suppressed) failures.push(last.error)
  failures.push(last)
  throw new AggregateError(failures, `the service did not close well: ${failures.map(messageOf).join('; ')}`)
}
