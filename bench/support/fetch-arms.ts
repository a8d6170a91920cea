/** The ways to fetch a small JSON document: a plain GET, and a POST as SDKs make it, with headers, a body and a signal. */
import { Agent, fetch as undiciFetch } from 'undici'
import { HttpClient } from 'keepwarm'
import type { Getter } from './cpu-arms.ts'
import { smallText } from './documents.ts'

type Opener = (origin: string, connections: number) => Getter

const expected = (JSON.parse(smallText) as { service: string }).service

/** What every arm gives: the text that the program waits for, if the document is the right one. */
function checked(document: unknown): string {
  return (document as { service?: string }).service === expected ? smallText : 'another document'
}

const asked = JSON.stringify({
  model: 'small',
  messages: [{ role: 'user', content: 'Which pools are warm?' }],
})

/** Made anew for each request, as SDKs do it. */
function post(): { method: string; headers: Record<string, string>; body: string; signal: AbortSignal } {
  const headers = {
    Accept: 'application/json',
    'Content-Type': 'application/json',
    Authorization: 'Bearer abcdefgh',
  }
  return { method: 'POST', headers, body: asked, signal: new AbortController().signal }
}

export const fetchArms = {
  'undici fetch': (origin, connections) => {
    const dispatcher = new Agent({ connections })
    return {
      get: async () => checked(await (await undiciFetch(`${origin}/`, { dispatcher })).json()),
      close: () => dispatcher.close(),
    }
  },
  "Node's fetch": (origin) => ({
    get: async () => checked(await (await fetch(`${origin}/`)).json()),
    close: async () => {},
  }),
  'client.fetch': (origin, connections) => {
    const client = clientOf(origin, connections)
    return {
      get: async () => checked(await (await client.fetch(`${origin}/`)).json()),
      close: () => client.close(),
    }
  },
  'client.get().json()': (origin, connections) => {
    const client = clientOf(origin, connections)
    return { get: async () => checked(await client.get('/').json()), close: () => client.close() }
  },
  'undici fetch, POST': (origin, connections) => {
    const dispatcher = new Agent({ connections })
    return {
      get: async () => checked(await (await undiciFetch(`${origin}/`, { ...post(), dispatcher })).json()),
      close: () => dispatcher.close(),
    }
  },
  "Node's fetch, POST": (origin) => ({
    get: async () => checked(await (await fetch(`${origin}/`, post())).json()),
    close: async () => {},
  }),
  'client.fetch, POST': (origin, connections) => {
    const client = clientOf(origin, connections)
    return {
      get: async () => checked(await (await client.fetch(`${origin}/`, post())).json()),
      close: () => client.close(),
    }
  },
} as const satisfies Record<string, Opener>

export type FetchArm = keyof typeof fetchArms

/** With everything on: deadlines, retries, breaker, figures. */
function clientOf(origin: string, connections: number): HttpClient {
  return new HttpClient({
    baseUrl: origin,
    maxConnections: connections,
    maxConnectionsPerOrigin: connections,
    maxIdleConnections: connections,
    maxQueue: connections,
  })
}
