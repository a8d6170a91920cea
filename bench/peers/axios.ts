/** axios: over Node's `http` with an agent that keeps connections, and over `client.fetch`. */
import axios, { type AxiosInstance } from 'axios'
import type { OpenPeer, PeerClient } from '../support/peers-client.ts'
import { clientOf } from './keepwarm.ts'
import { agentOf } from './node.ts'

export const arms = {
  axios: (settings) => {
    const agent = agentOf(settings, true)
    const { origin: baseURL } = settings
    return over(axios.create({ baseURL, httpAgent: agent, httpsAgent: agent }), () => agent.destroy())
  },
  'axios on client.fetch': (settings) => {
    const client = clientOf(settings)
    const { origin: baseURL } = settings
    const own = axios.create({ baseURL, adapter: 'fetch', env: { fetch: client.fetch } })
    return over(own, () => client.close())
  },
} satisfies Record<string, OpenPeer>

function over(api: AxiosInstance, close: () => unknown): PeerClient {
  return {
    text: async (path) => (await api.get<string>(path, { responseType: 'text' })).data,
    json: async (path, value) => (await api.post<unknown>(path, value)).data,
    stream: async (path) => (await api.get<AsyncIterable<Uint8Array>>(path, { responseType: 'stream' })).data,
    close,
  }
}
