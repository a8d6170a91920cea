import type { HeaderInit } from './options.ts'

export type WireHeaders = Record<string, string | string[]>

/** Names in lower case, so that a call's header replaces the client's whatever its spelling. */
export function normalizeHeaders(headers: HeaderInit): WireHeaders {
  const wire: WireHeaders = {}
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) wire[name.toLowerCase()] = typeof value === 'string' ? value : [...value]
  }
  return wire
}

/** The client's headers with the call's on top; the client's own object when the call has none. */
export function mergeHeaders(defaults: WireHeaders, headers: HeaderInit | undefined): WireHeaders {
  if (headers === undefined) return defaults
  const wire = { ...defaults }
  for (const [name, value] of Object.entries(headers)) {
    const lower = name.toLowerCase()
    if (value === undefined) delete wire[lower]
    else wire[lower] = typeof value === 'string' ? value : [...value]
  }
  return wire
}

/** Adds a header unless the caller gave it. */
export function withHeader(headers: WireHeaders, name: string, value: string): WireHeaders {
  return name in headers ? headers : { ...headers, [name]: value }
}
