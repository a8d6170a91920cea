import { described } from './described.ts'
import { checkHeader, checkName, checkValue, notText } from './header-rules.ts'
import { invalid } from './invalid.ts'
import type { HeaderInit } from './options.ts'

export type WireHeaders = Record<string, string | string[]>

/**
 * Names in lower case, so that a call's header replaces the client's whatever its spelling.
 * @throws KeepwarmError `invalid_request` naming the header that cannot be sent
 */
export function normalizeHeaders(headers: HeaderInit): WireHeaders {
  const wire = mergeHeaders({}, headers)
  if (Object.hasOwn(wire, 'content-length'))
    throw invalid('the header "content-length" is not for all calls of a client: each body has its own')
  return wire
}

/**
 * The client's headers with the call's on top; the client's own object when the call has none.
 * @throws KeepwarmError `invalid_request` naming the header that cannot be sent
 */
export function mergeHeaders(defaults: WireHeaders, headers: HeaderInit | undefined): WireHeaders {
  if (headers === undefined) return defaults
  if (typeof headers !== 'object' || headers === null)
    throw invalid(
      `its headers are ${described(headers)}; give an object, Headers, or pairs of names and values`,
    )
  const wire = { ...defaults }
  for (const [given, value] of isPairs(headers) ? gathered(headers) : Object.entries(headers)) {
    const name = checkName(given)
    const checked = typeof value === 'string' ? checkValue(name, value) : listOf(name, value)
    if (checked === undefined) delete wire[name]
    else {
      checkHeader(name, checked)
      wire[name] = checked
    }
  }
  return wire
}

/** Adds a header unless the caller gave it. */
export function withHeader(headers: WireHeaders, name: string, value: string): WireHeaders {
  return Object.hasOwn(headers, name) ? headers : { ...headers, [name]: value }
}

type Pairs = Iterable<readonly [string, string | readonly string[] | undefined]>

function isPairs(headers: HeaderInit): headers is Pairs {
  return Symbol.iterator in headers
}

/** A name that comes more than once has all its values. */
function gathered(pairs: Pairs): Map<string, string | string[] | undefined> {
  const values = new Map<string, string | string[] | undefined>()
  for (const pair of pairs as Iterable<unknown>) {
    if (!Array.isArray(pair) || pair.length !== 2)
      throw invalid('its headers are a list of something else than pairs of a name and a value')
    const [name, value] = pair as [string, string | string[] | undefined]
    const lower = checkName(name)
    const before = values.get(lower)
    values.set(lower, before === undefined ? value : value === undefined ? before : [before, value].flat())
  }
  return values
}

/** Undefined, and a list of nothing, take a default away. Cookies stand in one header. */
function listOf(name: string, values: unknown): string | string[] | undefined {
  const list = severalOf(name, values)
  return list !== undefined && name === 'cookie' ? list.join('; ') : list
}

function severalOf(name: string, values: unknown): string[] | undefined {
  if (values === undefined) return undefined
  if (!Array.isArray(values)) throw notText(name, values === null ? 'null' : described(values))
  if (!values.every((value) => typeof value === 'string')) throw notText(name, 'not a list of strings')
  return values.length === 0 ? undefined : values.map((value) => checkValue(name, value))
}
