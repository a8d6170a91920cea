/** What a file or a log of a test may show of a request: secrets are masked by the names that carry them. */

/** What stands in place of a secret. */
const MASK = '***'

const always = /^(authorization|proxy-authorization|cookie|set-cookie|sig)$/
const telling =
  /passw|secret|token|credential|signature|api[-_]?key|access[-_]?key|private[-_]?key|session[-_]?id|client[-_]?assertion/

/** Whether what goes by this name is a secret: a header, a parameter of a query, a member of a body. */
export type IsSecret = (name: string) => boolean

/** @param further names that are secret besides those that everybody knows; the case of letters does not count. */
export function secretNames(further: readonly string[] = []): IsSecret {
  const own = new Set(further.map((name) => name.toLowerCase()))
  return (name) => {
    const lower = name.toLowerCase()
    return always.test(lower) || telling.test(lower) || own.has(lower)
  }
}

export type PlainHeaders = Record<string, string | string[]>

/** Of a cookie that is set its name and its attributes stay, for they say what a client has to do. */
export function maskedHeaders(
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
  isSecret: IsSecret,
): PlainHeaders {
  const shown: PlainHeaders = {}
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined) continue
    const mask = (text: string): string => (isSecret(name) ? maskedValue(name, text) : text)
    shown[name] = typeof value === 'string' ? mask(value) : value.map(mask)
  }
  return shown
}

function maskedValue(name: string, value: string): string {
  return name.toLowerCase() === 'set-cookie' ? value.replace(/^([^=;]*)=[^;]*/, `$1=${MASK}`) : MASK
}

/** A path with its query: values of secret names are masked, all else stays as it was written. */
export function maskedPath(path: string, isSecret: IsSecret): string {
  const [before, query] = split(path, '?')
  return query === undefined ? before : `${before}?${maskedPairs(query, isSecret)}`
}

/** `a=1&token=abc`, as queries and forms have it. */
function maskedPairs(text: string, isSecret: IsSecret): string {
  return text
    .split('&')
    .map((pair) => {
      const [name, value] = split(pair, '=')
      return value !== undefined && isSecret(decoded(name)) ? `${name}=${MASK}` : pair
    })
    .join('&')
}

/** A body of JSON or of a form; any other, and JSON without a secret, stays as it is to the letter. */
export function maskedBody(text: string, contentType: string, isSecret: IsSecret): string {
  if (/^application\/x-www-form-urlencoded\b/i.test(contentType)) return maskedPairs(text, isSecret)
  if (!/^[\w.-]+\/([\w.-]+\+)?json\b/i.test(contentType)) return text
  let found = false
  const mask = (name: string, value: unknown): unknown => {
    if ((typeof value !== 'string' && typeof value !== 'number') || !isSecret(name)) return value
    found = true
    return MASK
  }
  try {
    const masked = JSON.stringify(JSON.parse(text, mask))
    return found ? masked : text
  } catch {
    return text
  }
}

function split(text: string, at: string): [string, string | undefined] {
  const index = text.indexOf(at)
  return index === -1 ? [text, undefined] : [text.slice(0, index), text.slice(index + 1)]
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name)
  } catch {
    return name
  }
}
