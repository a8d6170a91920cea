/** What can be said of an origin before its name is looked up. */
import { readAllowedOrigins } from './allowed-origins.ts'
import type { EgressOptions } from './options.ts'
import { requirePublic } from './public-lookup.ts'
import { notAllowed } from './refusal.ts'

/**
 * Takes an origin as `URL.origin` writes it.
 * @throws KeepwarmError `invalid_request` when it may not be called
 */
export type Admission = (origin: string) => void

/** Undefined where everything may be called. */
export function originAdmission({ allowedOrigins, privateAddresses }: EgressOptions): Admission | undefined {
  const isAllowed = allowedOrigins === undefined ? undefined : readAllowedOrigins(allowedOrigins, [])
  const onlyPublic = privateAddresses === 'refuse'
  if (isAllowed === undefined && !onlyPublic) return undefined
  return (origin) => {
    if (isAllowed?.(origin) === false) throw notAllowed(origin)
    if (onlyPublic) requirePublic(new URL(origin).hostname.replace(/^\[(.*)\]$/, '$1'))
  }
}
