/** The variables of a PostgreSQL server. Without DATABASE_URL, documents are in a file of this process's own. */
import { z } from 'zod'
import type { ConfigProblem } from './problems.ts'

export interface DatabaseSettings {
  readonly url: string
  readonly schema: string
  readonly maxConnections: number
  /** Milliseconds. */
  readonly connectTimeout: number
  /** Milliseconds. */
  readonly statementTimeout: number
  /** Processes that `npm start` starts beside itself, to share its work. */
  readonly workers: number
  /** By which the processes that share the database tell each other apart. */
  readonly processName: string
}

export const databaseVariables = {
  DATABASE_URL: z
    .string()
    .refine(isDatabaseUrl)
    .optional()
    .describe('a URL such as postgres://user:password@localhost:5432/intelligence'),
  DATABASE_SCHEMA: z
    .string()
    .regex(/^[a-z_][a-z0-9_]{0,40}$/)
    .default('intelligence')
    .describe('small letters, digits and _, at most 41, not beginning with a digit'),
  DATABASE_MAX_CONNECTIONS: whole(2, 1_000).default(10).describe('a whole number from 2 to 1000'),
  DATABASE_CONNECT_TIMEOUT: seconds().default(10).describe('seconds from 0.1 to 600'),
  DATABASE_STATEMENT_TIMEOUT: seconds().default(60).describe('seconds from 0.1 to 600'),
  WORKER_PROCESSES: whole(0, 64)
    .optional()
    .describe('a whole number from 0 to 64, and DATABASE_URL for any but 0'),
  PROCESS_NAME: z
    .string()
    .regex(/^[\x21-\x7e]{1,60}$/)
    .default('api')
    .describe('1 to 60 printable characters without spaces'),
}

type Read = z.output<z.ZodObject<typeof databaseVariables>>

/** Undefined when there is no server. */
export function databaseSettings(read: Read): DatabaseSettings | undefined {
  if (read.DATABASE_URL === undefined) return undefined
  return {
    url: read.DATABASE_URL,
    schema: read.DATABASE_SCHEMA,
    maxConnections: read.DATABASE_MAX_CONNECTIONS,
    connectTimeout: read.DATABASE_CONNECT_TIMEOUT * 1_000,
    statementTimeout: read.DATABASE_STATEMENT_TIMEOUT * 1_000,
    workers: read.WORKER_PROCESSES ?? DEFAULT_WORKERS,
    processName: read.PROCESS_NAME,
  }
}

/** Three processes with the one that serves. */
const DEFAULT_WORKERS = 2

/** A file has one process alone. */
export function workersWithoutServer(given: Readonly<Record<string, string>>): ConfigProblem[] {
  const { DATABASE_URL, WORKER_PROCESSES } = given
  if (DATABASE_URL !== undefined || WORKER_PROCESSES === undefined || Number(WORKER_PROCESSES) === 0)
    return []
  const expected = '0, because without DATABASE_URL one process has the data for itself'
  return [
    {
      variable: 'WORKER_PROCESSES',
      received: JSON.stringify(WORKER_PROCESSES),
      expected,
      fix: 'DATABASE_URL=postgres://localhost/intelligence',
    },
  ]
}

function isDatabaseUrl(text: string): boolean {
  // A socket's folder may stand in the query, and then there is no host, which no URL parser takes with a user.
  return /^postgres(?:ql)?:\/\/[^\s]*$/.test(text)
}

function whole(least: number, most: number): z.ZodPipe<z.ZodString, z.ZodTransform<number, string>> {
  return numeric(/^\d+$/, least, most)
}

function seconds(): z.ZodPipe<z.ZodString, z.ZodTransform<number, string>> {
  return numeric(/^\d+(?:\.\d+)?$/, 0.1, 600)
}

function numeric(
  form: RegExp,
  least: number,
  most: number,
): z.ZodPipe<z.ZodString, z.ZodTransform<number, string>> {
  return z.string().transform((text, context) => {
    const value = Number(text)
    if (form.test(text) && value >= least && value <= most) return value
    context.issues.push({ code: 'custom', message: 'not such a number', input: text })
    return z.NEVER
  })
}
