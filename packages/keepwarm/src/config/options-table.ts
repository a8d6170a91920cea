/**
 * Every option that an environment can set, one row each. The types, the parsing, the defaults, the checks, what
 * `explain()` prints and the table in docs/configuration.md all come from here.
 */
import type { Kind, Kinds } from './kinds.ts'

/** Everything about one option. Values are written as in the environment, but always with their unit. */
export interface OptionRow {
  /** The variable's name after the prefix. */
  readonly env: string
  /** A second variable that sets it, when the first is not there. */
  readonly alsoEnv?: string
  readonly kind: keyof Kinds
  readonly default?: string
  /** How the default reads where it depends on other options. */
  readonly defaultText?: string
  readonly min?: string
  readonly max?: string
  /** The part that must not be shown. */
  readonly secret?: 'credentials in the URL'
  readonly text: string
}

export const optionsTable = {
  maxConnections: {
    env: 'MAX_CONNECTIONS',
    kind: 'count',
    default: '100',
    min: '1',
    text: 'Connections in all. Dials in progress and connections that are being retired count.',
  },
  maxConnectionsPerOrigin: {
    env: 'MAX_CONNECTIONS_PER_ORIGIN',
    kind: 'count',
    default: '20',
    defaultText: '20; with a base URL, all of `maxConnections`',
    min: '1',
    text: 'Connections to one origin (scheme, host and port), so that one slow server cannot take them all.',
  },
  maxIdleConnections: {
    env: 'MAX_KEEPALIVE_CONNECTIONS',
    kind: 'count',
    default: '20',
    min: '0',
    text: 'Idle connections that are kept for the next request. Busy ones do not count.',
  },
  timeout: {
    env: 'DEFAULT_TIMEOUT',
    kind: 'duration',
    default: '30s',
    min: '1ms',
    max: '24d',
    text: 'The whole call: waiting for a connection, every attempt, the pauses between them, and the body.',
  },
  connectTimeout: {
    env: 'CONNECT_TIMEOUT',
    kind: 'duration',
    default: '10s',
    min: '1ms',
    max: '24d',
    text: 'One dial: DNS, TCP and TLS together.',
  },
  headersTimeout: {
    env: 'READ_TIMEOUT',
    kind: 'duration',
    default: '30s',
    defaultText: 'as long as the total (30s)',
    min: '1ms',
    max: '24d',
    text: 'From the last byte of the request to the headers of the response.',
  },
  writeTimeout: {
    env: 'WRITE_TIMEOUT',
    kind: 'duration',
    default: '5s',
    min: '1ms',
    max: '24d',
    text: 'The longest pause while the request is being sent.',
  },
  bodyIdleTimeout: {
    env: 'BODY_IDLE_TIMEOUT',
    alsoEnv: 'READ_TIMEOUT',
    kind: 'duration',
    default: '10s',
    min: '1ms',
    max: '24d',
    text: 'The longest pause between two parts of the body of a response.',
  },
  acquireTimeout: {
    env: 'POOL_TIMEOUT',
    kind: 'duration',
    default: '5s',
    min: '1ms',
    max: '24d',
    text: 'How long a request waits for a connection.',
  },
  maxQueue: {
    env: 'MAX_QUEUE',
    kind: 'count',
    default: '256',
    min: '0',
    text: 'Requests that may wait for one origin; the next one fails at once.',
  },
  retries: {
    env: 'MAX_RETRIES',
    kind: 'count',
    default: '3',
    min: '0',
    max: '100',
    text: 'Attempts after the first one: 3 retries are 4 attempts.',
  },
  backoffBase: {
    env: 'RETRY_BACKOFF_BASE',
    kind: 'duration',
    default: '100ms',
    min: '0s',
    max: '24d',
    text: 'The longest possible wait before the first retry. The wait itself is drawn by chance, from nothing to this.',
  },
  backoffMultiplier: {
    env: 'RETRY_BACKOFF_MULTIPLIER',
    kind: 'factor',
    default: '2',
    min: '1',
    text: 'How much longer the wait may be before each further retry.',
  },
  backoffCap: {
    env: 'RETRY_MAX_BACKOFF',
    kind: 'duration',
    default: '5s',
    min: '0s',
    max: '24d',
    text: 'The longest wait between two attempts, unless the server asks for more.',
  },
  idleTimeout: {
    env: 'KEEPALIVE_EXPIRY',
    kind: 'duration',
    default: '15s',
    min: '0s',
    max: '24d',
    text: 'How long an idle connection is kept; give less than the server does. Not given, a `Keep-Alive` header may make it up to 60s.',
  },
  maxConnectionAge: {
    env: 'MAX_CONNECTION_AGE',
    kind: 'duration',
    default: '5m',
    min: '1s',
    max: '24d',
    text: 'The age at which a connection takes no new request, so that DNS changes and deploys are noticed.',
  },
  maxRequestsPerConnection: {
    env: 'MAX_REQUESTS_PER_CONNECTION',
    kind: 'count',
    default: '0',
    min: '0',
    text: 'Requests that one connection serves before it is replaced; 0 means any number.',
  },
  maxResponseBytes: {
    env: 'MAX_RESPONSE_BYTES',
    kind: 'size',
    default: '64MiB',
    min: '1B',
    text: 'The largest body of a response that is collected into memory.',
  },
  baseUrl: {
    env: 'BASE_URL',
    kind: 'url',
    secret: 'credentials in the URL',
    text: 'What relative paths are relative to.',
  },
  healthPath: {
    env: 'HEALTH_PATH',
    kind: 'path',
    default: '/health',
    text: 'What `checkHealth()` asks for.',
  },
} as const

/** The name of an option in code. */
export type OptionName = keyof typeof optionsTable

type Row<Name extends OptionName> = (typeof optionsTable)[Name]
type ValueOf<Name extends OptionName> = Kinds[Row<Name>['kind']] extends Kind<infer Value> ? Value : never

/** The value of every option, defaults filled in. Durations are milliseconds, sizes bytes. */
export type OptionValues = {
  readonly [Name in OptionName]: Row<Name> extends { readonly default: string }
    ? ValueOf<Name>
    : ValueOf<Name> | undefined
}

/** What code may give for an option: its value, or for durations, sizes and URLs also other ways to write it. */
export type OptionInput<Name extends OptionName> =
  | ValueOf<Name>
  | (Row<Name>['kind'] extends 'duration' | 'size' ? string : Row<Name>['kind'] extends 'url' ? URL : never)

const checked: Readonly<Record<OptionName, OptionRow>> = optionsTable

/** The table as a list. */
export const optionRows: readonly (readonly [OptionName, OptionRow])[] = Object.entries(checked) as [
  OptionName,
  OptionRow,
][]
