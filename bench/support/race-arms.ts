/** The clients that run the race, each with its defaults. */
import { ConnectionPool, HttpClient } from 'keepwarm'
import { Agent, RetryAgent, type Dispatcher } from 'undici'
import { collectText } from './dispatch-text.ts'
import type { Kind } from './race-plan.ts'

export interface Racer {
  /** Sends a request and gives the answer's text. */
  ask(kind: Kind, number: number): Promise<string>
  /** What the client itself counted; undefined where it does not. */
  lostRaces(): number | undefined
  close(): Promise<unknown>
}

export const raceArms = {
  'keepwarm HttpClient': clientRacer,
  'keepwarm ConnectionPool': (origin) => {
    const pool = new ConnectionPool()
    return dispatchRacer(origin, pool, () => pool.counters.lostRaces)
  },
  'undici Agent': (origin) => dispatchRacer(origin, new Agent()),
  // It waits half a second before its first retry; here it may go at once.
  'undici RetryAgent, minTimeout 0': (origin) =>
    dispatchRacer(origin, new RetryAgent(new Agent(), { minTimeout: 0 })),
  "Node's fetch": fetchRacer,
} as const satisfies Record<string, (origin: string) => Racer>

export type RaceArm = keyof typeof raceArms

export function isOwn(arm: RaceArm): boolean {
  return arm.startsWith('keepwarm')
}

const body = JSON.stringify({ order: 'a small one', amount: 1 })
const json = { 'content-type': 'application/json' }

/** By its key the server would know a request again. */
function headersOf(kind: Kind, number: number): Record<string, string> {
  if (kind === 'GET') return {}
  return kind === 'keyed POST' ? { ...json, 'idempotency-key': `order-${number}` } : json
}

function clientRacer(origin: string): Racer {
  const client = new HttpClient({ baseUrl: origin })
  return {
    ask: (kind, number) => {
      if (kind === 'GET') return client.get(`/${number}`).text()
      return client.post(`/${number}`, { headers: headersOf(kind, number), body }).text()
    },
    lostRaces: () => client.pool.counters.lostRaces,
    close: () => client.close(),
  }
}

function dispatchRacer(
  origin: string,
  dispatcher: Dispatcher,
  lostRaces: Racer['lostRaces'] = () => undefined,
): Racer {
  return {
    ask: (kind, number) => {
      const [path, headers] = [`/${number}`, headersOf(kind, number)]
      if (kind === 'GET') return collectText(dispatcher, { origin, path, method: 'GET', headers })
      return collectText(dispatcher, { origin, path, method: 'POST', headers, body })
    },
    lostRaces,
    close: () => dispatcher.close(),
  }
}

function fetchRacer(origin: string): Racer {
  return {
    ask: async (kind, number) => {
      const headers = headersOf(kind, number)
      const init = kind === 'GET' ? { headers } : { method: 'POST', headers, body }
      return (await fetch(`${origin}/${number}`, init)).text()
    },
    lostRaces: () => undefined,
    close: async () => {},
  }
}
