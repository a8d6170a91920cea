/** superagent, with an agent of Node's that keeps connections. */
import { PassThrough } from 'node:stream'
import superagent from 'superagent'
import type { OpenPeer } from '../support/peers-client.ts'
import { agentOf } from './node.ts'

export const arms = {
  superagent: (settings) => {
    const { origin } = settings
    const agent = agentOf(settings, true)
    return {
      text: async (path) =>
        (
          await superagent
            .get(origin + path)
            .agent(agent)
            .buffer(true)
        ).text,
      json: async (path, value) =>
        (
          await superagent
            .post(origin + path)
            .agent(agent)
            .send(value)
        ).body,
      stream: async (path) =>
        superagent
          .get(origin + path)
          .agent(agent)
          .buffer(false)
          .pipe(new PassThrough()),
      close: () => agent.destroy(),
    }
  },
} satisfies Record<string, OpenPeer>
