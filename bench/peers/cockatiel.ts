/** cockatiel: retry, breaker and timeout around `undici.request`, the nearest to what keepwarm's client has by itself. */
import {
  circuitBreaker,
  ConsecutiveBreaker,
  ExponentialBackoff,
  handleAll,
  retry,
  timeout,
  TimeoutStrategy,
  wrap,
} from 'cockatiel'
import { Pool, request } from 'undici'
import type { OpenPeer } from '../support/peers-client.ts'

export const arms = {
  'cockatiel around undici.request': ({ origin, connections }) => {
    const dispatcher = new Pool(origin, { connections })
    const policy = wrap(
      retry(handleAll, { maxAttempts: 2, backoff: new ExponentialBackoff() }),
      circuitBreaker(handleAll, { halfOpenAfter: 10_000, breaker: new ConsecutiveBreaker(5) }),
      timeout(30_000, TimeoutStrategy.Aggressive),
    )
    return {
      text: (path) =>
        policy.execute(async ({ signal }) =>
          (await request(origin + path, { dispatcher, signal })).body.text(),
        ),
      close: () => dispatcher.close(),
    }
  },
} satisfies Record<string, OpenPeer>
