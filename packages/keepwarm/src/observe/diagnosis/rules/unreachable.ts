/** Nobody listens there, or the way is closed: dials are refused or time out. */
import { asSentence, dialAdvice } from '../dial-advice.ts'
import { dialFailures } from '../dial-faults.ts'
import type { OriginCase } from '../origin-case.ts'
import type { Finding } from '../verdict.ts'
import { count, duration, largest, listed, percent } from '../words.ts'

export function unreachable(one: OriginCase): Finding | undefined {
  const failures = dialFailures(one, 'network')
  if (failures === undefined) return undefined
  const { origin, client, done, now } = one
  const [code] = largest(failures.codes)[0]!
  return {
    kind: 'unreachable',
    level: failures.isTotal ? 'critical' : 'warn',
    client,
    origin,
    text:
      `cannot connect to ${origin}: ${count(failures.failed, 'dial')} failed in the last ${duration(done.ms)} ` +
      `(${listed(failures.codes)}), ${failures.isTotal ? 'none succeeded' : `${done.opened} succeeded`}`,
    cause: code,
    evidence: [
      { name: 'dials that failed', value: `${failures.failed}, ${percent(failures.share)} of all` },
      { name: 'codes', value: listed(failures.codes, 6) },
      { name: 'connections now', value: String(now.connections) },
    ],
    suggestion: { text: adviceFor(code) },
  }
}

function adviceFor(code: string): string {
  const general = 'check that the service runs, its name and port, and the way to it (firewall, proxy, route)'
  return asSentence(dialAdvice(code) ?? general)
}
