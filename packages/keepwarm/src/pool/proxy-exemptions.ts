/** NO_PROXY: the origins that are reached without a proxy. */
import { BlockList, isIP } from 'node:net'
import { domainToASCII } from 'node:url'
import type { ConfigProblem } from '../errors.ts'

type Exempt = (origin: URL) => boolean

const expected =
  'a comma between entries, each a host, .domain, *.domain, an address or a CIDR range; a port may follow a host or address, * alone means all'

/**
 * Reads a list such as `localhost, .internal.example, 10.0.0.0/8, [::1]:8080`.
 *
 *     *                everything
 *     example.com      this host and those below it
 *     .example.com     those below it; `*.example.com` says the same
 *     10.1.2.3  ::1    an address, as it stands in the URL: names are not resolved
 *     10.0.0.0/8       the addresses of a range
 *     host:8080        only this port
 *
 * @param problems gets every entry that cannot be understood
 */
export function exemptions(variable: string, list: string, problems: ConfigProblem[]): Exempt {
  const rules: Exempt[] = []
  for (const entry of list.toLowerCase().split(/[\s,]+/)) {
    if (entry === '') continue
    const rule = readEntry(entry)
    if (rule === undefined) problems.push({ variable, received: JSON.stringify(entry), expected })
    else rules.push(rule)
  }
  return (origin) => rules.some((rule) => rule(origin))
}

function readEntry(entry: string): Exempt | undefined {
  if (entry === '*') return () => true
  if (entry.includes('/')) return range(entry)
  const [, host = '', port] = isIP(entry) !== 0 ? [entry, entry] : (/^(.*?)(?::(\d+))?$/.exec(entry) ?? [])
  const matches = isIP(bare(host)) === 0 ? domain(host) : addresses(bare(host))
  if (matches === undefined || port === undefined) return matches
  const number = Number(port)
  if (number < 1 || number > 65_535) return undefined
  return (origin) => portOf(origin) === number && matches(origin)
}

function range(entry: string): Exempt | undefined {
  const [address = '', prefix = '', ...more] = entry.split('/')
  const family = isIP(bare(address))
  if (family === 0 || more.length > 0 || !/^\d{1,3}$/.test(prefix)) return undefined
  if (Number(prefix) > (family === 4 ? 32 : 128)) return undefined
  return addresses(bare(address), Number(prefix))
}

/** Without a prefix the one address. */
function addresses(address: string, prefix?: number): Exempt {
  const list = new BlockList()
  if (prefix === undefined) list.addAddress(address, familyOf(address))
  else list.addSubnet(address, prefix, familyOf(address))
  return ({ hostname }) => {
    const host = bare(hostname)
    return isIP(host) !== 0 && list.check(host, familyOf(host))
  }
}

function domain(pattern: string): Exempt | undefined {
  const [, below, written] = /^(\*?\.)?(.+?)\.?$/.exec(pattern) ?? []
  const name = domainToASCII(written ?? '')
  if (!/^[a-z0-9_-][a-z0-9_.-]*$/.test(name)) return undefined
  return (origin) => {
    const host = origin.hostname.replace(/\.$/, '')
    return host.endsWith(`.${name}`) || (below === undefined && host === name)
  }
}

function portOf({ port, protocol }: URL): number {
  return port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port)
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 4 ? 'ipv4' : 'ipv6'
}

function bare(host: string): string {
  return host.replace(/^\[(.*)\]$/, '$1')
}
