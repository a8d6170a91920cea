/** Where hosts lead: the look-up of names, as the pool's dials would do it. */
import { lookup as systemLookup, type LookupAddress } from 'node:dns'
import { isIP, type LookupFunction } from 'node:net'
import type { DialOptions, DialTarget } from './dial.ts'
import { hostnameOf } from './origin-key.ts'
import type { ProxyRoute } from './proxy-route.ts'

/** The IP addresses of a target's host; undefined where a dial does not look any up itself. */
export type Lookup = (target: DialTarget) => Promise<readonly string[]> | undefined

/** `connect.lookup` when that is given, else the system's. */
export function lookupOf({ connect }: DialOptions, route: ProxyRoute): Lookup {
  if (typeof connect === 'function' || connect?.socketPath != null) return () => undefined
  const lookup = (connect as { lookup?: LookupFunction } | undefined)?.lookup ?? systemLookup
  return ({ url }) => {
    if (route(url) !== undefined) return undefined // the proxy looks it up
    const hostname = hostnameOf(url)
    return isIP(hostname) === 0 ? addressesOf(lookup, hostname) : Promise.resolve([hostname])
  }
}

function addressesOf(lookup: LookupFunction, hostname: string): Promise<readonly string[]> {
  return new Promise((resolve, reject) => {
    lookup(hostname, { all: true }, (error, found: string | LookupAddress[]) => {
      if (error !== null) return reject(error)
      const all = typeof found === 'string' ? [found] : found.map(({ address }) => address)
      if (all.length > 0) resolve(all)
      else reject(new Error(`the look-up of ${hostname} gave no address`))
    })
  })
}
