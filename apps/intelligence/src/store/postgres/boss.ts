/** pg-boss, told to work inside our transactions: who works on which document, and what was given up. */
import { PgBoss, type JobWithMetadata } from 'pg-boss'
import type { Database, Sql } from './sql.ts'

/** Jobs that wait or run, and jobs that were given up. */
const QUEUE = 'index'
const DEAD = 'index-dead'

/** Ten years: what was accepted waits as long as it takes. */
const FOREVER = 10 * 365 * 24 * 3600
/** Seconds after which pg-boss itself takes a job back, in case nobody else does. The lease is shorter. */
const LONGEST_RUN = 23 * 3600
/** Milliseconds that it may take until all processes that start together have started. */
const LONGEST_START = 60_000
/** Seconds that ended jobs stay in its tables; what is told of them stands in ours. */
const KEPT = 3600

export interface BossJob {
  readonly id: string
  /** Counts its attempts; with the id, the fence of pg-boss itself. */
  readonly retryCount: number
}

interface Data {
  readonly seq: number
}

export interface NewJob {
  readonly seq: number
  /** One job for each document at a time: the key by which pg-boss refuses a second. */
  readonly documentId: string
  readonly attempts: number
  /** Milliseconds. */
  readonly startIn: number
}

/** The few things that the job store asks of pg-boss. Each takes part in the transaction that it is given. */
export class Boss {
  private readonly boss: PgBoss

  private constructor(boss: PgBoss) {
    this.boss = boss
  }

  /** Makes or updates its tables, and begins its housekeeping. */
  static async start(
    db: Database,
    schema: string,
    options: { readonly embedded: boolean; readonly onError: (error: Error) => void },
  ): Promise<Boss> {
    const boss = new PgBoss({
      db: asBossDb(db),
      schema,
      schedule: false,
      reindex: !options.embedded,
      backend: options.embedded ? 'pglite' : 'postgres',
    })
    boss.on('error', options.onError)
    await inTurn(db, schema, options.embedded, () => boss.start())
    const times = { retentionSeconds: FOREVER, expireInSeconds: LONGEST_RUN }
    await boss.createQueue(DEAD, { ...times, policy: 'exclusive', deleteAfterSeconds: FOREVER })
    await boss.createQueue(QUEUE, {
      ...times,
      policy: 'exclusive',
      deadLetter: DEAD,
      retryDelay: 0,
      deleteAfterSeconds: KEPT,
    })
    return new Boss(boss)
  }

  async stop(): Promise<void> {
    await this.boss.stop({ graceful: true, timeout: 5_000, close: false })
  }

  /** @throws when the document has a job already */
  async send(sql: Sql, { seq, documentId, attempts, startIn }: NewJob): Promise<string> {
    const id = await this.boss.send(QUEUE, { seq } satisfies Data, {
      db: asBossDb(sql),
      singletonKey: documentId,
      retryLimit: attempts - 1,
      retryDelay: 0,
      deadLetter: DEAD,
      ...(startIn > 0 ? { startAfter: startIn / 1000 } : {}),
    })
    if (id === null) throw new Error(`job ${seq} is in the queue already`)
    return id
  }

  /** Locks what it takes, and passes over what others have locked. */
  async fetch(sql: Sql, count: number): Promise<(BossJob & { readonly seq: number })[]> {
    const jobs = await this.boss.fetch<Data>(QUEUE, { db: asBossDb(sql), batchSize: count })
    return jobs.map(({ id, retryCount, data }) => ({ id, retryCount, seq: data.seq }))
  }

  async complete(sql: Sql, job: BossJob): Promise<void> {
    await this.boss.complete(QUEUE, job, null, { db: asBossDb(sql) })
  }

  /** The attempt failed: it comes again in `retryIn` ms, or, when it was the last, among the dead. */
  async fail(sql: Sql, job: BossJob, reason: string, retryIn: number): Promise<void> {
    const db = asBossDb(sql)
    await this.boss.fail(QUEUE, job, { reason }, { db })
    await this.boss.update(QUEUE, undefined, { db, id: job.id, startAfter: Math.max(0, retryIn) / 1000 })
  }

  /** The last attempt failed, and pg-boss puts the job among the dead. False when it counts otherwise. */
  async failLast(sql: Sql, job: BossJob, reason: string): Promise<boolean> {
    await this.boss.fail(QUEUE, job, { reason }, { db: asBossDb(sql) })
    const [found] = await this.boss.findJobs(QUEUE, { db: asBossDb(sql), id: job.id })
    return found?.state === 'failed'
  }

  /** Whether it waits for its turn. */
  async waits(sql: Sql, id: string): Promise<boolean> {
    const found = await this.boss.findJobs(QUEUE, { db: asBossDb(sql), id, queued: true })
    return found.length > 0
  }

  /** Given up before its attempts were used up. */
  async bury(sql: Sql, job: BossJob, { seq, documentId }: Pick<NewJob, 'seq' | 'documentId'>): Promise<void> {
    const db = asBossDb(sql)
    await this.boss.deleteJob(QUEUE, job.id, { db })
    await this.boss.send(DEAD, { seq } satisfies Data, { db, singletonKey: documentId })
  }

  /** Back from the dead with all its attempts; undefined when it is not among them. */
  async redrive(sql: Sql, { seq, documentId, attempts }: NewJob): Promise<string | undefined> {
    const db = asBossDb(sql)
    const moved = await this.boss.redrive(DEAD, { db, destination: QUEUE, data: { seq }, limit: 1 })
    if (moved === 0) return undefined
    const waiting = await this.boss.findJobs<Data>(QUEUE, { db, key: documentId, queued: true })
    const id = waiting.find(({ data }: JobWithMetadata<Data>) => data.seq === seq)?.id
    if (id !== undefined) await this.boss.update(QUEUE, undefined, { db, id, retryLimit: attempts - 1 })
    return id
  }

  async remove(sql: Sql, id: string): Promise<void> {
    await this.boss.deleteJob(QUEUE, id, { db: asBossDb(sql) })
  }

  /** Forgets that a document was given up. */
  async exhume(sql: Sql, documentId: string): Promise<void> {
    const db = asBossDb(sql)
    const dead = await this.boss.findJobs(DEAD, { db, key: documentId })
    for (const { id } of dead) await this.boss.deleteJob(DEAD, id, { db })
  }
}

/**
 * One process after another: of several that make pg-boss's schema at the same moment all but one would fail. The lock is
 * held by a connection that does nothing else; a driver with one connection alone has nobody to wait for.
 */
function inTurn(
  db: Database,
  schema: string,
  embedded: boolean,
  start: () => Promise<unknown>,
): Promise<unknown> {
  if (embedded) return start()
  return db.transaction(async (sql) => {
    // Others take as long as they take, whatever a statement may take otherwise.
    await sql.query(
      `SET LOCAL statement_timeout = ${LONGEST_START}; SET LOCAL idle_in_transaction_session_timeout = ${LONGEST_START}`,
    )
    await sql.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`start ${schema}`])
    return start()
  })
}

function asBossDb(sql: Sql): { executeSql(text: string, values?: unknown[]): Promise<{ rows: unknown[] }> } {
  return { executeSql: async (text, values) => ({ rows: await sql.query(text, values) }) }
}
