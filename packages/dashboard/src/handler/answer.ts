/** Writes answers. Every one of them carries the same headers of caution, and is kept by nobody. */
import type { ServerResponse } from 'node:http'

const cautious: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'x-frame-options': 'DENY',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
}

/** Of everything but the page. */
export const nothingRuns = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"

type Headers = Readonly<Record<string, string | number>>

export function head(response: ServerResponse, status: number, headers: Headers): void {
  response.writeHead(status, { ...cautious, 'content-security-policy': nothingRuns, ...headers })
}

/** A body that is not to be sent again in vain: a HEAD request gets the head alone. */
export function answer(
  response: ServerResponse,
  status: number,
  headers: Headers,
  body: string | Buffer,
): void {
  head(response, status, { 'content-length': Buffer.byteLength(body), ...headers })
  response.end(response.req.method === 'HEAD' ? undefined : body)
}

export function text(response: ServerResponse, status: number, body: string, headers: Headers = {}): void {
  answer(response, status, { 'content-type': 'text/plain; charset=utf-8', ...headers }, `${body}\n`)
}

export function json(response: ServerResponse, status: number, body: unknown): void {
  answer(response, status, { 'content-type': 'application/json' }, `${JSON.stringify(body)}\n`)
}

/** RFC 9457. */
export function problem(
  response: ServerResponse,
  status: number,
  title: string,
  detail: string,
  more: object = {},
): void {
  const body = { type: 'about:blank', title, status, detail, ...more }
  answer(response, status, { 'content-type': 'application/problem+json' }, `${JSON.stringify(body)}\n`)
}

export function redirect(
  response: ServerResponse,
  status: 303 | 308,
  location: string,
  headers: Headers = {},
): void {
  answer(response, status, { location, 'content-type': 'text/plain; charset=utf-8', ...headers }, '')
}
