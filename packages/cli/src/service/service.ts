/** Asks a running service's dashboard. */
import { HttpClient, HttpStatusError, KeepwarmError, type ServerSentEvent } from 'keepwarm'
import { CliError } from '../cli-error.ts'
import { exitCodes, type ExitCode } from '../exit-codes.ts'
import { serviceAddress } from './mounts.ts'

export interface ServiceAccess {
  readonly url: URL
  readonly token: string | undefined
  /** Milliseconds for an answer to begin. */
  readonly timeout: number
  /** The exit code when it cannot be asked. */
  readonly unavailable?: ExitCode
}

/** Whether what came is what was asked for; a service without a dashboard there may answer anything. */
export type Recognise<Answer> = (value: unknown) => value is Answer & NonNullable<unknown>

export class Service implements AsyncDisposable {
  private readonly access: ServiceAccess
  private readonly client: HttpClient
  private readonly mounts: readonly URL[]
  /** Where the dashboard was found. */
  private found: URL | undefined

  /** @throws CliError for a token that no header can carry */
  constructor(access: ServiceAccess) {
    const { mounts, token: linked } = serviceAddress(access.url)
    // A variable that is set to nothing is not there.
    const token = linked ?? (access.token === '' ? undefined : access.token)
    if (token !== undefined && !/^[\x21-\x7e]+$/.test(token))
      throw new CliError(
        'the token has a space, a line break or a letter that no header can carry (not shown)',
      )
    this.access = access
    this.mounts = mounts
    this.client = new HttpClient({
      name: 'keepwarm-cli',
      resilience: 'none',
      timeout: access.timeout,
      headers: {
        accept: 'application/json',
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
      },
    })
  }

  /** For messages. */
  get origin(): string {
    return (this.found ?? this.mounts[0]!).href
  }

  /**
   * What a route answers. Where the mount is not known yet, the places where it may be are tried in turn.
   * @throws CliError when nobody there answers so
   */
  async ask<Answer>(route: string, isAnswer: Recognise<Answer>, signal: AbortSignal): Promise<Answer> {
    const failures: Failure[] = []
    for (const mount of this.found === undefined ? this.mounts : [this.found]) {
      const url = new URL(route, mount)
      try {
        const answer: unknown = await this.client.get(url.href, { signal }).json()
        if (isAnswer(answer)) {
          this.found = mount
          return answer
        }
        failures.push({ weight: 1, text: `${url.href} answers with something else` })
      } catch (error) {
        signal.throwIfAborted()
        failures.push(failureOf(error, url))
      }
    }
    throw this.unavailable(failures)
  }

  /** Where the dashboard was found, as a path. @throws when nothing was asked yet */
  get mount(): string {
    if (this.found === undefined) throw new Error('ask() finds the mount')
    return this.found.pathname
  }

  /**
   * One connection of the stream, to its end.
   * @param address path and query
   */
  events(address: string, signal: AbortSignal): AsyncGenerator<ServerSentEvent> {
    const url = new URL(address, this.mounts[0])
    return this.client
      .get(url.href, { signal, headers: { accept: 'text/event-stream' }, bodyIdleTimeout: SILENCE })
      .events({ reconnect: false })
  }

  /** What went wrong with the stream, in a sentence. */
  explain(error: unknown): string {
    return failureOf(error, new URL(this.origin)).text
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client.destroy()
  }

  private unavailable(failures: readonly Failure[]): CliError {
    const [worst] = failures.toSorted((a, b) => b.weight - a.weight)
    const hint =
      worst?.weight === 1
        ? '\n  Give the URL of the dashboard, with the path that it is mounted at: http://127.0.0.1:9090/dashboard'
        : ''
    const code = this.access.unavailable ?? exitCodes.unavailable
    return new CliError(`${worst?.text ?? 'nothing to ask'}${hint}`, code)
  }
}

/** A service sends something at least every 15 s. Milliseconds. */
const SILENCE = 20_000
const SECRET = 'give the token with KEEPWARM_TOKEN or --token'

interface Failure {
  /** The most telling one is told: a refusal says more than nothing found. */
  readonly weight: number
  readonly text: string
}

function failureOf(error: unknown, url: URL): Failure {
  if (error instanceof HttpStatusError) {
    const { status } = error
    const said = typeof error.body === 'string' ? printable(error.body.trim()) : ''
    const sentence = said === '' || said.startsWith('<') ? '' : `: ${said}`
    if (status === 401) return { weight: 3, text: `${url.href} wants to know who asks; ${SECRET}${sentence}` }
    if (status === 404) return { weight: 1, text: `${url.href} is not there (404)` }
    return { weight: 2, text: `${url.href} answered ${status}${sentence}` }
  }
  if (error instanceof KeepwarmError) {
    const isForeign = error.code === 'decode' || /text\/event-stream/.test(error.message)
    return isForeign
      ? { weight: 1, text: `${url.href} answers with something else` }
      : { weight: 0, text: `${url.origin} does not answer: ${error.message}` }
  }
  throw error
}

/** Nobody shall write lines of their own into a terminal, or colour it. */
function printable(text: string): string {
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f]+/g, ' ').slice(0, 300)
}
