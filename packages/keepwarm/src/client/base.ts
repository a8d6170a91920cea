import { ConfigError } from '../errors.ts'
import { parseHttpUrl, shownUrl, type Base } from './target.ts'

/** Where a client's paths lead, with all endpoints that they may lead to; the first is that of the base. */
export interface Bases {
  readonly base: Base
  readonly origins: readonly string[]
  readonly authorization: string | undefined
}

/**
 * Reads base URLs: one, or several that differ in their origins alone.
 * @throws ConfigError when one is not an http or https URL or carries a query, when there is none, when one comes twice,
 * or when their paths or credentials differ
 */
export function resolveBases(baseUrl: string | URL | readonly (string | URL)[]): Bases {
  const given = Array.isArray(baseUrl) ? (baseUrl as readonly (string | URL)[]) : [baseUrl as string | URL]
  const [first, ...others] = given.map((url) => resolveBase(url))
  if (first === undefined) throw badBase('an empty list', 'at least one URL')
  const origins = [first, ...others].map(({ base }) => base.origin)
  for (const { base, authorization } of others) {
    if (base.path !== first.base.path)
      throw badBase(`${base.origin}${base.path}`, `the path of the others, "${first.base.path || '/'}"`)
    if (authorization !== first.authorization)
      throw badBase(base.origin, 'the same user name and password in all URLs: any of them may get them')
  }
  const twice = origins.find((origin, index) => origins.indexOf(origin) < index)
  if (twice !== undefined)
    throw badBase(`${twice} twice`, 'each endpoint once; `balance.weights` says who can carry more')
  return { ...first, origins }
}

function resolveBase(baseUrl: string | URL): { base: Base; authorization: string | undefined } {
  const url = parseHttpUrl(String(baseUrl))
  if (url === undefined || url.search !== '' || url.hash !== '') {
    const shown = JSON.stringify(shownUrl(String(baseUrl)))
    throw badBase(shown, 'an http or https URL without a query, such as http://search:8055/api')
  }
  return {
    base: { origin: url.origin, path: url.pathname.replace(/\/+$/, '') },
    authorization: basicAuthorization(url, baseUrl),
  }
}

function basicAuthorization({ username, password }: URL, baseUrl: string | URL): string | undefined {
  if (username === '' && password === '') return undefined
  try {
    const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
    return `Basic ${Buffer.from(credentials).toString('base64')}`
  } catch {
    const shown = JSON.stringify(shownUrl(String(baseUrl)))
    throw badBase(shown, 'a user name and password whose percent signs are written %25')
  }
}

function badBase(received: string, expected: string): ConfigError {
  return new ConfigError([{ variable: 'baseUrl', received, expected }])
}
