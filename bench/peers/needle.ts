/** needle, with an agent of Node's that keeps connections. */
import needle from 'needle'
import { PassThrough } from 'node:stream'
import type { OpenPeer } from '../support/peers-client.ts'
import { agentOf } from './node.ts'

export const arms = {
  needle: (settings) => {
    const { origin } = settings
    const agent = agentOf(settings, true)
    return {
      text: async (path) => String((await needle('get', origin + path, null, { agent, parse: false })).body),
      json: async (path, value) => (await needle('post', origin + path, value, { agent, json: true })).body,
      stream: async (path) => needle.get(origin + path, { agent, parse: false }).pipe(new PassThrough()),
      close: () => agent.destroy(),
    }
  },
} satisfies Record<string, OpenPeer>
