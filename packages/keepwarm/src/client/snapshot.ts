/** One client at one moment, from what it is made of. */
import type { CallPlan } from '../exchange/plan.ts'
import type { OriginGuard } from '../exchange/host.ts'
import type { Recorder } from '../observe/recorder.ts'
import type { ClientSnapshot, GuardSnapshot } from '../observe/snapshot.ts'
import { idOf } from '../observe/identity.ts'
import type { ConnectionPool } from '../pool/pool.ts'
import type { Runtime } from '../runtime.ts'
import { envPrefixOf } from './env-prefix.ts'
import type { Origins } from './origins.ts'

export interface ClientParts {
  readonly name: string
  readonly runtime: Runtime
  readonly pool: ConnectionPool
  readonly recorder: Recorder
  readonly origins: Origins
  /** Its base URLs' origins. */
  readonly endpoints: readonly string[]
  readonly plan: CallPlan
  readonly health: ClientSnapshot['health']
}

export function snapshotOf(parts: ClientParts, client: object): ClientSnapshot {
  const { name, runtime, pool, recorder, origins, endpoints, health } = parts
  const now = runtime.now()
  return {
    version: 1,
    name,
    at: runtime.wallClock(),
    since: recorder.since,
    poolId: idOf(pool),
    endpoints: [...endpoints],
    health: { status: health.status, reasons: [...health.reasons] },
    guards: Array.from(origins.all(), ([key, guard]) => guardSnapshot(key, guard, now)),
    settings: settingsOf(parts, client),
    ...recorder.figures(),
  }
}

function guardSnapshot(key: string, { origin, breaker, budget }: OriginGuard, now: number): GuardSnapshot {
  const { state, forced, failureRatio, completions, retryAfter, lastFailure } = breaker.snapshot(now)
  return {
    origin,
    group: key === origin ? null : key.slice(origin.length + 1),
    breaker: state,
    ...{ forced, failureRatio, completions, retryAfter },
    transitions: { ...breaker.transitions },
    lastFailure,
    budget: { tokens: budget.level(now), cap: budget.cap },
  }
}

function settingsOf({ plan, pool }: ClientParts, client: object): ClientSnapshot['settings'] {
  const { timeouts, retry, hedged } = plan
  const { acquire, idle } = pool.patience
  return {
    timeout: finite(timeouts.total),
    acquireTimeout: finite(timeouts.acquire ?? acquire),
    attempts: retry.attempts,
    hedged,
    idleTimeout: finite(idle),
    envPrefix: envPrefixOf(client) ?? null,
  }
}

/** JSON has no Infinity. */
function finite(value: number): number | null {
  return value === Infinity ? null : value
}
