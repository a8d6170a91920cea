/** Options about dialing that do not go together. */
import type { ConfigProblem } from '../errors.ts'
import type { DialOptions } from './dial.ts'

const whole = 'a connector of your own does the whole dial: leave it out, or give options as `connect`'

export function problemsTogether(options: DialOptions): ConfigProblem[] {
  const { connect, tls, proxy, allowH2, http2PriorKnowledge } = options
  const isLimited = (options.maxConnectionsPerAddress ?? Infinity) !== Infinity
  const problems: ConfigProblem[] = []
  const refuse = (variable: string, received: string, expected: string): unknown =>
    problems.push({ variable, received, expected })
  if (tls !== undefined && typeof tls !== 'function') {
    refuse('tls', typeof tls, 'a function from an origin to its TLS options')
  }
  if (typeof connect === 'function') {
    if (tls !== undefined) refuse('tls', 'beside a connector', whole)
    if (proxy !== undefined) refuse('proxy', 'beside a connector', whole)
    if (http2PriorKnowledge === true) refuse('http2PriorKnowledge', 'true, beside a connector', whole)
    if (isLimited) refuse('maxConnectionsPerAddress', 'beside a connector', whole)
  } else if (proxy !== undefined && leadsToSocketPath(connect)) {
    refuse('connect.socketPath', 'beside a proxy', 'one of the two')
  }
  if (isLimited && proxy !== undefined) {
    refuse(
      'maxConnectionsPerAddress',
      'beside a proxy',
      'one of the two: it is the proxy that chooses the address',
    )
  }
  if (http2PriorKnowledge === true && allowH2 === false) {
    refuse('http2PriorKnowledge', 'true, with allowH2: false', 'one of the two')
  }
  return [...problems, ...unguarded(options)]
}

/** Ways on which nobody here sees the address, so that nothing could be promised of it. */
function unguarded({ connect, proxy, privateAddresses }: DialOptions): ConfigProblem[] {
  if (privateAddresses !== 'refuse') return []
  const problem = (beside: string, expected: string): ConfigProblem[] => [
    { variable: 'privateAddresses', received: `'refuse', beside ${beside}`, expected },
  ]
  if (typeof connect === 'function') return problem('a connector', whole)
  if (leadsToSocketPath(connect))
    return problem('connect.socketPath', 'one of the two: it leads to this machine')
  if (proxy === undefined) return []
  const expected =
    'one of the two: it is the proxy that looks names up, so it must refuse; or use allowedOrigins'
  return problem('a proxy', expected)
}

/** Whether connections go to a socket in the file system; `path` is what the platform calls it. */
export function leadsToSocketPath(options: unknown): boolean {
  if (typeof options !== 'object' || options === null) return false
  const { socketPath, path } = options as { socketPath?: unknown; path?: unknown }
  return socketPath != null || path != null
}
