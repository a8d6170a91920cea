/** undici: its dispatcher alone, `request` and `fetch`, over its Pool, Agent and RetryAgent. */
import { Agent, fetch, Pool, request, RetryAgent, type Dispatcher } from 'undici'
import { collectText } from '../support/dispatch-text.ts'
import type { OpenPeer, PeerClient, PeerSettings } from '../support/peers-client.ts'
import { share } from '../support/share.ts'

export const arms = {
  'undici.request on Pool': (settings) => requester(settings, poolOf(settings)),
  'undici.request on Pool, aged process': aged,
  'undici.request on Agent': (settings) => requester(settings, agentOf(settings)),
  'undici.request on RetryAgent': (settings) => requester(settings, new RetryAgent(agentOf(settings))),
  'undici Pool.dispatch': (settings) => dispatcherClient(settings.origin, poolOf(settings)),
  'undici fetch': fetching,
} satisfies Record<string, OpenPeer>

function poolOf({ origin, connections }: PeerSettings): Pool {
  return new Pool(origin, { connections })
}

function agentOf({ connections }: PeerSettings): Agent {
  return new Agent({ connections })
}

/** `undici.request` over any dispatcher. */
export function requester({ origin }: Pick<PeerSettings, 'origin'>, dispatcher: Dispatcher): PeerClient {
  const headers = { 'content-type': 'application/json', accept: 'application/json' }
  return {
    text: async (path) => (await request(origin + path, { dispatcher })).body.text(),
    json: async (path, value) => {
      const body = JSON.stringify(value)
      return (await request(origin + path, { dispatcher, method: 'POST', headers, body })).body.json()
    },
    stream: async (path) => (await request(origin + path, { dispatcher })).body,
    close: () => dispatcher.close(),
  }
}

/** What `undici.request` costs depends on what the process did before: here, on a past of many calls of `fetch`. */
function aged(settings: PeerSettings): PeerClient {
  const dispatcher = poolOf(settings)
  const prepare = async (path: string): Promise<number> => {
    await share(past, settings.callers, async () => {
      await (await fetch(settings.origin + path, { dispatcher })).text()
    })
    return past
  }
  return { ...requester(settings, dispatcher), prepare }
}

const past = 5_000

/** The least that a caller can do with a dispatcher: a handler that collects the body. */
export function dispatcherClient(origin: string, dispatcher: Dispatcher): PeerClient {
  const headers = { 'content-type': 'application/json', accept: 'application/json' }
  return {
    text: (path) => collectText(dispatcher, { origin, path, method: 'GET' }),
    json: async (path, value) => {
      const body = JSON.stringify(value)
      return JSON.parse(await collectText(dispatcher, { origin, path, method: 'POST', headers, body }))
    },
    close: () => dispatcher.close(),
  }
}

function fetching(settings: PeerSettings): PeerClient {
  const { origin } = settings
  const dispatcher = poolOf(settings)
  const headers = { 'content-type': 'application/json' }
  return {
    text: async (path) => (await fetch(origin + path, { dispatcher })).text(),
    json: async (path, value) => {
      const body = JSON.stringify(value)
      return (await fetch(origin + path, { dispatcher, method: 'POST', headers, body })).json()
    },
    fetch: (url, init) => fetch(url, { ...init, dispatcher }),
    stream: async (path) => (await fetch(origin + path, { dispatcher })).body!,
    close: () => dispatcher.close(),
  }
}
