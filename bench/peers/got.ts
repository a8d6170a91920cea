/** got, with an agent of Node's that keeps connections; without retries, as all who are measured here. */
import got from 'got'
import type { Agent as TlsAgent } from 'node:https'
import type { OpenPeer } from '../support/peers-client.ts'
import { agentOf } from './node.ts'

export const arms = {
  got: (settings) => {
    const { origin } = settings
    const agent = agentOf(settings, true)
    const client = got.extend({
      retry: { limit: 0 },
      agent: origin.startsWith('https:') ? { https: agent as TlsAgent } : { http: agent },
    })
    return {
      text: (path) => client(origin + path).text(),
      json: (path, value) => client.post(origin + path, { json: value }).json(),
      stream: async (path) => client.stream(origin + path),
      close: () => agent.destroy(),
    }
  },
} satisfies Record<string, OpenPeer>
