/**
 * What a header may be. A name or a value with a line break could write headers, or a whole request, of its own into a
 * connection that others use after it; and the headers that frame messages and manage connections are not the caller's.
 * Messages name the header and never show its value.
 */
import { described } from './described.ts'
import { invalid } from './invalid.ts'
import { trimmed } from './trimmed.ts'

const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
const outside = /[^\t\x20-\x7e\x80-\xff]/

/** @throws KeepwarmError `invalid_request` */
export function checkName(name: unknown): string {
  if (typeof name !== 'string') throw invalid(`the name of a header is ${described(name)}; give a string`)
  if (token.test(name)) return name.toLowerCase()
  if (name === '') throw invalid('the name of a header is empty')
  // What follows may be a value that came into the name by mistake.
  const begin = /^[!#$%&'*+.^_`|~0-9A-Za-z-]*/.exec(name)![0]
  const sign = signName(name.charCodeAt(begin.length))
  throw invalid(
    `the name of the header "${begin}…" has ${sign} in it; names are letters, digits and any of !#$%&'*+-.^_\`|~`,
  )
}

/** Without the spaces around it, which HTTP does not count to a value. */
export function checkValue(name: string, value: unknown): string {
  if (typeof value !== 'string') throw notText(name, value === null ? 'null' : described(value))
  const bad = outside.exec(value)
  if (bad === null) return isPadded(value) ? trimmed(value, '\t ') : value
  const code = value.charCodeAt(bad.index)
  const help = code > 0xff ? '; encode the value, as with encodeURIComponent()' : ''
  throw invalid(`the header "${name}" has ${signName(code)} in its value${help}`)
}

export function notText(name: string, given: string): Error {
  return invalid(
    `the header "${name}" is ${given}; give a string, a list of strings, or undefined to take a default header away`,
  )
}

function isPadded(value: string): boolean {
  const first = value.charCodeAt(0)
  const last = value.charCodeAt(value.length - 1)
  return first === 32 || first === 9 || last === 32 || last === 9
}

function signName(code: number): string {
  if (code === 13 || code === 10) return 'a line break'
  if (code === 0) return 'a NUL'
  if (code === 32) return 'a space'
  if (code < 32 || code === 127) return `a control character (U+${hex(code)})`
  return code > 0xff ? `a character beyond Latin-1 (U+${hex(code)})` : `"${String.fromCharCode(code)}"`
}

function hex(code: number): string {
  return code.toString(16).toUpperCase().padStart(4, '0')
}

interface Rule {
  /** What it may say; undefined where it is refused whatever it says. */
  readonly allowed?: RegExp
  readonly why: string
}

const ofTheConnection: Rule = {
  why: 'it belongs to the connection, which its pool looks after; leave it out',
}

const rules: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  ['transfer-encoding', { why: 'how a body is framed follows from the body; leave it out' }],
  ['keep-alive', ofTheConnection],
  ['proxy-connection', ofTheConnection],
  ['http2-settings', ofTheConnection],
  [
    'proxy-authorization',
    { why: 'the origin would get it; credentials for a proxy go into the option `proxy`' },
  ],
  [
    'upgrade',
    { why: 'a call cannot change the protocol; use upgrade() of the client, which every Dispatcher has' },
  ],
  ['__proto__', { why: 'it is a name that JavaScript keeps for itself' }],
  ['trailer', { why: 'trailers of a request cannot be sent: undici writes none' }],
  [
    'expect',
    {
      why:
        'over HTTP/1.1 undici takes the interim answer 100 for a fault and ends the connection; over HTTP/2 the option ' +
        '`expectContinue: true` does it',
    },
  ],
  [
    'connection',
    {
      allowed: /^(close|keep-alive)$/i,
      why: 'it may be "close" or "keep-alive"; what else it lists is lost',
    },
  ],
  ['te', { allowed: /^trailers$/, why: 'it may be "trailers"; no other coding of a response could be read' }],
  [
    'host',
    {
      allowed: /^([\w.~-]+|\[[\da-f:.]+\])(:\d{1,5})?$/i,
      why: 'it is one host, with a port or without',
    },
  ],
  ['content-length', { allowed: /^\d{1,15}$/, why: 'it is one number of bytes' }],
])

/** What is said of single headers, besides what holds of all. */
export function checkHeader(name: string, value: string | string[]): void {
  const rule = rules.get(name)
  if (rule === undefined) return
  if (rule.allowed === undefined) throw invalid(`the header "${name}" is not for a call: ${rule.why}`)
  if (typeof value === 'string' && rule.allowed.test(value)) return
  throw invalid(`the header "${name}" says what it may not: ${rule.why}`)
}
