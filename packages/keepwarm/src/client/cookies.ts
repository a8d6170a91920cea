/** Cookies, kept by a jar of the caller's: `tough-cookie` knows the rules of domains and paths, and keepwarm does not. */
import type { ConfigProblem } from '../errors.ts'
import type { Hooks } from '../exchange/hooks.ts'
import { isObject } from '../known-options.ts'

/** What keepwarm asks of a jar; that of `tough-cookie` has it. */
export interface CookieJar {
  /** The Cookie header of a request to this URL. */
  getCookieString(url: string): string | Promise<string>
  /** Keeps a Set-Cookie header of a response from this URL, or throws or rejects when it may not be kept. */
  setCookie(cookie: string, url: string): unknown
}

/** Hooks that carry the jar's cookies, those of redirects and retries among them. */
export function cookieHooks(jar: CookieJar): Hooks {
  let kept: Promise<unknown> = Promise.resolve()
  return {
    beforeRequest: async ({ url, headers }) => {
      await kept // whoever was told to log in may be told where he is in the next breath
      const cookies = await jar.getCookieString(url)
      const own = headers.get('cookie')
      if (cookies !== '') headers.set('cookie', own === null ? cookies : `${own}; ${cookies}`)
    },
    afterResponse: ({ origin, path, headers }) => {
      const given = headers['set-cookie']
      if (given === undefined) return
      const keep = [given].flat().map((cookie) => keepCookie(jar, cookie, origin + path))
      kept = Promise.all([kept, ...keep])
    },
  }
}

/** A cookie that may not be kept, for another site say, is left out, as browsers do it; the first one is told. */
async function keepCookie(jar: CookieJar, cookie: string, url: string): Promise<void> {
  try {
    await jar.setCookie(cookie, url)
  } catch {
    if (warned.has(jar)) return
    warned.add(jar)
    const message = `the jar refused a cookie of ${new URL(url).origin}; others like it are left out without a word`
    process.emitWarning(message, { code: 'KEEPWARM_COOKIE' })
  }
}

const warned = new WeakSet<CookieJar>()

export function cookieProblems(jar: unknown): ConfigProblem[] {
  const methods = ['getCookieString', 'setCookie']
  if (jar === undefined || (isObject(jar) && methods.every((name) => typeof jar[name] === 'function')))
    return []
  const expected = "a jar with getCookieString() and setCookie(), such as tough-cookie's CookieJar"
  return [{ variable: 'cookies', received: jar === null ? 'null' : `a ${typeof jar}`, expected }]
}
