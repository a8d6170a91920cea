/** What a client's health knows and no other rule sees: endpoints that take no part, checks that fail. */
import type { ClientCase } from '../client-case.ts'
import type { Finding } from '../verdict.ts'

export function degraded({ name, origin, snapshot }: ClientCase): Finding | undefined {
  const { status, reasons } = snapshot.health
  if (status === 'healthy' || reasons.length === 0) return undefined
  return {
    kind: 'degraded',
    level: status === 'unhealthy' ? 'warn' : 'info',
    client: name,
    origin,
    text: `${name} is ${status}: ${reasons.join('; ')}`,
    cause: status,
    evidence: reasons.map((reason, index) => ({ name: `reason ${index + 1}`, value: reason })),
    suggestion: { text: 'client.health() says more of each origin; what its reasons name is where to look.' },
  }
}
