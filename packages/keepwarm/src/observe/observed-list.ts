/** What is looked at: clients, and pools that no client of them uses. */
import { ConfigError } from '../errors.ts'
import type { HistorySlice } from './history.ts'
import type { ConnectionSnapshot, PoolSnapshot, PoolSnapshotOptions } from './pool-snapshot.ts'
import type { ClientSnapshot, RecentEvent } from './snapshot.ts'

/** What is seen of a client; an `HttpClient` is one. */
export interface ObservableClient {
  readonly closed: boolean
  readonly pool: ObservablePool
  snapshot(): ClientSnapshot
  history(since?: number): HistorySlice
  recentEvents(after?: number): readonly RecentEvent[]
}

/** What is seen of a pool; a `ConnectionPool` is one. */
export interface ObservablePool {
  readonly closed?: boolean
  snapshot(how?: PoolSnapshotOptions): PoolSnapshot
  /** `most`: of all, busy ones first and the oldest first among these. */
  connections(most?: number): readonly ConnectionSnapshot[]
}

/** What `createClients()` returns: clients by name, and what they can do together. */
export interface ClientsByName {
  snapshot(): Readonly<Record<string, ClientSnapshot>>
  explain(): string
}

type One = ObservableClient | ObservablePool
type Several = Iterable<One> | Readonly<Record<string, One>> | ClientsByName

/** A client or a pool, several, what `createClients()` returned, or a function that lists those there are. */
export type ObservedClients = One | Several | (() => Several)

export interface Listed {
  readonly clients: readonly ObservableClient[]
  /** Theirs, and those that were given by themselves; each once. */
  readonly pools: readonly ObservablePool[]
}

/**
 * Looks whenever it is asked; those that were given once are let go when they are closed.
 * @param isWanted default: those that are open.
 * @throws ConfigError when it is given something else than clients and pools.
 */
export function lister(given: ObservedClients, isWanted: (one: One) => boolean = isOpen): () => Listed {
  if (typeof given === 'function') return () => sorted(listOf(given()).filter(isWanted))
  let open = listOf(isClient(given) || isPool(given) ? [given] : given)
  return () => sorted((open = open.filter(isWanted)))
}

function isOpen({ closed }: One): boolean {
  return closed !== true
}

function sorted(open: readonly One[]): Listed {
  const clients = open.filter(isClient)
  return { clients, pools: [...new Set([...clients.map(({ pool }) => pool), ...open.filter(isPool)])] }
}

function listOf(given: Several): One[] {
  const isObject = typeof given === 'object' && given !== null
  const list: unknown[] = isObject ? [...(Symbol.iterator in given ? given : Object.values(given))] : [given]
  const wrong = list.find((one) => !isClient(one) && !isPool(one))
  if (wrong === undefined && isObject) return list as One[]
  const received = wrong == null ? String(wrong) : `something that is a ${typeof wrong}`
  const expected =
    'clients: a list of them (or of pools), what createClients() returned, or a function that returns either'
  throw new ConfigError([{ variable: 'clients', received, expected }])
}

function isClient(value: unknown): value is ObservableClient {
  return (
    has(value, 'snapshot', 'history', 'recentEvents') && has((value as ObservableClient).pool, 'connections')
  )
}

function isPool(value: unknown): value is ObservablePool {
  return has(value, 'snapshot', 'connections') && !('history' in (value as object))
}

function has(value: unknown, ...functions: readonly string[]): boolean {
  if (typeof value !== 'object' || value === null) return false
  return functions.every((name) => typeof (value as Readonly<Record<string, unknown>>)[name] === 'function')
}
