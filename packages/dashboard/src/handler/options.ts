/** What a dashboard is told, and what is told wrongly. */
import { ConfigError, type ConfigProblem } from 'keepwarm'
import { realRuntime, type Runtime } from './clock.ts'

/** Like pino's: facts first, then the sentence. */
export interface DashboardLog {
  warn(facts: object, text: string): void
}

/** Routes that anybody may read who can reach them: how the service is in one word, and the figures for Prometheus. */
export type PublicRoute = 'health' | 'metrics'

export interface DashboardOptions {
  /** What the service is called. Default: the library's own guess. */
  readonly name?: string
  /** Where it is mounted in a plain `node:http` server. Express and Fastify say so themselves. Default `/`. */
  readonly mount?: string
  /**
   * Who has it may look from anywhere, and nobody else may from anywhere: at least 16 characters. Default: none, and then
   * only this machine may look.
   */
  readonly token?: string
  /** Names by which it is reached, besides localhost, such as `ops.example.com`; without a port. Default: none. */
  readonly hosts?: readonly string[]
  /** Routes that need neither this machine nor the token. Default: none. */
  readonly public?: readonly PublicRoute[]
  /** Whether breakers, connections and limits can be changed from the page. Default false. */
  readonly admin?: boolean
  /** How many may watch at once; the next is told to come later. Default 16. */
  readonly maxWatchers?: number
  /** Is told what was changed by hand, and what went wrong. Default: nobody. */
  readonly log?: DashboardLog
  /** @internal Time for tests. */
  readonly runtime?: Runtime
}

export interface Settings {
  readonly name: string | undefined
  /** Without a slash at the end: empty for `/`. */
  readonly mount: string
  readonly token: string | undefined
  readonly hosts: ReadonlySet<string>
  readonly public: ReadonlySet<PublicRoute>
  readonly admin: boolean
  readonly maxWatchers: number
  readonly log: DashboardLog
  readonly runtime: Runtime
}

const names: Readonly<Record<keyof DashboardOptions, true>> = {
  name: true,
  mount: true,
  token: true,
  hosts: true,
  public: true,
  admin: true,
  maxWatchers: true,
  log: true,
  runtime: true,
}

const LEAST_TOKEN = 16
const silent: DashboardLog = { warn: () => {} }

/** @throws ConfigError naming everything that is wrong */
export function resolveSettings(options: DashboardOptions = {}): Settings {
  const problems = [...unknownNames(options), ...checks(options)]
  if (problems.length > 0) throw new ConfigError(problems)
  return {
    name: options.name,
    mount: (options.mount ?? '/').replace(/\/+$/, ''),
    token: options.token,
    hosts: new Set((options.hosts ?? []).map((host) => host.toLowerCase())),
    public: new Set(options.public ?? []),
    admin: options.admin ?? false,
    maxWatchers: options.maxWatchers ?? 16,
    log: options.log ?? silent,
    runtime: options.runtime ?? realRuntime,
  }
}

function unknownNames(options: object): ConfigProblem[] {
  return Object.keys(options)
    .filter((name) => !Object.hasOwn(names, name))
    .map((variable) => {
      const expected = `a known option: ${Object.keys(names)
        .filter((name) => name !== 'runtime')
        .join(', ')}`
      return { variable, received: '(not shown)', expected, fix: `remove ${variable}` }
    })
}

function checks(options: DashboardOptions): ConfigProblem[] {
  const { name, mount, token, hosts, public: open, admin, maxWatchers, log } = options
  const wrong = (fits: boolean, variable: string, received: string, expected: string): ConfigProblem[] =>
    fits ? [] : [{ variable, received, expected }]
  const isText = (value: unknown): boolean => value === undefined || typeof value === 'string'
  return [
    ...wrong(isText(name), 'name', `a ${typeof name}`, 'a text'),
    ...wrong(isMount(mount), 'mount', shown(mount), 'a path that begins with /, such as /dashboard'),
    ...wrong(
      isToken(token),
      'token',
      '(not shown)',
      `at least ${LEAST_TOKEN} printable characters, no space`,
    ),
    ...wrong(isHosts(hosts), 'hosts', shown(hosts), "names without a port, such as ['ops.example.com']"),
    ...wrong(isPublic(open), 'public', shown(open), "a list of 'health' and 'metrics'"),
    ...wrong(admin === undefined || typeof admin === 'boolean', 'admin', shown(admin), 'true or false'),
    ...wrong(isCount(maxWatchers), 'maxWatchers', shown(maxWatchers), 'a whole number from 1 to 1000'),
    ...wrong(isLog(log), 'log', `a ${typeof log}`, 'a logger with warn(facts, text), such as pino'),
  ]
}

function isMount(mount: unknown): boolean {
  return mount === undefined || (typeof mount === 'string' && /^\/[^?#\s]*$/.test(mount))
}

function isToken(token: unknown): boolean {
  return (
    token === undefined ||
    (typeof token === 'string' && token.length >= LEAST_TOKEN && /^[\x21-\x7e]+$/.test(token))
  )
}

function isHosts(hosts: unknown): boolean {
  const isHost = (host: unknown): boolean =>
    typeof host === 'string' && /^[\w.-]+$|^\[[\da-f:.]+\]$/i.test(host)
  return hosts === undefined || (Array.isArray(hosts) && hosts.every(isHost))
}

function isPublic(open: unknown): boolean {
  return (
    open === undefined || (Array.isArray(open) && open.every((one) => one === 'health' || one === 'metrics'))
  )
}

function isCount(count: unknown): boolean {
  return (
    count === undefined || (Number.isInteger(count) && (count as number) >= 1 && (count as number) <= 1_000)
  )
}

function isLog(log: unknown): boolean {
  if (log === undefined) return true
  const { warn } = (log ?? {}) as Partial<DashboardLog>
  return typeof warn === 'function'
}

function shown(value: unknown): string {
  return JSON.stringify(value) ?? String(value)
}
