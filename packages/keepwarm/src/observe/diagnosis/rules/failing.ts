/** Calls fail, and nothing says more than that. */
import type { ClientCase } from '../client-case.ts'
import { share } from '../counted.ts'
import { endingsOf, failuresIn } from '../endings.ts'
import { FAILING_CRITICAL_SHARE, FAILING_SAMPLES, FAILING_SHARE } from '../thresholds.ts'
import type { Finding } from '../verdict.ts'
import { duration, largest, listed, percent } from '../words.ts'

export function failing({ done, name, origin }: ClientCase): Finding | undefined {
  const { failed, well } = endingsOf(done.ended)
  const ended = failed + well
  const failures = share(failed, ended)
  if (ended < FAILING_SAMPLES || failures < FAILING_SHARE) return undefined
  const [most] = largest(failuresIn(done.ended))
  return {
    kind: 'failing',
    level: failures >= FAILING_CRITICAL_SHARE ? 'critical' : 'warn',
    client: name,
    origin,
    text:
      `${percent(failures)} of the calls to ${origin ?? name} failed in the last ${duration(done.ms)}: ` +
      listed(failuresIn(done.ended)),
    cause: most?.[0] ?? 'failures',
    evidence: [
      { name: 'failed', value: `${failed} of ${ended}` },
      { name: 'how', value: listed(failuresIn(done.ended), 6) },
    ],
    suggestion: { text: 'Look at the service: what its statuses and errors say is what is wrong.' },
  }
}
