/**
 * A URL, or what was meant to be one, as a message may show it: without what may be a user name, a password or a query.
 * Also for what no parser understands, since that is what people are shown when they mistyped one.
 *
 * @example maskedUrl('http://me:secret@host/x?token=1') // 'http://***@host/x'
 */
export function maskedUrl(text: string): string {
  return text.replace(/^([a-z][a-z0-9+.-]*:\/\/)?.*@/is, '$1***@').split(/[?#]/, 1)[0]!
}
