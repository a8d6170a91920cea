/** The main job: start the service, index, report, serve, stop. */
import { startService, type Service } from '../app.ts'
import { readSettings, type Environment } from '../config/settings.ts'
import { IndexRun } from '../indexing/index-run.ts'
import { defaultSources, type Source } from '../indexing/sources.ts'
import { shownClients } from '../routes/context.ts'
import { searchEntities } from '../search/search.ts'
import { announce, warnOfUpstreams } from './beginning.ts'
import { exitCodes, JobError } from './exit-codes.ts'
import { counted, duration } from './figures.ts'
import { showProgress, traffic } from './progress.ts'
import { makeReport, type Report, type SearchReport } from './report.ts'
import { exampleSearch } from './search-example.ts'
import type { Screen } from './screen.ts'
import { Sharing } from './sharing.ts'
import { summary } from './summary.ts'
import { WorkerProcesses } from './worker-processes.ts'

export interface JobOptions {
  /** Default: the project's own pages and those of its HTTP engine. */
  readonly folder: string | undefined
  /** Ends after the summary. */
  readonly once: boolean
  /** The report as JSON in place of the summary. */
  readonly json: boolean
  /** The example's question; undefined for a fitting one. */
  readonly query: string | undefined
}

/**
 * Resolves with the exit code once everything is closed.
 *
 * @param stop aborts when the user has seen enough: what is under way is finished or given back, and kept.
 * @throws SettingsError, FolderError and JobError for what the user can put right
 */
export async function runJob(
  options: JobOptions,
  env: Environment,
  screen: Screen,
  stop: AbortSignal,
): Promise<number> {
  const settings = readSettings(env)
  await using service = await startService({ settings, standIns: 'thread' })
  announce(service, settings.portGiven, screen)
  await warnOfUpstreams(service, settings.searchUrl, screen)
  using sharing = await Sharing.of(service, screen)
  await using workers = new WorkerProcesses(service, env, screen)
  await workers.start(settings.database?.workers ?? 0)
  const run = new IndexRun(service.context, settings.embeddingModel)
  const sources: readonly Source[] =
    options.folder === undefined ? defaultSources() : [{ kind: 'folder', path: options.folder }]
  const job = { service, run, sharing, workers, screen, stop }
  const finished = await index(job, sources, options.folder ?? 'the documentation')
  // What is under way when the user has seen enough is finished first, and counted.
  if (!finished) await stopWorking(job)
  const search = finished ? await exampleSearch(service, await questionFor(options, service)) : null
  const others = await workers.figures()
  const processes = (await sharing?.report()) ?? null
  show(await makeReport({ service, run, search, finished, processes, others }), options.json, screen)
  if (finished && !options.once) {
    for (const line of addresses(service, search, screen)) screen.err(line)
    await aborted(stop)
  }
  await stopWell(job)
  if (!finished) return exitCodes.interrupted
  return run.counts().dead.length > 0 && options.once ? exitCodes.lost : exitCodes.ok
}

/** What the steps of the job work with. */
interface Job {
  readonly service: Service
  readonly run: IndexRun
  readonly sharing: Sharing | undefined
  readonly workers: WorkerProcesses
  readonly screen: Screen
  readonly stop: AbortSignal
}

/** False when it was stopped before the end. */
async function index(
  { service, run, sharing, screen, stop }: Job,
  sources: readonly Source[],
  name: string,
): Promise<boolean> {
  screen.err(`Reading ${sources.map(({ path }) => shortPath(path)).join(', ')}`)
  const clients = shownClients(service.context)
  using _progress = showProgress(screen, () => {
    return { run: run.counts(), traffic: traffic(clients), shares: sharing?.shares }
  })
  try {
    await run.submit(sources, name, stop)
  } catch (error) {
    if (stop.aborted) return false
    throw error
  }
  const { read, wanted, skipped } = run.counts()
  if (read === 0 && wanted === 0) {
    const help = 'Give a folder with .md, .mdx, .markdown, .txt or .rst files.'
    const found =
      skipped.length === 0
        ? 'it is empty'
        : `${counted(skipped.length, 'other entry', 'other entries')}, no text`
    throw new JobError(exitCodes.usage, `there is nothing to index in ${name}: ${found}. ${help}`)
  }
  if (!screen.live) screen.err(`Indexing ${counted(wanted, 'document')}`)
  await Promise.race([run.wait(), aborted(stop)])
  return !stop.aborted
}

function show(report: Report, json: boolean, screen: Screen): void {
  if (json) return screen.out(JSON.stringify(report, null, 2))
  screen.out()
  for (const line of summary(report, screen.paintOut)) screen.out(line)
}

/** A question that the documents can answer: for a folder of the user's, what they speak of most. */
async function questionFor({ query, folder }: JobOptions, service: Service): Promise<string> {
  if (query !== undefined) return query
  if (folder === undefined) return 'reuse idle connections'
  return (await searchEntities(service.context.store, '', { limit: 1 }))[0]?.name ?? 'introduction'
}

function addresses({ url }: Service, search: SearchReport | null, screen: Screen): string[] {
  const { paintErr: paint } = screen
  const question = encodeURIComponent(search?.query ?? 'pool').replaceAll('%20', '+')
  const paths = [
    '/dashboard/',
    `/search?q=${question}`,
    '/documents',
    '/entities?name=',
    '/clients',
    '/health',
  ]
  return [
    '',
    paint('bold', 'Serving until Ctrl-C'),
    `  ${paint('cyan', `${url}/`)}  in a browser: add documents, watch them being indexed, search`,
    ...paths.map((path) => `  ${paint('cyan', url + path)}`),
  ]
}

async function stopWorking({ service, workers, screen }: Job): Promise<void> {
  const { busy } = service.context.worker
  const rest = busy === 0 ? '' : `; finishing ${counted(busy, 'document')}`
  screen.err(`${screen.live ? '\n' : ''}Stopping${rest} (Ctrl-C again ends at once)`)
  await Promise.all([service.drain(), workers.stop()])
}

async function stopWell(job: Job): Promise<void> {
  const { service, workers, screen, stop } = job
  const started = performance.now()
  if (stop.aborted && !service.context.stopping) await stopWorking(job)
  // They work with our stand-ins.
  await workers.stop()
  await service.close()
  if (!stop.aborted) return
  screen.err(`Stopped in ${duration(performance.now() - started)}; ${whereDataIs(service)}`)
}

function whereDataIs({ data: { temporary, path }, context }: Service): string {
  if (context.store.kind === 'postgres') return 'the data is on the server'
  return temporary ? 'the temporary data is removed' : `the data is kept in ${path}`
}

function shortPath(path: string): string {
  const here = `${process.cwd()}/`
  return path.startsWith(here) ? path.slice(here.length) : path
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}
