/** The client of an arm, and how it sends. */
import { ConfigError, HTTPClientConfig, HttpStatusError, KeepwarmError, type HttpClient } from 'keepwarm'
import { CliError } from '../cli-error.ts'
import { exitCodes } from '../exit-codes.ts'
import type { Headers } from '../target/headers.ts'
import type { Trust } from '../target/target.ts'
import type { Arm } from './arms.ts'
import type { Send } from './load.ts'

/** What every arm sends. */
export interface Request {
  readonly url: URL
  readonly method: string
  readonly headers: Headers
  readonly body: string | undefined
  readonly trust: Trust
  /** Until when a request must be answered, in ms. */
  readonly timeout: number
  /** Requests at once: what a client without settings of its own must have connections for. */
  readonly concurrency: number
}

export interface ArmClient extends AsyncDisposable {
  readonly send: Send
  /** The first request: what its answer is like. Rejects when there is none. */
  greet(): Promise<Greeting>
  /** What happened to its connections so far. */
  counted(): Connections
  /** Ends what is under way. */
  stop(): void
}

export interface Connections {
  readonly opened: number
  /** Requests that went out as the server closed their connection, and were sent again. */
  readonly lostRaces: number
}

export interface Greeting {
  readonly status: number
  readonly protocol: string
  readonly bytes: number
}

/**
 * Retries and breakers are off unless the arm says otherwise: they would hide what is measured.
 * @throws CliError when the arm's settings cannot be used
 */
export function armClient(arm: Arm, request: Request): ArmClient {
  const make = (): HttpClient => makeClient(arm, request)
  const client = make()
  const before = { opened: 0, lostRaces: 0 }
  const one = async (): Promise<void> => {
    if (arm.way !== 'new-client') return await call(client, request).discard()
    await using fresh = make()
    try {
      await call(fresh, request).discard()
    } finally {
      const { opened, lostRaces } = fresh.pool.snapshot().counters
      before.opened += opened
      before.lostRaces += lostRaces
    }
  }
  return {
    send: () => one().then(() => undefined, failureOf),
    greet: () => greet(client, request),
    counted: () => {
      const { opened, lostRaces } = client.pool.snapshot().counters
      return { opened: before.opened + opened, lostRaces: before.lostRaces + lostRaces }
    },
    stop: () => void client.destroy(),
    [Symbol.asyncDispose]: () => client.destroy(),
  }
}

function makeClient(arm: Arm, { url, trust, timeout, concurrency, headers }: Request): HttpClient {
  const room = { maxConnections: Math.max(100, concurrency), maxQueue: Math.max(256, concurrency) }
  const own =
    arm.way === 'unpooled' ? { maxRequestsPerConnection: 1, maxDials: Math.max(32, concurrency) } : {}
  const isPlain = Object.keys({ ...arm.settings, ...arm.variables }).length === 0
  try {
    const config = new HTTPClientConfig(
      { resilience: 'none', timeout, ...(isPlain && room), ...own, ...arm.settings },
      { prefix: 'HTTP_CLIENT', variables: arm.variables },
    )
    return config.createClient({ baseUrl: url.origin, connect: trust, headers })
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    throw new CliError(`--compare ${JSON.stringify(arm.name)}: ${error.message}`, exitCodes.config, {
      cause: error,
    })
  }
}

function call(client: HttpClient, { url, method, body }: Request): ReturnType<HttpClient['call']> {
  return client.call(method, `${url.pathname}${url.search}`, body === undefined ? {} : { body })
}

async function greet(client: HttpClient, request: Request): Promise<Greeting> {
  const response = await call(client, request)
  const { length } = await response.bytes()
  const protocol = response.connection?.protocol === 'h2' ? 'HTTP/2' : 'HTTP/1.1'
  return { status: response.status, protocol, bytes: length }
}

/** A redirect is an answer. */
function failureOf(error: unknown): string | undefined {
  if (error instanceof HttpStatusError) return error.status < 400 ? undefined : `status ${error.status}`
  if (!(error instanceof KeepwarmError)) throw error
  const { cause } = error
  const code =
    cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : undefined
  return code === undefined || code.startsWith('UND_') ? error.code : `${error.code} ${code}`
}
