/** Where hosts lead: the look-up of names, as the pool's dials would do it. */
import { lookup as systemLookup, type LookupAddress } from 'node:dns'
import { isIP, type LookupFunction } from 'node:net'
import { publicOnly } from '../egress/public-lookup.ts'
import type { DialOptions, DialTarget } from './dial.ts'
import { hostnameOf } from './origin-key.ts'
import type { ProxyRoute } from './proxy-route.ts'

/** The IP addresses of a target's host; undefined where a dial does not look any up itself. */
export type Lookup = (target: DialTarget) => Promise<readonly string[]> | undefined

/** The look-up of a dial with these options: theirs, else the system's; of public addresses alone where that is asked. */
export function dialLookup(connect: unknown, privateAddresses: 'allow' | 'refuse' = 'allow'): LookupFunction {
  const lookup = (connect as { lookup?: LookupFunction } | undefined)?.lookup ?? systemLookup
  return privateAddresses === 'refuse' ? publicOnly(lookup) : lookup
}

/** `connect.lookup` when that is given, else the system's. */
export function lookupOf({ connect, privateAddresses }: DialOptions, route: ProxyRoute): Lookup {
  if (typeof connect === 'function' || connect?.socketPath != null) return () => undefined
  const lookup = dialLookup(connect, privateAddresses)
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
