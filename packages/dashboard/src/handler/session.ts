/** The token, and the cookie that it is exchanged for. Neither is kept, so that all processes of a service know both. */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'

export const cookieName = 'keepwarm_dashboard'

/** How long a cookie is good for, in seconds. */
const LIFETIME = 12 * 60 * 60

/** In a time that says nothing about where they differ. */
export function isSame(given: string, token: string): boolean {
  return timingSafeEqual(digest(given), digest(token))
}

/** `until.signature`: whoever has it had the token, which cannot be read from it. `now` in ms since 1970. */
export function newSession(token: string, now: number): string {
  const until = Math.floor(now / 1_000) + LIFETIME
  return `${until}.${signature(token, until)}`
}

export function isSession(value: string, token: string, now: number): boolean {
  const [, until = '', signed = ''] = /^(\d{1,12})\.([\w-]+)$/.exec(value) ?? []
  return until !== '' && isSame(signed, signature(token, Number(until))) && Number(until) * 1_000 > now
}

/** The header that sets it. `base`: the mount, as the browser sees it. */
export function sessionCookie(value: string, base: string, secure: boolean): string {
  const path = base === '' ? '/' : base.replace(/[;,\s]/g, '')
  const attributes = `Path=${path}; Max-Age=${LIFETIME}; HttpOnly; SameSite=Strict`
  return `${cookieName}=${value}; ${attributes}${secure ? '; Secure' : ''}`
}

/** All values of ours in a Cookie header: other paths and ports of the same host may have set others. */
export function sessionsIn(header: string | undefined): string[] {
  return (header ?? '')
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${cookieName}=`))
    .slice(0, 4)
    .map((pair) => pair.slice(cookieName.length + 1))
}

function signature(token: string, until: number): string {
  return createHmac('sha256', token).update(`keepwarm dashboard session until ${until}`).digest('base64url')
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
