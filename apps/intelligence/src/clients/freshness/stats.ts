/** The figures of the freshness database, put together from its rows. Pure. */
import { freshnessLevels, type FreshnessLevel } from '../freshness-score.ts'
import type { LevelRow } from './records.ts'

export interface FreshnessStats {
  readonly documents: number
  readonly byLevel: Readonly<Record<FreshnessLevel, number>>
  /** Over the documents that have a score; null when none has. */
  readonly averageScore: number | null
  /** When the document that was not modified for longest was, in ms since 1970. */
  readonly oldest: number | null
}

export function summarise(rows: readonly LevelRow[]): FreshnessStats {
  const counts = new Map(rows.map(({ freshnessLevel, documents }) => [freshnessLevel, documents]))
  const scored = rows.reduce((total, row) => total + row.scored, 0)
  const sum = rows.reduce((total, row) => total + (row.scoreSum ?? 0), 0)
  const dates = rows.flatMap(({ oldest }) => (oldest === null ? [] : [oldest]))
  const byLevel = Object.fromEntries(freshnessLevels.map((level) => [level, counts.get(level) ?? 0]))
  return {
    documents: rows.reduce((total, row) => total + row.documents, 0),
    byLevel: byLevel as Record<FreshnessLevel, number>,
    averageScore: scored === 0 ? null : sum / scored,
    oldest: dates.length === 0 ? null : Math.min(...dates),
  }
}
