/** From a path or URL to what goes on the wire. */
import { KeepwarmError } from '../errors.ts'
import { encodeQuery, type Query } from './query.ts'

/** Where a client's paths lead. */
export interface Base {
  readonly origin: string
  /** Without a slash at the end; empty for the root. */
  readonly path: string
}

export interface Target {
  readonly origin: string
  readonly path: string
}

/**
 * Joins: the base's path is kept, never replaced, whether or not `path` begins with a slash. A whole URL must lead
 * to the base's own origin, so that the client's headers never reach another.
 * @throws KeepwarmError `invalid_request`
 */
export function resolveTarget(base: Base | undefined, path: string, query: Query | undefined): Target {
  const target = isAbsolute(path) ? fromUrl(base, path) : fromPath(base, path)
  const text = query === undefined ? '' : encodeQuery(query)
  if (text === '') return target
  return { origin: target.origin, path: `${target.path}${joint(target.path)}${text}` }
}

function joint(path: string): string {
  if (!path.includes('?')) return '?'
  return path.endsWith('?') || path.endsWith('&') ? '' : '&'
}

function fromUrl(base: Base | undefined, path: string): Target {
  const url = parseHttpUrl(path)
  if (url === undefined) throw invalid(`"${shownUrl(path)}" is not an http or https URL`)
  if (url.username !== '' || url.password !== '') {
    throw invalid(`a URL with a user name or password is not sent; use an Authorization header (${url.host})`)
  }
  if (base !== undefined && url.origin !== base.origin) {
    throw invalid(
      `${url.origin} is not the origin of this client (${base.origin}); use another client for it`,
    )
  }
  return { origin: url.origin, path: url.pathname + url.search }
}

function fromPath(base: Base | undefined, path: string): Target {
  if (base === undefined)
    throw invalid(`"${shownUrl(path)}" is a path, but this client has no baseUrl; give a whole URL`)
  const clean = encodePath(path)
  if (clean === '') return { origin: base.origin, path: base.path === '' ? '/' : base.path }
  const first = clean.charCodeAt(0)
  const joined = first === 47 /* / */ || first === 63 /* ? */ ? base.path + clean : `${base.path}/${clean}`
  return { origin: base.origin, path: joined.charCodeAt(0) === 63 ? `/${joined}` : joined }
}

/**
 * Without its fragment, and with what may not stand in a request as it is (spaces, other scripts) encoded, as browsers
 * do it. Control characters are refused: with a line break somebody could write headers of their own.
 */
function encodePath(path: string): string {
  if (plainPath.test(path)) return path
  const hash = path.indexOf('#')
  const clean = hash === -1 ? path : path.slice(0, hash)
  if (plain.test(clean)) return clean
  if (control.test(clean)) {
    throw invalid(
      `the path "${shownUrl(clean)}" has a control character; encode it with encodeURIComponent()`,
    )
  }
  return clean.toWellFormed().replace(/[^\x21-\x7e]+/g, encodeURIComponent)
}

const control = /[\x00-\x1f\x7f]/
const plain = /^[\x21-\x7e]*$/
/** Without a fragment besides. */
const plainPath = /^[\x21\x22\x24-\x7e]*$/

/** For messages: where it leads, without the query. */
export function shownTarget(base: Base | undefined, path: string): string {
  const shown = withoutQuery(path)
  if (base === undefined || isAbsolute(path)) return shown
  return `${base.origin}${base.path}${shown.charCodeAt(0) === 47 ? '' : '/'}${shown}`
}

/** A query may hold secrets. */
function withoutQuery(path: string): string {
  const query = path.indexOf('?')
  const clean = query === -1 ? path : path.slice(0, query)
  const hash = clean.indexOf('#')
  return hash === -1 ? clean : clean.slice(0, hash)
}

function isAbsolute(path: string): boolean {
  return path.charCodeAt(0) !== 47 /* / */ && /^[a-z][a-z0-9+.-]*:\/\//i.test(path)
}

export function parseHttpUrl(text: string): URL | undefined {
  if (!URL.canParse(text)) return undefined
  const url = new URL(text)
  return url.protocol === 'http:' || url.protocol === 'https:' ? url : undefined
}

/** For an error: without what may be a user name, a password or a query, and on one line. */
export function shownUrl(text: string): string {
  return text
    .replace(/^([a-z][a-z0-9+.-]*:\/\/)?.*@/is, '$1…@')
    .split(/[?#]/, 1)[0]!
    .replace(/[^\x20-\x7e…]/g, '·')
}

function invalid(message: string): KeepwarmError {
  return new KeepwarmError('invalid_request', message, { phase: 'admit' })
}
