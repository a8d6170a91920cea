/** Where a pool may send requests at all: against callers whose URLs come from strangers (SSRF). */
import type { ConfigProblem } from '../errors.ts'
import { readAllowedOrigins } from './allowed-origins.ts'

export interface EgressOptions {
  /**
   * The only origins that may be called; every other is refused before its name is looked up. `https://*.example.com`
   * stands for all names below example.com, not for itself. Default: all origins.
   * @example allowedOrigins: ['https://api.example.com', 'http://search:8055', 'https://*.partner.example']
   */
  readonly allowedOrigins?: readonly (string | URL)[]
  /**
   * `refuse`: only addresses of the public internet are dialed, whatever a name leads to. Loopback, private, link-local
   * and reserved ones are refused, as are IPv6 addresses that carry one of them. Not beside a proxy, a connector or a
   * socket path. Default `allow`.
   */
  readonly privateAddresses?: 'allow' | 'refuse'
}

export const egressOptionNames: Readonly<Record<keyof EgressOptions, true>> = {
  allowedOrigins: true,
  privateAddresses: true,
}

/** What is wrong with them, each by itself. */
export function egressProblems({ allowedOrigins, privateAddresses }: EgressOptions): ConfigProblem[] {
  const problems: ConfigProblem[] = []
  if (allowedOrigins !== undefined) readAllowedOrigins(allowedOrigins, problems)
  if (!isKnown(privateAddresses)) {
    const received = JSON.stringify(privateAddresses) ?? typeof privateAddresses
    problems.push({ variable: 'privateAddresses', received, expected: "'allow' or 'refuse'" })
  }
  return problems
}

function isKnown(value: unknown): boolean {
  return value === undefined || value === 'allow' || value === 'refuse'
}
