/** ky: over Node's `fetch`, and over `client.fetch`. */
import ky, { type KyInstance } from 'ky'
import type { OpenPeer, PeerClient, PeerSettings } from '../support/peers-client.ts'
import { clientOf } from './keepwarm.ts'

export const arms = {
  ky: (settings) => over(settings, ky.create({ retry: 0 }), () => {}),
  'ky on client.fetch': (settings) => {
    const client = clientOf(settings)
    return over(settings, ky.create({ retry: 0, fetch: client.fetch }), () => client.close())
  },
} satisfies Record<string, OpenPeer>

function over({ origin }: PeerSettings, api: KyInstance, close: () => unknown): PeerClient {
  return {
    text: (path) => api.get(origin + path).text(),
    json: (path, value) => api.post(origin + path, { json: value }).json(),
    fetch: (url, init) => api(url, init),
    stream: async (path) => (await api.get(origin + path)).body!,
    close,
  }
}
