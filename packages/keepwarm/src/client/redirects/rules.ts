/** What HTTP says of redirects (RFC 9110, 15.4), for calls and for fetch. Thinks only. */

const statuses: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])

export function isRedirect(status: number): boolean {
  return statuses.has(status)
}

/** 303 always means another thing to look at; after 301 and 302 everybody sends a POST on as GET, and HTTP allows it. */
export function becomesGet(status: number, method: string): boolean {
  if (status === 303) return method !== 'GET' && method !== 'HEAD'
  return (status === 301 || status === 302) && method === 'POST'
}

/** Headers that speak of a body, which is not there any more. */
export const ofBodies: readonly string[] = [
  'content-encoding',
  'content-language',
  'content-location',
  'content-type',
  'content-length',
]

/** Header values are bytes; servers that write UTF-8 there mean it. */
export function decodedLocation(location: string): string {
  return /[\x80-\xff]/.test(location) ? Buffer.from(location, 'latin1').toString('utf8') : location
}
