/** What of a request matters for whether it is let in. */
import type { IncomingMessage } from 'node:http'
import type { Visitor } from './guard.ts'

const proxied = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'via']

export function visitorOf(request: IncomingMessage, route: string, query: URLSearchParams): Visitor {
  const { headers, method = 'GET', socket } = request
  return {
    method,
    route,
    host: one(headers.host ?? headers[':authority']),
    address: socket.remoteAddress,
    forwarded: proxied.some((name) => headers[name] !== undefined),
    authorization: headers.authorization,
    cookie: headers.cookie,
    token: query.get('token') ?? undefined,
    site: one(headers['sec-fetch-site']),
    mode: one(headers['sec-fetch-mode']),
  }
}

/** Whether it came over TLS, to us or to the proxy that says so. */
export function isSecure({ socket, headers }: IncomingMessage): boolean {
  return 'encrypted' in socket || headers['x-forwarded-proto'] === 'https'
}

function one(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header
}
