/** What options are called elsewhere: for whoever writes one of those names from habit, or brings it along. */

/** Our names for it: where several stand, that one which is an option there. */
const ours: Readonly<Record<string, readonly string[]>> = {
  // axios, got, ky, superagent, undici
  data: ['json'],
  payload: ['json'],
  params: ['query'],
  searchParams: ['query'],
  qs: ['query'],
  prefixUrl: ['baseUrl'],
  prefix: ['baseUrl'],
  origin: ['baseUrl'],
  retries: ['retry', 'attempts'],
  maxRetries: ['retry', 'attempts'],
  limit: ['attempts'],
  minTimeout: ['base'],
  agent: ['pool'],
  httpAgent: ['pool'],
  httpsAgent: ['pool'],
  dispatcher: ['pool'],
  client: ['pool'],
  jar: ['cookies'],
  cookieJar: ['cookies'],
  maxRedirects: ['followRedirects'],
  maxRedirections: ['followRedirects'],
  redirect: ['followRedirects'],
  throwHttpErrors: ['throwOnStatus'],
  validateStatus: ['throwOnStatus'],
  maxContentLength: ['maxResponseBytes'],
  maxResponseSize: ['maxResponseBytes'],
  bodyTimeout: ['bodyIdleTimeout'],
  // pools
  connections: ['maxConnectionsPerOrigin'],
  maxSockets: ['maxConnectionsPerOrigin'],
  maxTotalSockets: ['maxConnections'],
  maxFreeSockets: ['maxIdleConnections'],
  keepAliveTimeout: ['idleTimeout'],
  freeSocketTimeout: ['idleTimeout'],
}

/**
 * The option that does what this one does in other libraries, where `known` has it.
 *
 * @example ownName('searchParams', new Set(['query'])) // 'query'
 */
export function ownName(name: string, known: ReadonlySet<string>): string | undefined {
  return Object.hasOwn(ours, name) ? ours[name]!.find((own) => known.has(own)) : undefined
}

/** For tests: each name from elsewhere with ours. */
export const habits: readonly (readonly [theirs: string, ours: readonly string[]])[] = Object.entries(ours)
