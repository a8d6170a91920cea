/** agentkeepalive: an agent for Node's `http` that knows how long a connection may rest. */
import KeepAliveAgent from 'agentkeepalive'
import type { OpenPeer } from '../support/peers-client.ts'
import { overAgent } from './node.ts'

export const arms = {
  agentkeepalive: (settings) => {
    const Agent = settings.origin.startsWith('https:') ? KeepAliveAgent.HttpsAgent : KeepAliveAgent
    const { connections } = settings
    return overAgent(settings, new Agent({ maxSockets: connections, maxFreeSockets: connections }))
  },
} satisfies Record<string, OpenPeer>
