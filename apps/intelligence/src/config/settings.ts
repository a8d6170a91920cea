/** The environment, read once, checked, and typed. */
import { ConfigError, HTTPClientConfig } from 'keepwarm'
import { z } from 'zod'
import {
  databaseSettings,
  databaseVariables,
  workersWithoutServer,
  type DatabaseSettings,
} from './database-settings.ts'
import { SettingsError, shownUrl, type ConfigProblem } from './problems.ts'

export type Environment = Readonly<Record<string, string | undefined>>

export interface Settings {
  /** Where the upstream services are. One that is not given is stood in for. */
  readonly urls: {
    readonly ollama: string | undefined
    readonly langextract: string | undefined
    readonly bridge: string | undefined
    readonly coordinator: string | undefined
  }
  /** Where finished documents are delivered. Default: this service itself. */
  readonly searchUrl: string | undefined
  /** What a search service elsewhere asks for, and what this one accepts from elsewhere. */
  readonly searchToken: string | undefined
  /** What requests have to show; undefined where only this machine can ask. */
  readonly apiToken: string | undefined
  /** Requests a second that one address may send; undefined for any number. */
  readonly rateLimit: number | undefined
  readonly embeddingModel: string
  readonly generationModel: string
  /** Who embeds: Ollama's own way, or OpenAI's. */
  readonly embeddingApi: 'ollama' | 'openai'
  /** 0 for any free one. */
  readonly port: number
  readonly portGiven: boolean
  readonly host: string
  /** Where documents, vectors and jobs are kept. */
  readonly dataDir: string | undefined
  /** The server that has documents and jobs; undefined for a file in the data folder. */
  readonly database: DatabaseSettings | undefined
  /** The folder below which folders may be indexed by request. */
  readonly indexRoot: string | undefined
  /** Documents that are indexed at once. */
  readonly indexConcurrency: number
  readonly logLevel: string
  /** For the shared client, which reads its own variables. */
  readonly env: Environment
}

/** Every variable of the service itself. The clients' are in docs/configuration.md. */
const variables = {
  OLLAMA_BASE_URL: httpUrl(),
  LANGEXTRACT_URL: httpUrl(),
  LANGEXTRACT_SERVICE_URL: httpUrl(),
  BRIDGE_SERVICE_URL: httpUrl(),
  WORKFLOW_COORDINATOR_URL: httpUrl(),
  SEARCH_SERVICE_URL: httpUrl(),
  SEARCH_SERVICE_TOKEN: token(),
  API_TOKEN: token(),
  RATE_LIMIT: count(0, 100_000)
    .optional()
    .describe('requests a second from one address, or 0 for any number'),
  EMBEDDING_MODEL: z.string().default('nomic-embed-text').describe('the name of a model'),
  GENERATION_MODEL: z.string().default('llama3.2').describe('the name of a model'),
  EMBEDDING_API: z.enum(['ollama', 'openai']).default('ollama').describe('ollama or openai'),
  PORT: count(0, 65_535).default(8053).describe('a port from 0 (any free one) to 65535'),
  HOST: z.string().default('127.0.0.1').describe('an address to listen on, such as 127.0.0.1 or 0.0.0.0'),
  DATA_DIR: z.string().optional().describe('a folder'),
  ...databaseVariables,
  INDEX_ROOT: z.string().optional().describe('a folder'),
  INDEX_CONCURRENCY: count(1, 256).default(4).describe('a whole number from 1 to 256'),
  LOG_LEVEL: z
    .enum(['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'])
    .default('silent')
    .describe('silent, fatal, error, warn, info, debug or trace'),
}

const schema = z.object(variables)

/** What to write instead; only where one example fits everybody. */
const fixes: Partial<Record<keyof typeof variables, string>> = {
  OLLAMA_BASE_URL: 'OLLAMA_BASE_URL=http://localhost:11434',
  PORT: 'PORT=8053',
  HOST: 'HOST=127.0.0.1',
  DATABASE_URL: 'DATABASE_URL=postgres://localhost/intelligence',
  INDEX_CONCURRENCY: 'INDEX_CONCURRENCY=4',
  LOG_LEVEL: 'LOG_LEVEL=info',
}

const secrets = new Set(['SEARCH_SERVICE_TOKEN', 'API_TOKEN', 'DATABASE_URL'])

/**
 * Reads the environment. A variable that is set to nothing is not there.
 *
 * @throws SettingsError naming every variable that cannot be used, those of the shared HTTP client among them.
 * @example const { port, urls } = readSettings(process.env)
 */
