/** What goes wrong on the way: no connection, a lost one, a silent one. */
import { readFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import { failureOf } from './client-tools.ts'
import { alone, ask, between, headers, path, secret, silent, type Incident } from './incident.ts'
import { startProxy } from './proxy-servers.ts'
import { rawResponse, startHttp, startHttps, startRaw, testOnly, type TestServer } from './servers.ts'
import { sleep } from './wait.ts'

const expired = (): Buffer => readFileSync(new URL('test-only-expired-cert.pem', import.meta.url))

const unknownHost = (name: string, _options: object, done: (error: Error) => void): void =>
  done(Object.assign(new Error(`getaddrinfo ENOTFOUND ${name}`), { code: 'ENOTFOUND' }))

export const cannotConnect: readonly Incident[] = [
  {
    name: 'the service is not started',
    code: 'connect',
    async happens() {
      const gone = await startHttp()
      const { origin } = gone
      await gone[Symbol.asyncDispose]()
      return alone({ baseUrl: origin })
    },
  },
  {
    name: 'the name is unknown',
    code: 'connect',
    happens: () =>
      alone({ baseUrl: 'http://ordres.internal:8080', connect: { lookup: unknownHost } as never }),
  },
  {
    name: 'the host does not answer',
    code: 'connect',
    happens: () =>
      alone({ baseUrl: 'http://10.1.2.3:8080', connect: () => {}, connectTimeout: 50, retry: false }),
  },
  {
    name: 'the certificate is self-signed',
    code: 'connect',
    happens: () => between(startHttps(), {}, (client) => failureOf(ask(client))),
  },
  {
    name: 'the certificate has expired',
    code: 'connect',
    happens: () =>
      between(
        startHttps(undefined, { key: testOnly.key, cert: expired() }),
        { connect: { ca: expired() } },
        (client) => failureOf(ask(client)),
      ),
  },
  {
    name: 'the proxy wants a password',
    code: 'connect',
    async happens() {
      await using proxy = await startProxy('http', () => '407 Proxy Authentication Required')
      const url = proxy.url.replace('//', `//me:${secret}@`)
      return await alone({ baseUrl: 'https://orders.test', proxy: url, retry: false })
    },
  },
  {
    name: 'the proxy is not there',
    code: 'connect',
    async happens() {
      const proxy = await startProxy()
      await proxy[Symbol.asyncDispose]()
      return alone({ baseUrl: 'https://orders.test', proxy: proxy.url })
    },
  },
]

/** Answers the first request, and hangs up on the second. */
const hangsUp = (): Promise<TestServer> =>
  startRaw((socket: Socket) => {
    let requests = 0
    socket.on('data', () => (++requests > 1 ? socket.end() : socket.write(rawResponse('{}'))))
  })

export const lost: readonly Incident[] = [
  {
    name: 'the other side closes a kept connection',
    code: 'reset',
    happens: () =>
      between(hangsUp(), {}, async (client) => {
        await ask(client)
        await sleep(20)
        return failureOf(client.post(path, { headers, json: { id: 7 } }).json())
      }),
  },
  {
    name: 'the answer breaks off',
    code: 'reset',
    happens: () =>
      between(
        startRaw((socket) => socket.once('data', () => socket.end(rawResponse('{"half":').slice(0, -3)))),
        {},
        (client) => failureOf(ask(client)),
      ),
  },
  {
    name: 'something else than HTTP listens',
    code: 'protocol',
    happens: () =>
      between(
        startRaw((socket) => socket.once('data', () => socket.end(`SSH-2.0-OpenSSH_9.6 ${secret}\r\n`))),
        { retry: false },
        (client) => failureOf(ask(client)),
      ),
  },
]

/** Breaks off the first request, and then works for ever. */
function restarting(): Promise<TestServer> {
  let requests = 0
  return startHttp((request) => (++requests > 1 ? undefined : request.socket.destroy()))
}

export const slow: readonly Incident[] = [
  {
    name: 'a model is slower than headersTimeout',
    code: 'attempt_timeout',
    happens: () =>
      between(silent(), { headersTimeout: 60 }, (client) =>
        failureOf(client.post(path, { headers, json: {} }).json()),
      ),
  },
  {
    name: 'a body stops in the middle',
    code: 'attempt_timeout',
    happens: () =>
      between(
        startHttp((_, response) => void response.write('{')),
        { retry: false },
        (client) => failureOf(ask(client, { bodyIdleTimeout: 60 })),
      ),
  },
  {
    name: 'the time is up after failed attempts',
    code: 'deadline',
    happens: () =>
      between(restarting(), { timeout: 600, retry: { base: 5, jitter: 0 } }, (client) =>
        failureOf(ask(client)),
      ),
  },
  {
    name: 'the time is up while the service works',
    code: 'deadline',
    happens: () => between(silent(), { timeout: 300 }, (client) => failureOf(ask(client))),
  },
]
