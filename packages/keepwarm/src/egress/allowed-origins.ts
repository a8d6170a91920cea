/** The option `allowedOrigins`: a list of origins, turned into a question. */
import { isIP } from 'node:net'
import type { ConfigProblem } from '../errors.ts'
import { maskedUrl } from '../masked-url.ts'

/** Whether an origin, as `URL.origin` writes it, is on the list. */
export type IsAllowed = (origin: string) => boolean

const expected = 'origins such as "https://api.example.com", "http://search:8055" or "https://*.example.com"'

/**
 * Reads the list. Names are compared as they stand in URLs: `example.com.` is another name than `example.com`.
 * @param problems gets every entry that is none
 */
export function readAllowedOrigins(list: unknown, problems: ConfigProblem[]): IsAllowed {
  const exact = new Set<string>()
  const below: URL[] = []
  const wrong = (received: string): unknown =>
    problems.push({ variable: 'allowedOrigins', received, expected })
  if (!Array.isArray(list)) wrong(`a ${typeof list}`)
  else if (list.length === 0) wrong('an empty list')
  else {
    for (const entry of list as readonly unknown[]) {
      const read = readEntry(String(entry))
      if (read === undefined) wrong(JSON.stringify(maskedUrl(String(entry))))
      else if (read.isPattern) below.push(read.url)
      else exact.add(read.url.origin)
    }
  }
  return (origin) => exact.has(origin) || isBelow(origin, below)
}

interface Entry {
  readonly url: URL
  /** It stands for the names below its own. */
  readonly isPattern: boolean
}

/** A scheme, a host and perhaps a port; nothing that a URL parser would read as a user name or a path. */
const form = /^(https?:\/\/)(\*\.)?([^\s/\\?#@*]+)\/?$/i

function readEntry(text: string): Entry | undefined {
  const [, scheme, star, place = ''] = form.exec(text) ?? []
  if (scheme === undefined || place.startsWith('.') || !URL.canParse(scheme + place)) return undefined
  const url = new URL(scheme + place)
  const isPattern = star !== undefined
  return isPattern && isIP(url.hostname.replace(/^\[(.*)\]$/, '$1')) !== 0 ? undefined : { url, isPattern }
}

function isBelow(origin: string, names: readonly URL[]): boolean {
  if (names.length === 0) return false
  const { protocol, hostname, port } = new URL(origin)
  return names.some(
    (name) => name.protocol === protocol && name.port === port && hostname.endsWith(`.${name.hostname}`),
  )
}
