import type { Endpoint } from './endpoint.ts'

/**
 * `available` takes part; `rising` takes part, but not yet with its full share; `ejected` is out because its requests
 * failed; `down` is out because its checks did.
 */
export type EndpointState = 'available' | 'rising' | 'ejected' | 'down'

/** One endpoint at one moment. Times in milliseconds, moments on the clock that the balancer is given. */
export interface EndpointSnapshot {
  readonly endpoint: string
  readonly state: EndpointState
  readonly weight: number
  /** The part of its share that it takes already, up to 1. */
  readonly share: number
  /** How long it is expected to take; null while nothing is known. */
  readonly estimate: number | null
  /** Which share of its requests is expected to fail, from 0 to 1. */
  readonly failureShare: number
  readonly inFlight: number
  /** Failures since its last success. */
  readonly failuresInARow: number
  /** When it takes part again; null when it is not ejected. */
  readonly ejectedUntil: number | null
  /** Ejections in a row; the next lasts longer. */
  readonly ejections: number
  /** Why it is out; null when it is not. */
  readonly reason: string | null
}

/** A balancer at one moment. Versioned and JSON-safe. */
export interface BalanceSnapshot {
  readonly version: 1
  /** Whether so few are well that all are used. */
  readonly panic: boolean
  /** How many take part. */
  readonly available: number
  readonly endpoints: readonly EndpointSnapshot[]
}

/** @param share the part of its share that it takes already */
export function describeEndpoint(endpoint: Endpoint, share: number, now: number): EndpointSnapshot {
  const { name, weight, latency, failures, inFlight, outlier, down } = endpoint
  return {
    endpoint: name,
    state: down ? 'down' : outlier.ejected ? 'ejected' : share < 1 ? 'rising' : 'available',
    weight,
    share,
    estimate: latency.known ? latency.estimate(now) : null,
    failureShare: failures.share(now),
    inFlight,
    failuresInARow: outlier.failures,
    ejectedUntil: outlier.ejected ? outlier.ejectedUntil : null,
    ejections: outlier.times,
    reason: down ? 'its health checks fail' : outlier.ejected ? (outlier.reason ?? null) : null,
  }
}
