/** The reference service: what it is made of, in the order in which it starts and, the other way round, stops. */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import fastify, { type FastifyInstance } from 'fastify'
import { destination } from 'pino'
import { createServiceClients, type ServiceClients } from './clients/index.ts'
import { takeDataFolder } from './config/data-folder.ts'
import { listen, type Listening } from './config/listen.ts'
import { shownUrl } from './config/problems.ts'
import type { Settings } from './config/settings.ts'
import type { DeliveryTarget } from './indexing/deliver.ts'
import { Pipeline } from './indexing/pipeline.ts'
import type { BackoffOptions } from './indexing/verdict.ts'
import { IndexWorker, type WorkerOptions } from './indexing/worker.ts'
import type { ServiceContext, UpstreamFacts } from './routes/context.ts'
import { documentRoutes } from './routes/documents.ts'
import { takeJsonOnly } from './routes/json.ts'
import { answerProblems } from './routes/problems.ts'
import { searchRoutes } from './routes/search.ts'
import { checkHealth, statusRoutes, type ServiceHealth } from './routes/status.ts'
import { vectorizeRoutes } from './routes/vectorize.ts'
import { messageOf } from './store/errors.ts'
import { openSqliteStore } from './store/sqlite-store.ts'
import type { Store } from './store/store.ts'
import { startUpstreamsInThreads } from './upstreams/in-thread.ts'
import { startUpstreams, upstreamNames, type Upstreams, type UpstreamsOptions } from './upstreams/index.ts'

export interface ServiceOptions {
  readonly settings: Settings
  /** What the embedded stand-ins are told. */
  readonly upstreams?: UpstreamsOptions
  /** Where they run: in a thread of their own, or on the event loop of the service. Default `inline`. */
  readonly standIns?: 'thread' | 'inline'
  /** What the worker is told. */
  readonly worker?: Pick<WorkerOptions, 'backoff' | 'lease'>
  /** Pauses between repairs of degraded documents. */
  readonly repairs?: BackoffOptions
}

export interface Service extends AsyncDisposable {
  /** Where it can be reached from this machine, without a slash at the end. */
  readonly url: string
  /** Where its shared client finds the search: the service itself, or empty for the client's own base URL. */
  readonly searchUrl: string
  readonly listening: Listening
  /** Where the data is, and whether it goes when the service stops. */
  readonly data: { readonly path: string; readonly temporary: boolean }
  readonly context: ServiceContext
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

/** The largest body of a request, in bytes. */
const BODY_LIMIT = 16 * 1024 * 1024
/** Milliseconds that requests under way get when the server closes, and calls when a client does. */
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
  const store = starting.use(openSqliteStore(join(data.path, 'intelligence.db')))
  const clients = starting.adopt(makeClients(settings, standIns), (all) => all.close({ timeout: GRACE }))
  const app = starting.adopt(makeApp(settings), closeApp)
  const parts = makeIndexing(options, store, clients, app, () => listening.url)
  const context: ServiceContext = {
    ...parts,
    store,
    clients,
    stopping: false,
    startedAt: Date.now(),
    upstreams: upstreamFacts(settings, standIns),
  }
  for (const routes of [documentRoutes, searchRoutes, vectorizeRoutes, statusRoutes]) routes(app, context)
  const listening = await listen(app, settings)
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

function startStandIns(options: ServiceOptions, folder: string): Promise<Upstreams> {
  const { settings, upstreams = {}, standIns = 'inline' } = options
  const start = standIns === 'thread' ? startUpstreamsInThreads : startUpstreams
  const missing = upstreamNames.filter((name) => settings.urls[name] === undefined)
  // What the freshness database knows outlives the process as the documents do.
  const bridge = { file: join(folder, 'freshness.db'), ...upstreams.bridge }
  // A stand-in embeds by whatever name the model is asked for.
  const models = [
    { name: settings.embeddingModel, dimensions: 768 },
    { name: settings.generationModel, generates: true },
  ]
  return start(missing, { ...upstreams, bridge, ollama: { models, ...upstreams.ollama } })
}

function makeClients(settings: Settings, standIns: Upstreams): ServiceClients {
  const { urls, embeddingModel, generationModel, searchUrl, env } = settings
  const at = (name: keyof Settings['urls']): string => urls[name] ?? standIns.get(name).url
  return createServiceClients({
    env,
    urls: {
      ollama: at('ollama'),
      langextract: at('langextract'),
      bridge: at('bridge'),
      coordinator: at('coordinator'),
    },
    // Kept idle as many as may be busy: with fewer, several documents at once close what the next moment opens again.
    extractor: { embeddingModel, generationModel, defaults: { maxIdleConnections: 20 } },
    shared: searchUrl === undefined ? {} : { client: { baseUrl: searchUrl } },
  })
}

function makeApp({ logLevel }: Settings): FastifyInstance {
  const logger =
    logLevel === 'silent' ? false : { level: logLevel, stream: destination({ dest: 2, sync: true }) }
  const app = fastify({ logger, bodyLimit: BODY_LIMIT, routerOptions: { maxParamLength: 1_000 } })
  takeJsonOnly(app)
  answerProblems(app)
  return app
}

/** Requests under way get a moment to finish; what is open after that is ended. */
async function closeApp(app: FastifyInstance): Promise<void> {
  const late = setTimeout(() => app.server.closeAllConnections(), GRACE)
  await app.close()
  clearTimeout(late)
}

type Indexing = Pick<ServiceContext, 'worker' | 'token'>

function makeIndexing(
  options: ServiceOptions,
  store: Store,
  clients: ServiceClients,
  app: FastifyInstance,
  ownUrl: () => string,
): Indexing {
  const { searchUrl, searchToken, indexConcurrency: concurrency } = options.settings
  const token = searchToken ?? randomBytes(24).toString('base64url')
  // A token that was made up here is no other service's business.
  const target = (): DeliveryTarget =>
    searchUrl === undefined
      ? { url: ownUrl(), hasQueue: true, token }
      : { url: '', hasQueue: false, token: searchToken }
  const repairs = options.repairs === undefined ? {} : { repairs: options.repairs }
  const pipeline = new Pipeline({ clients, target, unfinished: store.unfinished, ...repairs })
  const worker = new IndexWorker({
    store,
    pipeline,
    concurrency,
    log: app.log,
    ...options.worker,
  })
  return { worker, token }
}

function upstreamFacts({ urls }: Settings, standIns: Upstreams): UpstreamFacts[] {
  return upstreamNames.map((name) => {
    const standIn = urls[name] === undefined ? standIns.get(name) : undefined
    return { name, url: shownUrl(urls[name] ?? standIns.get(name).url), standIn }
  })
}
