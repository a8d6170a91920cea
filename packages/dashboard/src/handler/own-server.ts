/** A server for the dashboard alone, on this machine, that never keeps the process alive. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ConfigError } from 'keepwarm'
import { isLoopback } from './guard.ts'

export interface ListenOptions {
  /** 0 for any that is free. Default 0. */
  readonly port?: number
  /** Anything but this machine needs a token. Default 127.0.0.1. */
  readonly host?: string
}

/** Where the dashboard can be opened. */
export interface Listening extends AsyncDisposable {
  readonly url: string
  readonly port: number
  close(): Promise<void>
}

/** Rejects with ConfigError for a port that is none, or when others could come and there is no token, with the system's error for a port in use. */
export async function listen(
  { port = 0, host = '127.0.0.1' }: ListenOptions,
  handle: (request: IncomingMessage, response: ServerResponse) => void,
  about: { readonly mount: string; readonly hasToken: boolean },
): Promise<Listening> {
  // A text would be the path of a socket for Node, and nobody would find it.
  if (!(Number.isInteger(port) && port >= 0 && port <= 65_535))
    throw new ConfigError([
      { variable: 'port', received: JSON.stringify(port), expected: '0 to 65535, a number' },
    ])
  const isOwn = host === 'localhost' || isLoopback(host)
  if (!isOwn && !about.hasToken) {
    const expected = '127.0.0.1, ::1 or localhost, as there is no token: dashboard(clients, { token })'
    throw new ConfigError([{ variable: 'host', received: JSON.stringify(host), expected }])
  }
  const server = createServer(handle).unref()
  server.on('connection', (socket) => socket.unref())
  server.listen(port, host)
  await once(server, 'listening')
  const { port: bound, address, family } = server.address() as AddressInfo
  const name = family === 'IPv6' ? `[${address}]` : address
  const close = (): Promise<void> => closed(server)
  const url = `http://${name}:${bound}${about.mount}/`
  return { url, port: bound, close, [Symbol.asyncDispose]: close }
}

async function closed(server: Server): Promise<void> {
  if (!server.listening) return
  const gone = once(server, 'close')
  server.close()
  server.closeAllConnections()
  // Without this, whoever waits for it would wait in a process that has nothing else to do.
  server.ref()
  await gone
}
