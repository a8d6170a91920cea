/** How fresh a document is, as its freshness stage found it. Pure; the moment is an argument. */
import type { Status } from '../wire.ts'
import { detailOf } from './work.ts'

export type Level = 'ok' | 'info' | 'warn' | 'critical'

export interface Freshness {
  /** 0 to 1. */
  readonly score: number
  readonly word: string
  readonly level: Level
  /** When the text was changed, ms since 1970; undefined where that was not kept. */
  readonly modifiedAt: number | undefined
  /** Kinds differ in the most that they can reach. */
  readonly kind: string | undefined
}

const levels: Readonly<Record<string, Level>> = {
  ...{ FRESH: 'ok', STALE: 'info', OUTDATED: 'warn', CRITICAL: 'critical' },
}

/** Undefined while nothing is known of it. */
export function freshnessOf(status: Pick<Status, 'steps'> | undefined): Freshness | undefined {
  const step = status?.steps.find(({ stage }) => stage === 'freshness')
  const { level, score, modified_at, document_type } = detailOf(step?.detail)
  if (typeof level !== 'string' || typeof score !== 'number') return undefined
  return {
    ...{ score, word: level.toLowerCase(), level: levels[level] ?? 'warn' },
    modifiedAt: typeof modified_at === 'number' ? modified_at : undefined,
    kind: typeof document_type === 'string' && document_type !== 'UNKNOWN' ? document_type : undefined,
  }
}