export function readSettings(env: Environment): Settings {
  const given = givenIn(env)
  const read = schema.safeParse(given)
  const shared = sharedClient(env)
  const problems = [
    ...(read.success ? [] : problemsOf(read.error, given)),
    ...twoNames(given),
    ...openToAll(given),
    ...workersWithoutServer(given),
    ...shared.problems,
  ]
  if (!read.success || problems.length > 0) throw new SettingsError(problems)
  const found = read.data
  return {
    urls: {
      ollama: found.OLLAMA_BASE_URL,
      langextract: found.LANGEXTRACT_URL ?? found.LANGEXTRACT_SERVICE_URL,
      bridge: found.BRIDGE_SERVICE_URL,
      coordinator: found.WORKFLOW_COORDINATOR_URL,
    },
    searchUrl: found.SEARCH_SERVICE_URL ?? shared.baseUrl,
    searchToken: found.SEARCH_SERVICE_TOKEN,
    apiToken: found.API_TOKEN,
    rateLimit: rateOf(found.RATE_LIMIT ?? (isLoopback(found.HOST) ? 0 : DEFAULT_RATE)),
    embeddingModel: found.EMBEDDING_MODEL,
    generationModel: found.GENERATION_MODEL,
    embeddingApi: found.EMBEDDING_API,
    port: found.PORT,
    portGiven: given['PORT'] !== undefined,
    host: found.HOST,
    dataDir: found.DATA_DIR,
    database: databaseSettings(found),
    indexRoot: found.INDEX_ROOT,
    indexConcurrency: found.INDEX_CONCURRENCY,
    logLevel: found.LOG_LEVEL,
    env,
  }
}

function givenIn(env: Environment): Record<string, string> {
  const entries = Object.keys(variables).map((name) => [name, env[name]?.trim()] as const)
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => (entry[1] ?? '') !== ''))
}

function problemsOf(error: z.ZodError, given: Record<string, string>): ConfigProblem[] {
  const names = new Set(error.issues.map(({ path }) => String(path[0])))
  return [...names].map((name) => {
    const known = name as keyof typeof variables
    const fix = fixes[known]
    const problem = {
      variable: name,
      received: secrets.has(name) ? '(not shown)' : JSON.stringify(shownUrl(given[name] ?? '')),
      expected: variables[known].description ?? 'another value',
    }
    return fix === undefined ? problem : { ...problem, fix }
  })
}

/** Requests a second from one address, where others than this machine can ask. */
const DEFAULT_RATE = 50

function rateOf(perSecond: number): number | undefined {
  return perSecond === 0 ? undefined : perSecond
}

/** Whoever reaches the service could read and delete everything. */
function openToAll({ HOST = '127.0.0.1', API_TOKEN }: Record<string, string>): ConfigProblem[] {
  if (isLoopback(HOST) || API_TOKEN !== undefined) return []
  const expected = `a token, because HOST = ${JSON.stringify(HOST)} lets other machines ask`
  return [{ variable: 'API_TOKEN', received: '(not set)', expected, fix: 'HOST=127.0.0.1' }]
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.')
}

/** The original system called LangExtract's URL by two names. */
function twoNames(given: Record<string, string>): ConfigProblem[] {
  const { LANGEXTRACT_URL: one, LANGEXTRACT_SERVICE_URL: other } = given
  if (one === undefined || other === undefined || one === other) return []
  const received = JSON.stringify(shownUrl(other))
  return [
    { variable: 'LANGEXTRACT_SERVICE_URL', received, expected: 'the same as LANGEXTRACT_URL, or nothing' },
  ]
}

function sharedClient(env: Environment): {
  problems: readonly ConfigProblem[]
  baseUrl?: string | undefined
} {
  try {
    const { baseUrl } = HTTPClientConfig.fromEnv('SEARCH_SERVICE_HTTP_CLIENT', env)
    // Documents are delivered to one address, wherever searches may go.
    return { problems: [], baseUrl: typeof baseUrl === 'string' ? baseUrl : baseUrl?.[0] }
  } catch (error) {
    if (error instanceof ConfigError) return { problems: error.problems }
    throw error
  }
}

/** As a header can carry it behind `Bearer`. */
function token(): z.ZodOptional<z.ZodString> {
  return z
    .string()
    .regex(/^[\x21-\x7e]{16,}$/)
    .optional()
    .describe('at least 16 printable characters that nobody guesses, without spaces')
}

function httpUrl(): z.ZodOptional<z.ZodString> {
  return z
    .string()
    .refine(isServiceUrl)
    .optional()
    .describe('an http or https URL without a query, such as http://localhost:11434')
}

function isServiceUrl(text: string): boolean {
  const url = URL.parse(text)
  return url !== null && /^https?:$/.test(url.protocol) && url.search === '' && url.hash === ''
}

function count(least: number, most: number): z.ZodPipe<z.ZodString, z.ZodTransform<number, string>> {
  return z.string().transform((text, context) => {
    const value = Number(text)
    if (/^\d+$/.test(text) && value >= least && value <= most) return value
    context.issues.push({ code: 'custom', message: 'not such a number', input: text })
    return z.NEVER
  })
}
