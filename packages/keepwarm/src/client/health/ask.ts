/** Asks one endpoint how it is: through the pool that the calls use, past everything that judges or counts calls. */
import { KeepwarmError } from '../../errors.ts'
import type { CallPlan } from '../../exchange/plan.ts'
import type { CheckFinding } from '../../health/checks.ts'
import type { PoolSnapshot } from '../../pool/snapshot.ts'
import type { Runtime } from '../../runtime.ts'
import { Call } from '../call.ts'
import type { Calls } from '../calls.ts'
import { readingOf } from '../decode/reading.ts'
import { readHealth, type EndpointHealth } from './health.ts'
import { hooksOfChecks } from '../hooks.ts'
import { planCall } from '../plan.ts'
import type { CallHost } from '../sending.ts'
import { wireRequest, type Defaults } from '../wire-request.ts'

export interface AskHost {
  readonly runtime: Runtime
  readonly pool: { snapshot(): PoolSnapshot }
  readonly calls: Calls
  readonly plan: CallPlan
  readonly defaults: Defaults
  readonly healthPath: string
}

/** What one check found. `unknown`: our own pool had no connection for it, which says nothing about the endpoint. */
export interface Asked {
  readonly finding: CheckFinding | 'unknown'
  readonly health: EndpointHealth
}

/**
 * One attempt, over in `within` ms. Never rejects.
 *
 * @param origin of the endpoint; undefined for a client without a base URL, which cannot ask.
 */
export async function askHealth(
  host: AskHost,
  origin: string | undefined,
  within: number,
  signal?: AbortSignal,
): Promise<Asked> {
  const { runtime } = host
  const startedAt = runtime.now()
  const facts = (): { response_time_ms: number; last_check: string } => ({
    response_time_ms: runtime.now() - startedAt,
    last_check: new Date(runtime.wallClock()).toISOString(),
  })
  try {
    const response = await callFor(host, origin, within, signal)
    const { finding, status } = await readHealth(response)
    const healthy = finding === 'pass'
    const said = status === undefined ? {} : { status }
    return { finding, health: { healthy, status_code: response.status, ...said, ...facts() } }
  } catch (error) {
    const finding = isOurs(error, host.pool, origin) ? 'unknown' : 'fail'
    return { finding, health: { healthy: false, error: (error as Error).message, ...facts() } }
  }
}

function callFor(host: AskHost, origin: string | undefined, within: number, signal?: AbortSignal): Call {
  const { calls, healthPath, defaults } = host
  const base =
    defaults.base === undefined || origin === undefined ? defaults.base : { ...defaults.base, origin }
  const limits = { timeout: within, retry: false, ...(signal !== undefined && { signal }) } as const
  const hooks = hooksOfChecks(host.plan.hooks)
  const plan: CallPlan = { ...planCall(host.plan, limits), hooks, guarded: false, hedged: false, least: 0 }
  const send: CallHost['send'] = (_method, path, _options, handler) => {
    const { options } = wireRequest({ ...defaults, base }, 'GET', path, { priority: 'high' })
    calls.begin(plan, options, handler, undefined, true)
  }
  return new Call(
    {
      base,
      endpoints: [],
      reading: readingOf(undefined),
      runtime: host.runtime,
      patience: () => within,
      send,
    },
    'GET',
    healthPath,
    { throwOnStatus: false },
  )
}

/**
 * Whether it failed because all connections were in use. Where nothing runs at the endpoint, and there was room, it is
 * the endpoint that did not let itself be dialed.
 */
function isOurs(error: unknown, pool: AskHost['pool'], origin: string | undefined): boolean {
  if (!(error instanceof KeepwarmError) || error.phase !== 'wait') return false
  if (error.code === 'queue_full') return true
  const { connections, dialing, maxConnections, origins } = pool.snapshot()
  if (connections - dialing >= maxConnections) return true
  return origins.some((one) => one.origin === origin && one.inFlight > 0)
}
