import { KeepwarmError } from '../errors.ts'
import type { HeaderInit } from './options.ts'

export type WireHeaders = Record<string, string | string[]>

/**
 * Names in lower case, so that a call's header replaces the client's whatever its spelling.
 * @throws KeepwarmError `invalid_request` naming the header whose value is none
 */
export function normalizeHeaders(headers: HeaderInit): WireHeaders {
  return mergeHeaders({}, headers)
}

/** The client's headers with the call's on top; the client's own object when the call has none. */
export function mergeHeaders(defaults: WireHeaders, headers: HeaderInit | undefined): WireHeaders {
  if (headers === undefined) return defaults
  const wire = { ...defaults }
  for (const [name, value] of Object.entries(isPairs(headers) ? gathered(headers) : headers)) {
    const lower = name.toLowerCase()
    if (value === undefined) delete wire[lower]
    else wire[lower] = typeof value === 'string' ? value : severalOf(lower, value)
  }
  return wire
}

/** Adds a header unless the caller gave it. */
export function withHeader(headers: WireHeaders, name: string, value: string): WireHeaders {
  return name in headers ? headers : { ...headers, [name]: value }
}

function isPairs(headers: HeaderInit): headers is Iterable<readonly [string, string]> {
  return Symbol.iterator in headers
}

/** A name that comes more than once has all its values. */
function gathered(pairs: Iterable<readonly [string, string]>): Record<string, string | string[]> {
  const values: Record<string, string | string[]> = {}
  for (const [name, value] of pairs) {
    const lower = name.toLowerCase()
    const before = values[lower]
    values[lower] = before === undefined ? value : [before, value].flat()
  }
  return values
}

function severalOf(name: string, values: unknown): string[] {
  if (Array.isArray(values) && values.every((value) => typeof value === 'string')) return [...values]
  const given =
    values === null ? 'null' : Array.isArray(values) ? 'not a list of strings' : `a ${typeof values}`
  const help = 'give a string, a list of strings, or undefined to take a default header away'
  throw new KeepwarmError('invalid_request', `the header "${name}" is ${given}; ${help}`, { phase: 'admit' })
}
