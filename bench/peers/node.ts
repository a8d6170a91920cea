/** What Node has of its own: `fetch`, and `http` with an agent that keeps connections and with one that does not. */
import http, { type Agent, type IncomingMessage } from 'node:http'
import https from 'node:https'
import type { OpenPeer, PeerClient, PeerSettings } from '../support/peers-client.ts'

export const arms = {
  "Node's fetch": fetching,
  "Node's http, keep-alive": (settings) => overAgent(settings, agentOf(settings, true)),
  "Node's http, a connection each": (settings) => overAgent(settings, agentOf(settings, false)),
} satisfies Record<string, OpenPeer>

/** It has one dispatcher for all, without a limit of connections. */
function fetching({ origin }: PeerSettings): PeerClient {
  const headers = { 'content-type': 'application/json' }
  return {
    text: async (path) => (await fetch(origin + path)).text(),
    json: async (path, value) =>
      (await fetch(origin + path, { method: 'POST', headers, body: JSON.stringify(value) })).json(),
    fetch,
    stream: async (path) => (await fetch(origin + path)).body!,
    close: () => {},
  }
}

export function agentOf({ origin, connections }: PeerSettings, keepAlive: boolean): Agent {
  const kind = origin.startsWith('https:') ? https : http
  return new kind.Agent({ keepAlive, maxSockets: connections, maxFreeSockets: connections })
}

/** `http.request` over any agent. */
export function overAgent({ origin }: PeerSettings, agent: Agent): PeerClient {
  const { request } = origin.startsWith('https:') ? https : http
  const send = (method: string, path: string, body?: string): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      const headers = body === undefined ? {} : { ...json, 'content-length': Buffer.byteLength(body) }
      request(origin + path, { agent, method, headers }, resolve)
        .on('error', reject)
        .end(body)
    })
  return {
    text: async (path) => textOf(await send('GET', path)),
    json: async (path, value) => JSON.parse(await textOf(await send('POST', path, JSON.stringify(value)))),
    stream: (path) => send('GET', path),
    close: () => agent.destroy(),
  }
}

const json = { 'content-type': 'application/json' }

function textOf(response: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    response
      .setEncoding('utf8')
      .on('data', (part: string) => (text += part))
      .on('end', () => resolve(text))
      .on('error', reject)
  })
}
