/**
 * Look-ups that find public addresses alone. They sit in the dial itself: what was judged is what is connected to, and
 * there is no second look-up whose answer could be another (DNS rebinding).
 */
import type { LookupAddress } from 'node:dns'
import { isIP, type LookupFunction } from 'node:net'
import { isPublicAddress } from './public-address.ts'
import { notPublic } from './refusal.ts'

/** Leaves out what is not public; fails where nothing is left. */
export function publicOnly(lookup: LookupFunction): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, options, (error, found: string | LookupAddress[], family) => {
      if (error) return callback(error, found, family)
      if (typeof found === 'string') {
        return isPublicAddress(found) ? callback(null, found, family) : callback(notPublic(hostname), '')
      }
      const left = found.filter(({ address }) => isPublicAddress(address))
      if (left.length === 0 && found.length > 0) return callback(notPublic(hostname), [])
      callback(null, left)
    })
  }
}

/**
 * For a host that is an address itself, of which no look-up hears.
 * @throws KeepwarmError `invalid_request` when it is not public
 */
export function requirePublic(host: string): void {
  if (isIP(host) !== 0 && !isPublicAddress(host)) throw notPublic(host)
}
