/** `keepwarm diagnose`: gets a diagnosis, prints it, and says by the exit code whether all is well. */
import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { setTimeout } from 'node:timers/promises'
import { diagnosisText } from 'keepwarm'
import { CliError } from '../cli-error.ts'
import type { Invocation } from '../command.ts'
import { exitCodes, type ExitCode } from '../exit-codes.ts'
import { httpUrl } from '../options/parse.ts'
import { tokenVariable, type ServiceOptions } from '../service/options.ts'
import { Service } from '../service/service.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { isAsBad, type Level } from './levels.ts'
import { isSnapshot } from '../service/snapshot.ts'
import { diagnoseDocuments, isDiagnosis, type Diagnosis, type Document } from './snapshots.ts'
import { paintDiagnosis } from './paint.ts'

interface Options extends ServiceOptions {
  /** Milliseconds. */
  readonly over?: number
  readonly level: Level
}

export async function runDiagnose({ args, options }: Invocation, terminal: Terminal): Promise<ExitCode> {
  const settings = options as unknown as Options
  const diagnosis = await diagnosisOf(args[0] as readonly string[], settings, terminal)
  if (terminal.json) terminal.outJson(diagnosis)
  else terminal.out(paintDiagnosis(diagnosisText(diagnosis.verdicts), terminal.paintOut))
  const isIll = diagnosis.verdicts.some(({ level }) => isAsBad(level, settings.level))
  return isIll ? exitCodes.found : exitCodes.ok
}

async function diagnosisOf(
  sources: readonly string[],
  options: Options,
  terminal: Terminal,
): Promise<Diagnosis> {
  const kinds = sources.map(kindOf)
  if (!kinds.includes('url')) {
    if (options.over !== undefined)
      throw new CliError('--over watches a running service, and there is no URL')
    return diagnoseDocuments(await Promise.all(sources.map((source) => documentOf(source, terminal))))
  }
  if (sources.length > 1)
    throw new CliError(`a URL stands alone: ${sources.join(' ')} are ${sources.length} sources`)
  return ask(urlOf(sources[0]!), options, terminal)
}

/** What has a scheme, or a port and no ending of a file, is a URL. */
function kindOf(source: string): 'stdin' | 'url' | 'file' {
  if (source === '-') return 'stdin'
  if (/^https?:\/\//i.test(source)) return 'url'
  return /^(localhost|[\w.-]+|\[[\da-f:]+\]):\d+(\/|$)/i.test(source) ? 'url' : 'file'
}

function urlOf(source: string): URL {
  try {
    return httpUrl()(source)
  } catch (error) {
    throw new CliError(`${source}: ${(error as Error).message}`)
  }
}

async function documentOf(source: string, { surroundings }: Terminal): Promise<Document> {
  if (source === '-') return { name: 'standard input', text: await text(surroundings.stdin) }
  try {
    return { name: source, text: await readFile(source, 'utf8') }
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code ?? String(error)
    throw new CliError(
      `${source} cannot be read (${why}). Allowed: a file with a snapshot, - for standard input, or a URL such as http://127.0.0.1:9090`,
    )
  }
}

async function ask(url: URL, options: Options, terminal: Terminal): Promise<Diagnosis> {
  const { env } = terminal.surroundings
  const { token = env[tokenVariable], timeout, over } = options
  await using service = new Service({ url, token, timeout, unavailable: exitCodes.usage })
  const first = await diagnosisFrom(service, terminal.signal)
  if (over === undefined) return first
  await watch(over, service, terminal)
  return await diagnosisFrom(service, terminal.signal)
}

/** The service's own diagnosis; it compares with what was when it was looked at before. */
async function diagnosisFrom(service: Service, signal: AbortSignal): Promise<Diagnosis> {
  return service.ask('diagnose', isDiagnosis, signal)
}

/** The service keeps a snapshot every few seconds for as long as somebody looks. Milliseconds. */
const LOOK_EVERY = 5_000

async function watch(over: number, service: Service, terminal: Terminal): Promise<void> {
  const { signal } = terminal
  const until = performance.now() + over
  if (!terminal.live) terminal.note(`Watching ${service.origin} for ${over / 1_000} s`)
  let lookedAt = performance.now()
  for (let left = over; left > 0; left = until - performance.now()) {
    terminal.redraw(`Watching ${service.origin}, ${Math.ceil(left / 1_000)} s more`)
    await setTimeout(Math.min(left, 250), undefined, { signal })
    if (performance.now() - lookedAt < LOOK_EVERY) continue
    lookedAt = performance.now()
    await service.ask('snapshot.json', isSnapshot, signal)
  }
  terminal.clear()
}
