/** Which of the verdicts says why a call failed, and how the text of its error tells it. */
import type { ErrorCode, Phase } from '../../errors.ts'
import type { Verdict, VerdictKind } from './verdict.ts'

/** An error, as far as it matters for what explains it. */
export interface FailedCall {
  readonly code: ErrorCode
  readonly phase: Phase
  readonly client: string
  readonly origin: string
  /** The endpoint group, where the call belonged to one. */
  readonly group: string | null
}

/** A kind, or one of its causes. */
type Reason = VerdictKind | `${VerdictKind} ${string}`

const dialing: readonly Reason[] = ['unreachable', 'dns_tls', 'server_restart', 'loop_blocked']
const waiting: readonly Reason[] = [
  'pool_exhausted',
  'body_leak',
  'overloaded',
  'queue_full',
  'slow_dependency',
  'unreachable',
  'dns_tls',
  'loop_blocked',
]
const failing: readonly Reason[] = [
  'breaker_open',
  'breaker_flapping',
  'retry_storm',
  'failing',
  'overloaded server',
]
const answering: readonly Reason[] = [
  ...failing,
  'slow_dependency',
  'pool_exhausted slow_dependency',
  'server_restart',
  'loop_blocked',
]
const losing: readonly Reason[] = [
  ...failing,
  'unreachable',
  'server_restart',
  'stale_connections',
  'churn server_closed',
  'churn reset',
]
const refusing: readonly Reason[] = [
  ...failing,
  'slow_dependency',
  'unreachable',
  'dns_tls',
  'server_restart',
]

const byCode: Partial<Readonly<Record<ErrorCode, readonly Reason[]>>> = {
  queue_full: waiting,
  acquire_timeout: waiting,
  breaker_open: refusing,
  connect: dialing,
  reset: losing,
  status: failing,
}

/** Whose time was up: it depends on what it was spent on. */
const byPhase: Readonly<Record<Phase, readonly Reason[]>> = {
  admit: [...refusing, 'loop_blocked'],
  wait: waiting,
  connect: dialing,
  send: answering,
  headers: answering,
  body: answering,
}

/**
 * The worst of the verdicts that is about the same place and explains an error of this kind; undefined where none does.
 * What concerns the call alone (a wrong request, a body that is no JSON, a caller who left) no state of a pool explains.
 *
 * @param verdicts of {@link diagnose}: worst first
 */
export function explaining(verdicts: readonly Verdict[], failed: FailedCall): Verdict | undefined {
  const reasons = reasonsFor(failed)
  if (reasons === undefined) return undefined
  return verdicts.find((verdict) => isPlaceOf(verdict, failed) && isAmong(verdict, reasons))
}

/** Whether anything could explain it: what concerns the call alone nothing does. */
export function isExplainable(failed: Pick<FailedCall, 'code' | 'phase'>): boolean {
  return reasonsFor(failed) !== undefined
}

function reasonsFor({ code, phase }: Pick<FailedCall, 'code' | 'phase'>): readonly Reason[] | undefined {
  return code === 'attempt_timeout' || code === 'deadline' ? byPhase[phase] : byCode[code]
}

function isAmong({ kind, cause }: Verdict, reasons: readonly Reason[]): boolean {
  return reasons.includes(kind) || (cause !== undefined && reasons.includes(`${kind} ${cause}`))
}

function isPlaceOf({ client, origin, group = null }: Verdict, failed: FailedCall): boolean {
  const agree = (one: string | null, other: string | null): boolean => one === null || one === other
  return agree(client, failed.client) && agree(origin, failed.origin) && agree(group, failed.group)
}

/**
 * For the end of an error's text, in one line.
 *
 * @param advised what the text advises already: it is not said twice.
 * @example
 * // 'diagnosis: pool_exhausted: nobody reads on in 12 responses, which hold them → Read every response to its end, …'
 */
export function diagnosisSentence(verdict: Verdict, advised: string | undefined): string {
  const { kind, why, text, suggestion } = verdict
  const found = `diagnosis: ${kind}: ${why ?? text}`
  if (suggestion === null || advised !== undefined) return found
  const lines = suggestion.env === undefined ? '' : ` (${suggestion.env.replaceAll('\n', ' ')})`
  return `${found} → ${suggestion.text}${lines}`
}
