/** Several clients, made together, changed together, and closed together. */
import { ConfigError } from '../../errors.ts'
import type { CloseOptions } from '../../pool/arguments.ts'
import type { ClientSnapshot } from '../../observe/snapshot.ts'
import type { ConnectionPool } from '../../pool/pool.ts'
import type { ClientChanges } from '../changes.ts'
import type { HTTPClientConfig } from '../config.ts'
import type { HealthReport } from '../health/report.ts'
import type { HttpClient } from '../http-client.ts'
import { asDefinitions, type ClientDefinitions } from './definitions.ts'
import { makeClients, type Made } from './making.ts'
import type { HttpClientOptions } from '../options.ts'

/** What all clients of a set can do together. None of it is listed among them. */
export interface ClientSet<Name extends string> extends AsyncDisposable {
  /** The pool that clients share, where some do. */
  readonly pool: ConnectionPool | undefined
  /** How each client was configured, and by whom. */
  readonly settings: Readonly<Record<Name, HTTPClientConfig>>
  /** Each client at this moment. */
  snapshot(): Readonly<Record<Name, ClientSnapshot>>
  /** How each client is, by what is known already. */
  health(): Readonly<Record<Name, HealthReport>>
  /** Every value of every client, and where it came from; without credentials. */
  explain(): string
  /**
   * New settings for clients that work: all of them, or none.
   * @throws ConfigError naming everything that is wrong, or cannot change while clients work.
   * @example clients.update({ search: { timeout: 2_000, maxConnections: 50 } })
   */
  update(changes: { readonly [Each in Name]?: ClientChanges }): void
  /** Closes all clients, and the pool that they share. Rejects with an AggregateError when some could not be closed. */
  close(options?: CloseOptions): Promise<void>
}

/** Clients by name. */
export type Clients<Name extends string> = Readonly<Record<Name, HttpClient>> & ClientSet<Name>

type Variables = Readonly<Record<string, string | undefined>>

/**
 * Named clients: what is given here counts most, then (for `search-service` and `searchService`)
 * `SEARCH_SERVICE_HTTP_CLIENT_…`, then `HTTP_CLIENT_…`, then the file. What is wrong with any of them is reported at
 * once, and then none is made.
 *
 * @throws ConfigError naming every variable and option that is wrong, and names that two clients cannot both have.
 * @example
 * await using clients = createClients({ search: { baseUrl: 'http://search:8055' }, ollama: {} })
 * await clients.search.get('/health').text()
 * @example
 * await using clients = createClients({
 *   defaults: { timeout: 10_000 },
 *   groups: { slow: { timeout: 600_000 } },
 *   clients: { search: {}, ollama: { group: 'slow' } },
 * })
 */
export function createClients<Name extends string, Group extends string = never>(
  definitions: ClientDefinitions<Name, Group>,
  env?: Variables,
): Clients<Name>
export function createClients<Name extends string>(
  definitions: Readonly<Record<Name, HttpClientOptions>>,
  env?: Variables,
): Clients<Name>
export function createClients(definitions: object, env: Variables = process.env): Clients<string> {
  const made = makeClients(asDefinitions(definitions), env)
  const clients = Object.fromEntries(made.clients.map(({ name, client }) => [name, client]))
  const all: ClientSet<string> = {
    pool: made.pool,
    settings: byName(made, ({ config }) => config),
    snapshot: () => byName(made, ({ client }) => client.snapshot()),
    health: () => byName(made, ({ client }) => client.health()),
    explain: () => made.clients.map(({ name, config }) => `${name}\n${config.explain()}`).join('\n\n'),
    update: (changes) => update(clients, changes),
    close: (options) => closeAll(made, options),
    [Symbol.asyncDispose]: () => closeAll(made),
  }
  for (const key of Reflect.ownKeys(all) as (keyof typeof all)[])
    Object.defineProperty(clients, key, { value: all[key] })
  return Object.freeze(clients) as Clients<string>
}

type One = Made['clients'][number]

function byName<Result>(made: Made, what: (one: One) => Result): Readonly<Record<string, Result>> {
  return Object.fromEntries(made.clients.map((one) => [one.name, what(one)]))
}

/** Everything is tried before anything is done. */
function update(
  clients: Readonly<Record<string, HttpClient>>,
  changes: Readonly<Record<string, ClientChanges | undefined>>,
): void {
  const problems = Object.keys(changes)
    .filter((name) => !Object.hasOwn(clients, name))
    .map((name) => ({
      variable: name,
      received: '(not shown)',
      expected: Object.keys(clients).join(', '),
    }))
  const known = Object.entries(changes).flatMap(([name, change]) => {
    const client = Object.hasOwn(clients, name) ? clients[name] : undefined
    return client === undefined || change === undefined ? [] : [{ name, client, change }]
  })
  const wrong = known.flatMap(({ name, client, change }) => {
    try {
      client.configure(change, { dryRun: true })
      return []
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      return error.problems.map((problem) => ({ ...problem, client: name }))
    }
  })
  if (problems.length + wrong.length > 0) throw new ConfigError([...problems, ...wrong])
  for (const { client, change } of known) client.configure(change)
}

/** All are closed, whatever becomes of the others; the shared pool last, when nobody uses it any more. */
async function closeAll({ clients, pool }: Made, options?: CloseOptions): Promise<void> {
  const closed = await Promise.allSettled(clients.map(({ client }) => client.close(options)))
  const [shared] = await Promise.allSettled([pool?.close(options)])
  const errors = [...closed, shared].flatMap((each) =>
    each?.status === 'rejected' ? [each.reason as unknown] : [],
  )
  if (errors.length === 1) throw errors[0]
  if (errors.length > 1) throw new AggregateError(errors, `${errors.length} clients could not be closed`)
}
