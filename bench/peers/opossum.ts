/** opossum: a breaker with its time limit around `undici.request`. */
import CircuitBreaker from 'opossum'
import { Pool, request } from 'undici'
import type { OpenPeer } from '../support/peers-client.ts'

export const arms = {
  'opossum around undici.request': ({ origin, connections }) => {
    const dispatcher = new Pool(origin, { connections })
    const get = async (path: string): Promise<string> =>
      (await request(origin + path, { dispatcher })).body.text()
    const breaker = new CircuitBreaker(get, { timeout: 30_000 })
    return {
      text: (path) => breaker.fire(path),
      close: () => {
        breaker.shutdown()
        return dispatcher.close()
      },
    }
  },
} satisfies Record<string, OpenPeer>
