/** Headers as they are given on the command line: `name: value`. */
import { validateHeaderName, validateHeaderValue } from 'node:http'
import { InvalidArgumentError } from 'commander'

export type Headers = Readonly<Record<string, string>>

/** Collects `-H` after `-H`. What is wrong with a value is told without it: it may be a secret. */
export function header(text: string, before: Headers = {}): Headers {
  const [, name = '', value = ''] = /^([^:]+):(.*)$/s.exec(text) ?? []
  try {
    validateHeaderName(name.trim())
    validateHeaderValue(name.trim(), value.trim())
  } catch {
    throw new InvalidArgumentError("Allowed: a name and a value, such as -H 'accept: application/json'.")
  }
  return { ...before, [name.trim().toLowerCase()]: value.trim() }
}

/** Headers whose values nobody minds. Of all others only the name is shown. */
const harmless: ReadonlySet<string> = new Set([
  ...['accept', 'accept-encoding', 'accept-language', 'cache-control', 'content-type', 'host'],
  ...['if-modified-since', 'if-none-match', 'origin', 'range', 'user-agent'],
])

export function shownHeaders(headers: Headers): Headers {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, harmless.has(name) ? value : '***']),
  )
}
