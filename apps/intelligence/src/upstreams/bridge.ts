/**
 * A stand-in for the original system's Bridge: SQL over HTTP, here on a real SQLite database with the freshness
 * tables. Queries are SQLite's SQL with PostgreSQL's `$1` or `?` for values; see bridge/database.ts for what may run.
 */
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { Database } from './bridge/database.ts'
import { explainFailure, type BridgeErrorCode } from './bridge/failures.ts'
import { accept, describeProblems, Refusal } from './refusal.ts'
import { serve, type Upstream, type UpstreamOptions } from './upstream.ts'

export interface BridgeOptions extends UpstreamOptions {
  /** Default `:memory:`, which is gone when the server closes. */
  readonly file?: string
  /** Milliseconds a query may take before it is answered with TIMEOUT. Default 30000. */
  readonly queryTimeout?: number
}

/** Rows that are answered at most, whatever the request says. */
const maxRows = 10_000
/** Rows in mode `many` when the request names no limit. */
const manyRows = 100

const executeRequest = z.object({
  query: z.string().min(1, 'must not be empty'),
  params: z.array(z.unknown()).nullish(),
  fetch_mode: z.enum(['all', 'one', 'many', 'execute']).default('all'),
  limit: z.number().int().min(1).max(maxRows).nullish(),
})

/**
 * @example
 * const bridge = await startBridge()
 * const body = JSON.stringify({ query: 'SELECT count(*) AS n FROM document_freshness', fetch_mode: 'one' })
 * await fetch(`${bridge.url}/database/execute`, { method: 'POST', body })
 */
export async function startBridge(options: BridgeOptions = {}): Promise<Upstream> {
  const database = new Database(options.file ?? ':memory:', options.queryTimeout ?? 30_000)
  return serve({
    name: 'bridge',
    options,
    errorBody: (status, message) =>
      failed(status < 500 ? 'INVALID_QUERY' : 'INTERNAL_ERROR', message, false, 0),
    routes: (app) => routes(app, database),
    dispose: () => database.close(),
  })
}

function routes(app: FastifyInstance, database: Database): void {
  const started = performance.now()
  app.get('/health', (_request, reply) => {
    const facts = {
      service_version: '0.1.0',
      uptime_seconds: Math.round(performance.now() - started) / 1000,
      last_check: new Date().toISOString(),
    }
    try {
      database.check()
      return { status: 'healthy', database_connected: true, ...facts }
    } catch (error) {
      reply.code(503)
      return { status: 'unhealthy', database_connected: false, error: String(error), ...facts }
    }
  })
  app.post('/database/execute', (request) => execute(database, request.body))
}

async function execute(database: Database, body: unknown): Promise<unknown> {
  const started = performance.now()
  const {
    query,
    params,
    fetch_mode: mode,
    limit,
  } = accept(executeRequest, body, (problems) => {
    return new Refusal(400, failed('INVALID_QUERY', describeProblems(problems), false, started))
  })
  const most = mode === 'one' ? 1 : (limit ?? (mode === 'many' ? manyRows : maxRows))
  try {
    const { data, rowsAffected, more } = await database.run({
      query,
      params: params ?? [],
      mode,
      limit: most,
    })
    // One row of many is what mode "one" asks for, so only the others need to be told.
    const message = more && mode !== 'one' ? `the first ${most} rows; there are more` : null
    return {
      success: true,
      data,
      rows_affected: rowsAffected,
      message,
      execution_time_ms: since(started),
    }
  } catch (error) {
    const { status, code, message, retryAllowed } = explainFailure(error)
    throw new Refusal(status, failed(code, message, retryAllowed, started))
  }
}

function failed(code: BridgeErrorCode, message: string, retryAllowed: boolean, started: number): unknown {
  return {
    success: false,
    data: null,
    rows_affected: 0,
    error_code: code,
    message,
    retry_allowed: retryAllowed,
    execution_time_ms: started === 0 ? 0 : since(started),
  }
}

function since(started: number): number {
  return Math.round((performance.now() - started) * 1000) / 1000
}
