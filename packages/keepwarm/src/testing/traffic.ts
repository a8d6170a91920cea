import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Dispatcher } from 'undici'
import { KeepwarmError } from '../errors.ts'
import { modernHandler } from '../pool/modern-handler.ts'
import { sizeText } from '../size-text.ts'
import { secretNames, type IsSecret } from './secrets.ts'
import {
  bytesOfBody,
  readTraffic,
  trafficText,
  type RecordedExchange,
  type RecordedRequest,
  type TrafficFile,
  type Unrecorded,
} from './traffic-file.ts'
import { findExchange, nameOf, noAnswerText } from './traffic-match.ts'
import { checkTraffic, type TrafficOptions } from './traffic-options.ts'
import { Recording } from './traffic-record.ts'
import { Replay } from './traffic-replay.ts'
import { plainHeaders, recordedRequest } from './traffic-request.ts'

/**
 * Records what a client and a server say to each other in a file, and plays it back without the server. It is an undici
 * interceptor: below a client's retries, so that each attempt is an exchange of its own, or on any other dispatcher.
 *
 * What goes by the name of a secret is masked before it is kept: headers, parameters, members of JSON and of forms. To
 * see into bodies, it asks servers for ones that are not compressed, and decodes those that are. Recordings can hold other secrets: read them before
 * they are committed.
 *
 * Rejects with ConfigError naming every option that is wrong, and with an Error when the file cannot be read.
 *
 * @example
 * await using traffic = await recordedTraffic({ file: 'test/orders.traffic.json' })
 * await using client = new HttpClient({ baseUrl: 'http://orders', interceptors: [traffic.interceptor] })
 * await client.get('/orders/7').json() // from the file
 */
export async function recordedTraffic(options: TrafficOptions): Promise<RecordedTraffic> {
  checkTraffic(options)
  return new RecordedTraffic(options, await fileOf(options))
}

/** The traffic that {@link recordedTraffic} opened. */
export class RecordedTraffic {
  /** For `new HttpClient({ interceptors })`, and for `compose()`. */
  readonly interceptor: Dispatcher.DispatcherComposeInterceptor
  private readonly options: TrafficOptions
  private readonly isSecret: IsSecret
  private readonly read: TrafficFile
  private readonly used = new Set<RecordedExchange>()
  /** By when they began; a place is empty while its exchange is under way. */
  private readonly added: (RecordedExchange | undefined)[] = []
  private readonly leftOut: Unrecorded[] = []
  private isSaved = true

  /** @internal */
  constructor(options: TrafficOptions, read: TrafficFile) {
    this.options = options
    this.isSecret = secretNames(options.secrets)
    this.read = read
    this.isSaved = options.mode !== 'record'
    this.interceptor = (dispatch) => (request, handler) =>
      this.dispatch(dispatch, request, modernHandler(handler))
  }

  /** All exchanges: those of the file, and those that were recorded since. */
  get exchanges(): readonly RecordedExchange[] {
    return [...this.read.exchanges, ...this.added.filter((exchange) => exchange !== undefined)]
  }

  /** What passed and could not be recorded, and why; the file says so, too. */
  get unrecorded(): readonly Unrecorded[] {
    return [...this.read.unrecorded, ...this.leftOut]
  }

  /** Requests of the file that nobody has made: `GET http://orders/7`. A test can ask that there are none. */
  get unused(): readonly string[] {
    return this.read.exchanges.filter((one) => !this.used.has(one)).map(({ request }) => nameOf(request))
  }

  /** Writes the file, if anything was recorded since. What is still under way is not in it. */
  async save(): Promise<void> {
    if (this.isSaved) return
    this.isSaved = true
    const { file } = this.options
    const { exchanges, unrecorded } = this
    await mkdir(dirname(file), { recursive: true })
    // Nobody finds half a file.
    await writeFile(`${file}.${process.pid}.part`, trafficText({ version: 1, exchanges, unrecorded }))
    await rename(`${file}.${process.pid}.part`, file)
  }

  /** The same as {@link save}. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.save()
  }

  private dispatch(
    dispatch: Dispatcher.Dispatch,
    options: Dispatcher.DispatchOptions,
    handler: Dispatcher.DispatchHandler,
  ): boolean {
    const { mode = 'replay', match = {} } = this.options
    const asked = recordedRequest(options, this.isSecret)
    const found = findExchange(asked, this.read.exchanges, match, this.used)
    if (found === undefined && mode !== 'replay') return this.record(dispatch, options, handler, asked)
    if (found !== undefined) this.used.add(found)
    letGo(options.body)
    new Replay(handler, found?.response ?? this.noAnswer(asked)).begin()
    return true
  }

  private noAnswer(asked: RecordedRequest): KeepwarmError {
    const why = noAnswerText(asked, this.read, this.options.match ?? {})
    const help = `record it with mode: 'record' or 'auto'; match says what need not be the same (${this.options.file})`
    return new KeepwarmError('invalid_request', `${why}; ${help}`, { phase: 'admit' })
  }

  private record(
    dispatch: Dispatcher.Dispatch,
    options: Dispatcher.DispatchOptions,
    handler: Dispatcher.DispatchHandler,
    request: RecordedRequest,
  ): boolean {
    const { maxBodyBytes = 1_048_576, maxExchanges = 1_000 } = this.options
    const place = this.added.push(undefined) - 1
    const leave = (why: string): void => void this.leftOut.push({ request: nameOf(request), why })
    const recording = new Recording(handler, this.isSecret, maxBodyBytes, (result) => {
      this.isSaved = false
      const bytes = bytesOfBody(request.body).length
      if ('why' in result) leave(result.why)
      else if (this.read.exchanges.length + place >= maxExchanges) leave(`maxExchanges is ${maxExchanges}`)
      else if (bytes > maxBodyBytes)
        leave(`its body has ${sizeText(bytes)}, and maxBodyBytes is ${sizeText(maxBodyBytes)}`)
      else this.added[place] = { request, response: result }
    })
    return dispatch(
      { ...options, headers: { ...plainHeaders(options.headers), 'accept-encoding': 'identity' } },
      recording,
    )
  }
}

/** A stream that nobody will read. */
function letGo(body: unknown): void {
  ;(body as { destroy?: () => void } | null | undefined)?.destroy?.()
}

async function fileOf({ file, mode = 'replay' }: TrafficOptions): Promise<TrafficFile> {
  const empty: TrafficFile = { version: 1, exchanges: [], unrecorded: [] }
  if (mode === 'record') return empty
  try {
    return readTraffic(await readFile(file, 'utf8'), file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    if (mode === 'auto') return empty
    throw new Error(`there is no recorded traffic at ${file}; record it with mode: 'record'`, {
      cause: error,
    })
  }
}
