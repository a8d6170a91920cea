/** The main job: start the service, index, report, serve, stop. */
import { startService, type Service } from '../app.ts'
import { shownUrl } from '../config/problems.ts'
import { readSettings, type Environment } from '../config/settings.ts'
import { IndexRun } from '../indexing/index-run.ts'
import { defaultSources, type Source } from '../indexing/sources.ts'
import { shownClients } from '../routes/context.ts'
import { searchEntities } from '../search/search.ts'
import { counted, duration } from './figures.ts'
import { showProgress, traffic } from './progress.ts'
import { makeReport, type Report, type SearchReport } from './report.ts'
import { exampleSearch } from './search-example.ts'
import type { Screen } from './screen.ts'
import { summary } from './summary.ts'

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

export const exitCodes = { ok: 0, lost: 1, usage: 2, unreachable: 69, config: 78, interrupted: 130 } as const

/** The job cannot be done as it was asked for. */
export class JobError extends Error {
  readonly exitCode: number

  constructor(exitCode: number, message: string) {
    super(message)
    this.exitCode = exitCode
  }

  override get name(): string {
    return 'JobError'
  }
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
  const run = new IndexRun(service.context, settings.embeddingModel)
  const sources: readonly Source[] =
    options.folder === undefined ? defaultSources() : [{ kind: 'folder', path: options.folder }]
  const finished = await index(service, run, sources, options.folder ?? 'the documentation', screen, stop)
  // What is under way when the user has seen enough is finished first, and counted.
  if (!finished) await stopWorking(service, screen)
  const search = finished ? await exampleSearch(service, await questionFor(options, service)) : null
  show(await makeReport(service, run, search, finished), options.json, screen)
  if (finished && !options.once) {
    for (const line of addresses(service, search, screen)) screen.err(line)
    await aborted(stop)
  }
  await stopWell(service, screen, stop)
  if (!finished) return exitCodes.interrupted
  return run.counts().dead.length > 0 && options.once ? exitCodes.lost : exitCodes.ok
}

function announce(service: Service, portGiven: boolean, screen: Screen): void {
  const { url, listening, data, context } = service
  const { paintErr: paint } = screen
  screen.err(
    `${paint('bold', 'Intelligence service')} at ${paint('cyan', url)}, on Node ${process.versions.node}`,
  )
  if (listening.taken !== undefined && !portGiven) {
    const other = `port ${listening.taken} is in use, so it listens on ${listening.port}; PORT chooses another`
    screen.err(`  ${paint('yellow', other)}`)
  }
  for (const { name, url, standIn } of context.upstreams) {
    const what = standIn === undefined ? '' : paint('dim', '  built-in stand-in: rules, no model')
    screen.err(`  ${name.padEnd(12)} ${url}${what}`)
  }
  const kept = data.temporary ? paint('dim', 'temporary, removed at the end; DATA_DIR keeps it') : data.path
  screen.err(`  ${'data'.padEnd(12)} ${kept}`)
}

/** Upstreams that were given and do not answer. Without any of them there is no use in going on. */
async function warnOfUpstreams(
  service: Service,
  searchUrl: string | undefined,
  screen: Screen,
): Promise<void> {
  const [{ upstreams }, search] = await Promise.all([service.health(), unansweredSearch(service, searchUrl)])
  const given = service.context.upstreams.filter(({ standIn }) => standIn === undefined)
  const unwell = given.filter(({ name }) => !upstreams[name].healthy)
  const lines = unwell.map(({ name, url }) => {
    const health = upstreams[name]
    return `${name} at ${url} is not well: ${health.error ?? health.status ?? `status ${health.status_code}`}`
  })
  if (search !== undefined) lines.push(search)
  if (lines.length === 0) return
  if (lines.length === given.length + (searchUrl === undefined ? 0 : 1)) {
    const help = 'Start what is missing, correct the URL, or unset it to use the built-in stand-in.'
    throw new JobError(exitCodes.unreachable, [...lines, help].join('\n'))
  }
  for (const line of lines) screen.err(screen.paintErr('yellow', `  ${line}; going on without it`))
}

/** A search service elsewhere need not have a health of its own, but it has to answer. */
async function unansweredSearch(service: Service, url: string | undefined): Promise<string | undefined> {
  if (url === undefined) return undefined
  const health = await service.context.clients.shared.checkHealth()
  if (health.status_code !== undefined) return undefined
  return `the search service at ${shownUrl(url)} does not answer: ${health.error ?? 'no reason given'}`
}

/** False when it was stopped before the end. */
async function index(
  service: Service,
  run: IndexRun,
  sources: readonly Source[],
  name: string,
  screen: Screen,
  stop: AbortSignal,
): Promise<boolean> {
  screen.err(`Reading ${sources.map(({ path }) => shortPath(path)).join(', ')}`)
  const clients = shownClients(service.context)
  using _progress = showProgress(screen, () => ({ run: run.counts(), traffic: traffic(clients) }))
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
  return ['', paint('bold', 'Serving until Ctrl-C'), ...paths.map((path) => `  ${paint('cyan', url + path)}`)]
}

async function stopWorking(service: Service, screen: Screen): Promise<void> {
  const { busy } = service.context.worker
  const rest = busy === 0 ? '' : `; finishing ${counted(busy, 'document')}`
  screen.err(`${screen.live ? '\n' : ''}Stopping${rest} (Ctrl-C again ends at once)`)
  await service.drain()
}

async function stopWell(service: Service, screen: Screen, stop: AbortSignal): Promise<void> {
  const started = performance.now()
  if (stop.aborted && !service.context.stopping) await stopWorking(service, screen)
  await service.close()
  if (!stop.aborted) return
  const { temporary, path } = service.data
  const data = temporary ? 'the temporary data is removed' : `the data is kept in ${path}`
  screen.err(`Stopped in ${duration(performance.now() - started)}; ${data}`)
}

function shortPath(path: string): string {
  const here = `${process.cwd()}/`
  return path.startsWith(here) ? path.slice(here.length) : path
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}
