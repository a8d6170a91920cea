/** Names that cannot be looked up, certificates that are refused, or dials that have become slow. */
import { asSentence, dialAdvice } from '../dial-advice.ts'
import { dialFailures, dialFault, type DialFailures } from '../dial-faults.ts'
import { mean } from '../counted.ts'
import { ownerOfPool, type DialPart, type OriginCase } from '../origin-case.ts'
import { DIAL_FACTOR, DIAL_SAMPLES, DIAL_SLOW, DIAL_STEP } from '../thresholds.ts'
import { suggest } from '../variables.ts'
import type { Finding, Suggestion } from '../verdict.ts'
import { count, duration, largest, listed, percent } from '../words.ts'

export function dnsTls(one: OriginCase): Finding | undefined {
  const failures = dialFailures(one, 'dns', 'tls')
  return failures === undefined ? slowDials(one) : failed(one, failures)
}

function failed(one: OriginCase, failures: DialFailures): Finding {
  const { origin, client, done } = one
  const [code] = largest(failures.codes)[0]!
  const fault = dialFault(code)
  const what = fault === 'dns' ? 'cannot be looked up' : 'cannot be connected to securely'
  return {
    kind: 'dns_tls',
    level: failures.isTotal ? 'critical' : 'warn',
    client,
    origin,
    text:
      `${origin} ${what}: ${count(failures.failed, 'dial')} failed in the last ${duration(done.ms)} ` +
      `(${listed(failures.codes)}), ${failures.isTotal ? 'none succeeded' : `${done.opened} succeeded`}`,
    cause: fault,
    evidence: [
      { name: 'dials that failed', value: `${failures.failed}, ${percent(failures.share)} of all` },
      { name: 'codes', value: listed(failures.codes, 6) },
    ],
    suggestion: adviceFor(code, one),
  }
}

function adviceFor(code: string, one: OriginCase): Suggestion {
  const general =
    'check that the port speaks TLS, which versions it accepts, and whether it asks for a certificate'
  const text = asSentence(dialAdvice(code) ?? general)
  if (dialFault(code) === 'dns') return { text, code: `dig ${new URL(one.origin).hostname}` }
  if (/SELF_SIGNED|UNABLE_TO_|CERT_UNTRUSTED|INVALID_CA/.test(code))
    return suggest(text, ownerOfPool(one), [{ option: 'caFile', value: '/etc/ssl/certs/service-ca.pem' }])
  return { text }
}

function slowDials(one: OriginCase): Finding | undefined {
  const { done, usual, origin, client } = one
  const now = mean(done.dials.total, done.dials.count)
  const was =
    usual === null || usual.dials.count < DIAL_SAMPLES ? 0 : mean(usual.dials.total, usual.dials.count)
  const isSlower = was > 0 && now >= was * DIAL_FACTOR && now - was >= DIAL_STEP
  if (done.dials.count < DIAL_SAMPLES || !(isSlower || now >= DIAL_SLOW)) return undefined
  const part = slowestPart(one)
  const usually = was === 0 ? '' : ` (usually ${duration(was)})`
  return {
    kind: 'dns_tls',
    level: 'warn',
    client,
    origin,
    text: `dialing ${origin} takes ${duration(now)}${usually}, most of it ${partNames[part]}, over the last ${duration(done.ms)}`,
    cause: `slow_${part}`,
    evidence: [
      { name: 'a dial', value: `${duration(now)}${usually}` },
      ...(['dns', 'tcp', 'tls'] as const).map((each) => ({
        name: partNames[each],
        value: duration(mean(done.dials[each], done.dials.count)),
      })),
      { name: 'dials', value: `${done.dials.count} in ${duration(done.ms)}` },
    ],
    suggestion: { text: advice[part] },
    timing: now,
  }
}

const partNames: Readonly<Record<DialPart, string>> = { dns: 'looking up the name', tcp: 'TCP', tls: 'TLS' }

const advice: Readonly<Record<DialPart, string>> = {
  dns: 'Look at the resolver of this machine or container (search domains, a resolver that does not answer).',
  tcp: 'Look at the way to the service, and whether it accepts connections fast enough (its backlog may be full).',
  tls: 'The service takes long for handshakes: it may be short of CPU. Fewer, longer connections cost it less.',
}

function slowestPart({ done: { dials } }: OriginCase): DialPart {
  if (dials.dns >= dials.tcp && dials.dns >= dials.tls) return 'dns'
  return dials.tls > dials.tcp ? 'tls' : 'tcp'
}
