/** ofetch: over Node's `fetch`, and over `client.fetch`. */
import { createFetch, type $Fetch } from 'ofetch'
import type { OpenPeer, PeerClient, PeerSettings } from '../support/peers-client.ts'
import { clientOf } from './keepwarm.ts'

export const arms = {
  ofetch: (settings) => over(settings, createFetch({ defaults: { retry: 0 } }), () => {}),
  'ofetch on client.fetch': (settings) => {
    const client = clientOf(settings)
    const api = createFetch({ fetch: client.fetch, defaults: { retry: 0 } })
    return over(settings, api, () => client.close())
  },
} satisfies Record<string, OpenPeer>

function over({ origin }: PeerSettings, api: $Fetch, close: () => unknown): PeerClient {
  return {
    text: (path) => api(origin + path, { responseType: 'text' }),
    json: (path, value) => api(origin + path, { method: 'POST', body: value }),
    stream: (path) => api(origin + path, { responseType: 'stream' }),
    close,
  }
}
