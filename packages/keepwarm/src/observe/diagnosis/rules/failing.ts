/** Calls fail, and nothing says more than that. */
import type { ClientCase } from '../client-case.ts'
import { share } from '../counted.ts'
import { endingsOf, failuresIn } from '../endings.ts'
import { FAILING_CRITICAL_SHARE, FAILING_SAMPLES, FAILING_SHARE } from '../thresholds.ts'
import type { Finding } from '../verdict.ts'
import { duration, largest, listed, percent } from '../words.ts'

export function failing(one: ClientCase): Finding | undefined {
  const { done, name, origin } = one
  const { failed, well } = endingsOf(done.ended)
  const ended = failed + well
  const failures = share(failed, ended)
  if (ended < FAILING_SAMPLES || failures < FAILING_SHARE)
    return origin === null ? failingOrigin(one) : undefined
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

/** One of several that a client calls: others may make good for it, so that calls succeed all the same. */
function failingOrigin({ done, name }: ClientCase): Finding | undefined {
  const shares = done.byOrigin.flatMap(({ origin, ended }) => {
    const { failed, well } = endingsOf(ended)
    const failures = share(failed, failed + well)
    const isFailing = failed + well >= FAILING_SAMPLES && failures >= FAILING_SHARE
    return isFailing ? [{ origin, failures, failed, all: failed + well, ended }] : []
  })
  const [worst] = shares.sort((a, b) => b.failures - a.failures)
  if (worst === undefined) return undefined
  const { origin, failures, failed, all, ended } = worst
  return {
    kind: 'failing',
    level: 'warn',
    client: name,
    origin,
    text:
      `${percent(failures)} of the attempts at ${origin} failed in the last ${duration(done.ms)}: ` +
      `${listed(failuresIn(ended))}; at the others they did not, or less`,
    cause: largest(failuresIn(ended))[0]?.[0] ?? 'failures',
    evidence: [
      { name: 'failed there', value: `${failed} of ${all}` },
      { name: 'origins that fail', value: `${shares.length} of ${done.byOrigin.length}` },
    ],
    suggestion: { text: 'Look at this one: what differs between it and the others that the client calls.' },
  }
}
