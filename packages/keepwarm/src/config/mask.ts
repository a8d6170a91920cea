/**
 * Hides the credentials that a URL may carry: the part before `@`, and the query. Works on what is no URL, too, since
 * that is what people are shown when they mistyped one.
 *
 * @example maskUrl('https://me:secret@search:8055') // 'https://***@search:8055'
 */
export function maskUrl(text: string): string {
  const [address = '', ...query] = text.split(/[?#]/)
  const scheme = /^[a-z][a-z0-9+.-]*:\/*/i.exec(address)?.[0] ?? ''
  // "me:secret@host" has no scheme, though it begins like one.
  const start = scheme.endsWith('/') ? scheme : ''
  // A password with a ? in it, or an address in a query: who knows.
  if (query.some((part) => part.includes('@'))) return `${start}***`
  const at = address.lastIndexOf('@')
  const masked = at < 0 ? address : `${start}***${address.slice(at)}`
  return query.length === 0 ? masked : `${masked}?***`
}
