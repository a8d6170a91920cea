import { ConfigError } from '../../errors.ts'
import { isObject } from '../../known-options.ts'
import { mergeHeaders, normalizeHeaders } from '../headers.ts'
import type { HttpClientOptions } from '../options.ts'

/** Options that have parts, each of which may be given for itself. */
const wholes: ReadonlySet<string> = new Set([
  ...['retry', 'budget', 'breaker', 'hedge', 'healthChecks', 'limiter', 'adaptive', 'balance'],
  ...['connect', 'client', 'groups'],
])

/**
 * Options of a client on top of others, part by part: `{ retry: { cap: 1_000 } }` changes the cap alone. `false` switches
 * a whole off, `true` on with what is known of it.
 *
 * @throws ConfigError where a connector of your own would make certificates say nothing
 */
export function mergeOptions(lower: HttpClientOptions, upper: HttpClientOptions): HttpClientOptions {
  const merged: Record<string, unknown> = { ...lower }
  for (const [name, value] of Object.entries(upper) as [string, unknown][]) {
    if (value === undefined) continue
    merged[name] = wholes.has(name) ? mergeWhole(name, merged[name], value) : value
  }
  if (lower.headers !== undefined && upper.headers !== undefined)
    merged['headers'] = mergeHeaders(normalizeHeaders(lower.headers), upper.headers)
  return merged
}

function mergeWhole(name: string, lower: unknown, upper: unknown): unknown {
  if (name === 'connect' && typeof upper === 'function' && isObject(lower)) {
    const expected =
      'TLS and socket options, as there are some already: a connector of its own would ignore them'
    throw new ConfigError([{ variable: name, received: 'a function', expected, reason: 'conflict' }])
  }
  if (!isObject(lower)) return upper
  return upper === true ? lower : isObject(upper) ? { ...lower, ...upper } : upper
}
