/** Suggestions that can be copied: an option with a number, as a line for the environment and as code. */
import type { Suggestion } from './verdict.ts'

/** The variables of the options that a diagnosis speaks of; the same as in `config/`, which a test compares. */
export const variables = {
  maxConnections: 'MAX_CONNECTIONS',
  maxConnectionsPerOrigin: 'MAX_CONNECTIONS_PER_ORIGIN',
  maxConnectionsPerAddress: 'MAX_CONNECTIONS_PER_ADDRESS',
  maxIdleConnections: 'MAX_KEEPALIVE_CONNECTIONS',
  idleTimeout: 'KEEPALIVE_EXPIRY',
  maxConnectionAge: 'MAX_CONNECTION_AGE',
  maxRequestsPerConnection: 'MAX_REQUESTS_PER_CONNECTION',
  maxQueue: 'MAX_QUEUE',
  leakStacks: 'LEAK_STACKS',
  attemptTimeout: 'ATTEMPT_TIMEOUT',
  'retry.attempts': 'MAX_RETRIES',
  'breaker.minimumCompletions': 'CIRCUIT_MIN_THROUGHPUT',
  limiter: 'LIMITER',
  caFile: 'CA_FILE',
} as const

export type Variable = keyof typeof variables

/** A value, and the unit that it is written with. */
export type Setting =
  | { readonly option: Variable; readonly value: number; readonly unit?: 'ms' }
  | { readonly option: Variable; readonly value: boolean }
  | { readonly option: 'caFile'; readonly value: string }

/** Whose variables are meant. */
export interface Owner {
  readonly name: string
  /** What they begin with, where that is known. */
  readonly envPrefix: string | null
}

/**
 * @param client whose variables they are; null for those that all clients have.
 * @example suggest('Allow more.', null, [{ option: 'maxConnections', value: 40 }])
 */
export function suggest(text: string, client: Owner | null, settings: readonly Setting[]): Suggestion {
  const prefix = prefixOf(client)
  return {
    text,
    env: settings.map((each) => `${prefix}_${variables[each.option]}=${inEnvironment(each)}`).join('\n'),
    code: `new HttpClient({ ${settings.map(inCode).join(', ')} })`,
  }
}

/** As `createClients` names them, where a client does not say what its variables begin with. */
function prefixOf(client: Owner | null): string {
  if (client !== null && client.envPrefix !== null) return client.envPrefix
  if (client === null || !/^[A-Za-z][\w.-]*$/.test(client.name) || client.name === 'default')
    return 'HTTP_CLIENT'
  const snake = client.name.replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2').replaceAll(/[^a-zA-Z0-9]+/g, '_')
  return `${snake.toUpperCase()}_HTTP_CLIENT`
}

function inEnvironment(setting: Setting): string {
  const { option, value } = setting
  if (typeof value === 'boolean') return value ? 'on' : 'off'
  if (typeof value === 'string') return value
  if ('unit' in setting) return value % 1_000 === 0 ? `${value / 1_000}s` : `${value}ms`
  // The variable counts what comes after the first attempt.
  return String(option === 'retry.attempts' ? value - 1 : value)
}

function inCode({ option, value }: Setting): string {
  if (option === 'caFile') return `connect: { ca: readFileSync('${value}') }`
  const written = typeof value === 'number' ? grouped(value) : String(value)
  const [first, second] = option.split('.')
  return second === undefined ? `${first}: ${written}` : `${first}: { ${second}: ${written} }`
}

/** @example grouped(8000) // '8_000' */
function grouped(value: number): string {
  return String(value).replaceAll(/\B(?=(\d{3})+$)/g, '_')
}
