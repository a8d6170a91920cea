/** Signatures and keys that the conventions name; the case of the letters counts. */
const always: readonly string[] = [
  'X-Amz-Signature',
  'X-Amz-Credential',
  'X-Amz-Security-Token',
  'AWSAccessKeyId',
  'Signature',
  'sig',
  'X-Goog-Signature',
]

const REDACTED = 'REDACTED'

/** What a URL may show: everything but credentials and the values of these names. Reads the query as it is written. */
export function redactUrl(url: string, names: 'all' | readonly string[] = []): string {
  const plain = url
    .replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#]*@/i, `$1${REDACTED}:${REDACTED}@`)
    .replace(/#.*$/s, '')
  const start = plain.indexOf('?')
  if (start === -1) return plain
  const isSecret = (name: string): boolean => names === 'all' || always.includes(name) || names.includes(name)
  const pairs = plain
    .slice(start + 1)
    .split('&')
    .map((pair) => {
      const [name = '', value] = pair.split('=', 2)
      return value !== undefined && isSecret(decoded(name)) ? `${name}=${REDACTED}` : pair
    })
  // What has no "=" is a value, too, where all of them are secret.
  const shown =
    names === 'all' ? pairs.map((pair) => (pair === '' || pair.includes('=') ? pair : REDACTED)) : pairs
  return `${plain.slice(0, start)}?${shown.join('&')}`
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name)
  } catch {
    return name
  }
}
