import type { Verdict, VerdictLevel } from '../../verdict.ts'

export type { Evidence, Suggestion, Verdict, VerdictKind, VerdictLevel } from '../../verdict.ts'

/** A verdict before it is compared with the others. */
export interface Finding extends Verdict {
  /** The time on which it rests, in ms: a blocked event loop that explains it takes it away. */
  readonly timing?: number
}

export const severity: Readonly<Record<VerdictLevel, number>> = { ok: 0, info: 1, warn: 2, critical: 3 }

export function worse(one: VerdictLevel, other: VerdictLevel): VerdictLevel {
  return severity[one] >= severity[other] ? one : other
}
