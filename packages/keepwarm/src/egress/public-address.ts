/** Which IP addresses belong to the public internet. */
import { BlockList, isIP } from 'node:net'

type Range = readonly [network: string, prefix: number]

/** Of IPv4, what IANA's registry of special-purpose addresses says not to be global, and multicast. */
const special4: readonly Range[] = [
  ['0.0.0.0', 8], // this network; 0.0.0.0 leads to this machine
  ['10.0.0.0', 8], // private
  ['100.64.0.0', 10], // carriers' NAT; clouds' metadata, too
  ['127.0.0.0', 8], // loopback
  ['169.254.0.0', 16], // link-local; clouds' metadata
  ['172.16.0.0', 12], // private
  ['192.0.0.0', 24], // protocol assignments
  ['192.0.2.0', 24], // documentation
  ['192.88.99.0', 24], // 6to4 relays
  ['192.168.0.0', 16], // private
  ['198.18.0.0', 15], // benchmarks
  ['198.51.100.0', 24], // documentation
  ['203.0.113.0', 24], // documentation
  ['224.0.0.0', 4], // multicast
  ['240.0.0.0', 4], // reserved, and broadcast
]

/** Of IPv6 everything is special but this: global unicast, and the ways in which it carries an IPv4 address. */
const usable6: readonly Range[] = [
  ['2000::', 3],
  ['::ffff:0:0', 96], // IPv4-mapped
  ['64:ff9b::', 96], // NAT64
]

/** Not so within global unicast. */
const special6: readonly Range[] = [
  ['2001::', 23], // protocol assignments, among them Teredo, which carries any IPv4 address
  ['2001:db8::', 32], // documentation
  ['2002::', 16], // 6to4, which carries any IPv4 address
  ['3fff::', 20], // documentation
]

const special = new BlockList()
const usable = new BlockList()
// An IPv4 range covers the mapped addresses, too.
for (const [network, prefix] of special4) {
  special.addSubnet(network, prefix, 'ipv4')
  special.addSubnet(`64:ff9b::${network}`, 96 + prefix, 'ipv6')
}
for (const [network, prefix] of special6) special.addSubnet(network, prefix, 'ipv6')
for (const [network, prefix] of usable6) usable.addSubnet(network, prefix, 'ipv6')

/**
 * Whether an address is one of the public internet. What is no address, or names an interface (`fe80::1%eth0`), is not.
 *
 * @example isPublicAddress('169.254.169.254') // false
 */
export function isPublicAddress(address: string): boolean {
  const family = isIP(address)
  if (family === 0 || address.includes('%')) return false
  if (family === 4) return !special.check(address, 'ipv4')
  return usable.check(address, 'ipv6') && !special.check(address, 'ipv6')
}
