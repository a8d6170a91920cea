/** The clients that meet the storm, each as its own pages recommend, with 1 s for an attempt and three attempts. */
import {
  circuitBreaker,
  ConsecutiveBreaker,
  ExponentialBackoff,
  handleAll,
  retry,
  timeout,
  TimeoutStrategy,
  wrap,
} from 'cockatiel'
import got from 'got'
import { HttpClient } from 'keepwarm'
import http from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import CircuitBreaker from 'opossum'
import { Agent, request, RetryAgent } from 'undici'

/** One call; it fails when no attempt had a good answer. */
export type StormCall = () => Promise<unknown>

export interface StormArm {
  readonly name: string
  /** What it was told, in a few words. */
  readonly options: string
  make(url: string): StormCall
}

/** The one that is put to the test. */
export const stormDefault = 'keepwarm'

const [attemptTimeout, attempts] = [1_000, 3]

export const stormArms: readonly StormArm[] = [
  {
    name: stormDefault,
    options: 'defaults; attemptTimeout 1 s, room for 1,000 connections',
    make(url) {
      const room = { maxConnections: 1_000, maxConnectionsPerOrigin: 1_000 }
      const client = new HttpClient({ baseUrl: url, attemptTimeout, ...room })
      return () => client.get('/').text()
    },
  },
  {
    name: 'no retry',
    options: 'undici.request, gives up after 1 s',
    make: (url) => plainRequest(url),
  },
  {
    name: 'undici RetryAgent',
    options: 'headersTimeout 1 s, maxRetries 2, its timeout among the errorCodes; else defaults',
    make(url) {
      const errorCodes = [...resets, 'UND_ERR_HEADERS_TIMEOUT']
      const dispatcher = new RetryAgent(new Agent(), { maxRetries: attempts - 1, errorCodes })
      return async () => {
        const { body } = await request(url, { dispatcher, headersTimeout: attemptTimeout })
        return await body.text()
      }
    },
  },
  {
    name: 'got',
    options: 'timeout.request 1 s, an agent with keepAlive; else defaults (retry limit 2)',
    make(url) {
      const agent = { http: new http.Agent({ keepAlive: true }) }
      return () => got(url, { agent, timeout: { request: attemptTimeout } }).text()
    },
  },
  {
    name: 'cockatiel',
    options:
      'wrap(retry, breaker, timeout) around undici.request: exponential pauses, breaker after 5 failures in a row, half open after 10 s',
    make(url) {
      const call = plainRequest(url)
      const policy = wrap(
        retry(handleAll, { maxAttempts: attempts - 1, backoff: new ExponentialBackoff() }),
        circuitBreaker(handleAll, { halfOpenAfter: 10_000, breaker: new ConsecutiveBreaker(5) }),
        timeout(attemptTimeout, TimeoutStrategy.Aggressive),
      )
      return () => policy.execute(({ signal }) => call(signal))
    },
  },
  {
    name: 'opossum',
    options:
      'a loop with pauses of 100 and 200 ms around the breaker around undici.request; breaker defaults: 50 % errors, reset after 30 s',
    make(url) {
      const breaker = new CircuitBreaker(plainRequest(url), { timeout: false })
      return () => again(() => breaker.fire())
    },
  },
]

/** What RetryAgent tries again by itself. */
const resets = [
  'ECONNRESET',
  'ECONNREFUSED',
  'ENOTFOUND',
  'ENETDOWN',
  'ENETUNREACH',
  'EHOSTDOWN',
  'EHOSTUNREACH',
  'EPIPE',
  'UND_ERR_SOCKET',
]

/** One attempt with undici, which ends with the signal or after its time. */
function plainRequest(url: string): (signal?: AbortSignal) => Promise<string> {
  const dispatcher = new Agent()
  return async (signal = AbortSignal.timeout(attemptTimeout)) => {
    const { body } = await request(url, { dispatcher, signal })
    return await body.text()
  }
}

async function again(call: StormCall): Promise<unknown> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await call()
    } catch (error) {
      if (attempt === attempts) throw error
      await sleep(100 * attempt)
    }
  }
}
