/** What is in the service's file in the end, against what was promised. */
import { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'
import type { Breach } from './laws.ts'

/** Counts each storing of a document and each repair that was begun, whatever the service knows of it. */
export function keepBooks(folder: string): void {
  using db = open(folder)
  db.exec(`CREATE TABLE chaos_storings (id TEXT);
    CREATE TABLE chaos_repairs (id TEXT);
    CREATE TRIGGER chaos_stored_first AFTER INSERT ON documents BEGIN
      INSERT INTO chaos_storings VALUES (NEW.id); END;
    CREATE TRIGGER chaos_stored_again AFTER UPDATE ON documents BEGIN
      INSERT INTO chaos_storings VALUES (NEW.id); END;
    CREATE TRIGGER chaos_repaired AFTER UPDATE OF repairs ON unfinished WHEN NEW.repairs > OLD.repairs BEGIN
      INSERT INTO chaos_repairs VALUES (NEW.document_id); END;`)
}

/** How many documents that came before then are not yet indexed with all their parts. @param before ms since 1970 */
export function unfinishedOf(folder: string, before: number): number {
  using db = open(folder)
  const sql = `SELECT count(*) AS open FROM jobs j WHERE created_at <= ? AND state <> 'dead' AND (state <> 'succeeded'
    OR EXISTS (SELECT 1 FROM unfinished u WHERE u.document_id = j.document_id AND draft IS NOT NULL))`
  return Number(db.prepare(sql).get(before)?.['open'])
}

export interface Books {
  readonly promised: number
  readonly lost: readonly string[]
  readonly dead: readonly { readonly id: string; readonly reason: string }[]
  /** Stored more often than it came and was repaired. */
  readonly twice: readonly string[]
  readonly repairs: number
  /** Attempts that documents spent on their way. */
  readonly attempts: { readonly mean: number; readonly most: number }
}

export function closeBooks(folder: string, promised: ReadonlySet<string>): Books {
  using db = open(folder)
  const all = <Row>(sql: string): Row[] => db.prepare(sql).all() as Row[]
  const ids = (sql: string): string[] => all<{ id: string }>(sql).map(({ id }) => id)
  const stored = new Set(ids('SELECT id FROM documents'))
  const attempts = all<{ attempts: number }>('SELECT attempts FROM jobs').map((row) => row.attempts)
  return {
    promised: promised.size,
    lost: [...promised].filter((id) => !stored.has(id)),
    dead: all(`SELECT document_id AS id, reason FROM jobs WHERE state = 'dead'`),
    twice: ids(`SELECT s.id FROM (SELECT id, count(*) AS times FROM chaos_storings GROUP BY id) s
      LEFT JOIN (SELECT id, count(*) AS times FROM chaos_repairs GROUP BY id) r ON r.id = s.id
      WHERE s.times > 1 + coalesce(r.times, 0)`),
    repairs: ids('SELECT id FROM chaos_repairs').length,
    attempts: {
      mean: attempts.reduce((sum, one) => sum + one, 0) / Math.max(1, attempts.length),
      most: Math.max(0, ...attempts),
    },
  }
}

export function breachesIn({ promised, lost, dead, twice }: Books): Breach[] {
  const breaches: Breach[] = []
  if (lost.length > 0) breaches.push({ law: 'kept', how: `${lost.length} of ${promised} are not there` })
  if (dead.length > 0)
    breaches.push({ law: 'kept', how: `${dead.length} were given up, the first: ${dead[0]?.reason}` })
  if (twice.length > 0)
    breaches.push({ law: 'once', how: `${twice.length} were stored again, the first: ${twice[0]}` })
  return breaches
}

function open(folder: string): DatabaseSync {
  const db = new DatabaseSync(join(folder, 'intelligence.db'))
  db.exec('PRAGMA busy_timeout = 5000')
  return db
}
