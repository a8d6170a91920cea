import { Dispatcher } from 'undici'
import { modernHandler } from '../pool/modern-handler.ts'
import { realRuntime } from '../runtime.ts'
import { Calls } from './calls.ts'
import { asClientOptions, type ResilienceOptions } from './interceptor-options.ts'
import { Origins } from './origins.ts'
import { Passage } from './passage.ts'
import { guardOptions, resolvePlan } from './plan.ts'

export type { GuardedPaths, ResilienceOptions } from './interceptor-options.ts'

/**
 * An undici interceptor that makes the requests of any dispatcher as an `HttpClient` makes its own: deadlines, retries
 * that are paid for by successes, a breaker per origin, hedging. Each dispatcher that it is composed into has its own
 * breakers and budgets. Requests fail with {@link KeepwarmError}.
 *
 * It begins nothing of its own that lasts: only the pause before a retry keeps the process alive, and what the
 * dispatcher refuses once it is closed ends with `closed`.
 *
 * @param options those of an `HttpClient` that do not concern connections, with the same defaults: 30 s for a request
 *   with its body, 3 attempts, 64 MiB.
 * @throws ConfigError naming every option that is unknown or wrong.
 * @example
 * const agent = new Agent().compose(resilience({ timeout: 5_000 }))
 * const { body } = await request('http://search:8055/api', { dispatcher: agent })
 */
export function resilience(options: ResilienceOptions = {}): Dispatcher.DispatcherComposeInterceptor {
  const given = asClientOptions(options)
  const plan = resolvePlan(given)
  const { runtime = realRuntime } = given
  const guards = guardOptions(given, plan)
  new Origins(runtime, guards) // so that wrong options fail here, not when it is composed
  return (dispatch) => {
    const pool = new Beneath(dispatch)
    const calls = new Calls({ name: 'interceptor', runtime, pool, endpoints: [], ...guards })
    return (request, handler) => {
      calls.begin(plan, request, modernHandler(handler))
      return true
    }
  }
}

/** What the interceptor was composed onto. Closing is its owner's affair. */
class Beneath extends Dispatcher {
  private readonly next: Dispatcher.Dispatch

  constructor(next: Dispatcher.Dispatch) {
    super()
    this.next = next
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    new Passage(options, handler).go(this.next)
    return true
  }
}
