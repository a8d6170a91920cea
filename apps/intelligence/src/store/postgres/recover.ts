/** Jobs whose worker fell silent go to another. */
import type { Boss } from './boss.ts'
import type { Job, JobLocks } from './job-locks.ts'
import type { JobRows } from './job-rows.ts'
import type { Database, Sql } from './sql.ts'

/** Several may do this at once: each takes those that nobody else has in hand. */
export function recoverSilent(
  db: Database,
  locks: JobLocks,
  rows: JobRows,
  boss: Boss,
): Promise<{ readonly ready: number; readonly dead: number }> {
  return db.transaction(async (sql) => {
    const silent = await locks.silent(sql)
    let dead = 0
    for (const job of silent) if (!(await recoverOne(sql, job, rows, boss))) dead++
    return { ready: silent.length - dead, dead }
  })
}

/** False when it had its last attempt. */
async function recoverOne(sql: Sql, job: Job, rows: JobRows, boss: Boss): Promise<boolean> {
  const reason = `the worker fell silent during attempt ${job.attempts} of ${job.maxAttempts}`
  if (await rows.hasNext(sql, job)) {
    await boss.remove(sql, job.boss.id)
    return rows.promote(sql, job)
  }
  if (job.attempts >= job.maxAttempts) {
    await rows.bury(sql, job, reason, true)
    return false
  }
  await boss.fail(sql, job.boss, reason, 0)
  await rows.postpone(sql, job, 'pending', reason, 0)
  // pg-boss may have taken it back before us, or have lost it: our row is what was promised.
  if (!(await boss.waits(sql, job.boss.id))) await rows.sendAgain(sql, job)
  return true
}
