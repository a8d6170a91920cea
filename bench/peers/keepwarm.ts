/** keepwarm: the client with everything on, its `fetch`, its pool alone, and `undici.request` over its pool. */
import { ConnectionPool, HttpClient } from 'keepwarm'
import type { OpenPeer, PeerClient, PeerSettings } from '../support/peers-client.ts'
import { dispatcherClient, requester } from './undici.ts'

export const arms = {
  'keepwarm client': (settings) => calling(clientOf(settings)),
  'keepwarm client.fetch': fetching,
  'keepwarm pool.dispatch': (settings) => dispatcherClient(settings.origin, poolOf(settings)),
  'undici.request on keepwarm pool': (settings) => requester(settings, poolOf(settings)),
  // The same as the first; what differs is that it may warm up before the load comes.
  'keepwarm client, warmed': (settings) => {
    const client = clientOf(settings)
    return { ...calling(client), warm: (connections) => client.warm(connections) }
  },
} satisfies Record<string, OpenPeer>

/** Deadlines, retries, a breaker and figures: the defaults, with room for the load. */
export function clientOf(settings: PeerSettings): HttpClient {
  return new HttpClient({ baseUrl: settings.origin, ...room(settings) })
}

function poolOf(settings: PeerSettings): ConnectionPool {
  return new ConnectionPool(room(settings))
}

function room({ connections, callers }: PeerSettings): Record<string, number> {
  return {
    maxConnections: connections,
    maxConnectionsPerOrigin: connections,
    maxIdleConnections: connections,
    maxQueue: callers,
  }
}

function calling(client: HttpClient): PeerClient {
  return {
    text: (path) => client.get(path).text(),
    json: (path, value) => client.post(path, { json: value }).json(),
    stream: (path) => client.get(path).stream(),
    close: () => client.close(),
  }
}

function fetching(settings: PeerSettings): PeerClient {
  const { origin } = settings
  const client = clientOf(settings)
  const headers = { 'content-type': 'application/json' }
  return {
    text: async (path) => (await client.fetch(origin + path)).text(),
    json: async (path, value) =>
      (await client.fetch(origin + path, { method: 'POST', headers, body: JSON.stringify(value) })).json(),
    fetch: client.fetch,
    stream: async (path) => (await client.fetch(origin + path)).body!,
    close: () => client.close(),
  }
}
