/** Where a request leads below the mount, and how the page is told where it stands. Pure: paths in, paths out. */

export interface Place {
  /** Below the mount, with a slash at its beginning: `/events`. Empty when the mount itself was asked for without one. */
  readonly route: string
  /** The mount as the browser sees it, without a slash at the end; empty at the root. */
  readonly base: string
  /** The whole path as the browser sees it. */
  readonly path: string
}

/**
 * @param url as the handler got it; a framework may have taken the mount away
 * @param original as it came, where a framework keeps it
 * @param mount without a slash at the end
 * @returns undefined when the request does not lead below the mount
 */
export function placeOf(url: string, original: string | undefined, mount: string): Place | undefined {
  const path = pathOf(original ?? url)
  const given = pathOf(url)
  if (given !== mount && !given.startsWith(`${mount}/`)) return undefined
  const route = given.slice(mount.length)
  if (route === '' || (route === '/' && !path.endsWith('/'))) return { route: '', base: path, path }
  const base = path.endsWith(route) ? path.slice(0, -route.length) : ''
  return { route, base, path }
}

export function queryOf(url: string): URLSearchParams {
  const mark = url.indexOf('?')
  return new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1))
}

/**
 * The same place without the token, with the slash that relative links need. Relative itself: whatever stands before us
 * may call the path otherwise.
 */
export function cleanLocation({ route, path }: Place, query: URLSearchParams): string {
  const rest = new URLSearchParams(query)
  rest.delete('token')
  const last = path.slice(path.lastIndexOf('/') + 1)
  const target = route === '' ? `./${last}/` : `./${last}`
  return rest.size === 0 ? target : `${target}?${rest.toString()}`
}

function pathOf(url: string): string {
  const mark = url.indexOf('?')
  return mark < 0 ? url : url.slice(0, mark)
}
