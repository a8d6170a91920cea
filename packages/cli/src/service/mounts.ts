/** Where a service's dashboard may be, as far as the given URL says. Pure. */

/** What a dashboard has below its mount; whoever copied one of these means the mount. */
const routes = /\/(events|snapshot\.json|diagnose|metrics|health\/(live|ready))$/
/** Where the reference service and the documentation mount it. */
const usual = 'dashboard/'

export interface ServiceAddress {
  /** To be tried in this order. Each ends with a slash, and has neither query nor credentials. */
  readonly mounts: readonly URL[]
  /** From a link with `?token=`; it goes into a header, and is not shown. */
  readonly token: string | undefined
}

export function serviceAddress(given: URL): ServiceAddress {
  const path = given.pathname.replace(routes, '/')
  const first = new URL(path.endsWith('/') ? path : `${path}/`, given.origin)
  const token = given.searchParams.get('token') ?? undefined
  return { mounts: first.pathname === '/' ? [first, new URL(usual, first)] : [first], token }
}
