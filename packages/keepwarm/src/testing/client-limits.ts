/** From the numbers of a schedule to the options of a client, or of a pool alone. */
import type { HttpClientOptions } from '../client/options.ts'
import type { ConnectionPoolOptions } from '../pool/options.ts'
import type { ClientBooks } from './client-books.ts'
import { hooksOf, opaque } from './client-hooks.ts'
import { nth } from './client-deeds.ts'
import type { ClientLimits } from './client-schedule.ts'
import { GROUP_PATH } from './client-visit.ts'

export function optionsOf(limits: ClientLimits, books: ClientBooks): HttpClientOptions {
  const { runtime, network } = books
  const {
    pool: _,
    latency: __,
    attempts = 3,
    budget = 10,
    minimumCompletions = 20,
    openFor = 5_000,
    group,
    discipline = 0,
    hedge,
    attemptTimeout = Infinity,
    hooks,
    interceptors,
    ...others
  } = limits
  return {
    ...others,
    ...(attemptTimeout <= (limits.timeout ?? 30_000) && { attemptTimeout }),
    ...(hedge !== undefined && {
      hedge: { after: Math.min(hedge, attemptTimeout, limits.timeout ?? hedge) / 2, share: 1 },
    }),
    ...(hooks === 1 && { hooks: hooksOf(books) }),
    ...(interceptors === 1 && { interceptors: [opaque] }),
    leakAfter: Infinity,
    discipline: nth(['fifo', 'lifo', 'codel'] as const, discipline),
    ...(group !== undefined && { groups: { group: { paths: [GROUP_PATH], maxInFlight: group } } }),
    retry: { attempts },
    budget: { start: budget },
    // A probe that is not given back is missed.
    breaker: { minimumCompletions, openFor, probeTimeout: 1e9 },
    runtime,
    network,
  }
}

export function poolPart(options: HttpClientOptions): ConnectionPoolOptions {
  const { timeout: _, attemptTimeout: __, headersTimeout: ___, bodyIdleTimeout: ____, ...rest } = options
  const { retry: _____, budget: ______, breaker: _______, hedge: ________, ...others } = rest
  return others
}
