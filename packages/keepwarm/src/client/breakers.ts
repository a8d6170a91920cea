import type { Forced } from '../breaker/forcing.ts'
import { readSaved, type SavedBreaker } from '../breaker/saved.ts'
import type { BreakerSnapshot } from '../breaker/snapshot.ts'
import { ConfigError } from '../errors.ts'
import { tellBreaker } from '../exchange/breaker-events.ts'
import type { OriginGuard } from '../exchange/host.ts'
import { channels } from '../observe/channels.ts'
import { canonicalOrigin } from '../pool/origin-key.ts'
import type { Runtime } from '../runtime.ts'
import type { Origins } from './origins.ts'

/** What a client's breakers know, as plain JSON: by origin, with the name of the endpoint group behind a space. */
export interface SavedBreakers {
  readonly version: 1
  readonly breakers: Readonly<Record<string, SavedBreaker>>
}

/**
 * A client's breakers, for hands: one for each origin that was called, and for each endpoint group of it.
 *
 * @example
 * using _ = client.breakers.force('open') // nothing is sent while the service is moved
 */
export class ClientBreakers {
  private readonly origins: Origins
  private readonly runtime: Runtime
  private readonly homes: readonly string[]
  private readonly client: string

  /** @internal @param homes the origins of the client's base URLs. @param client its name. */
  constructor(origins: Origins, runtime: Runtime, homes: readonly string[], client: string) {
    this.origins = origins
    this.runtime = runtime
    this.homes = homes
    this.client = client
  }

  /** How each is at this moment, by origin. JSON-safe. */
  snapshot(): Record<string, BreakerSnapshot> {
    const now = this.runtime.now()
    return Object.fromEntries(
      [...this.origins.all()].map(([key, { breaker }]) => [key, breaker.snapshot(now)]),
    )
  }

  /**
   * Holds the breakers of an origin open or closed until what is returned is disposed of: those of its endpoint groups,
   * too, as far as they have been called. Several may hold them; open wins over closed.
   *
   * @param origin Default: the origins of the client's base URLs.
   * @throws ConfigError when there is neither.
   * @example using _ = client.breakers.force('closed', 'http://search:8055')
   */
  force(to: Forced, origin?: string | URL): Disposable {
    if (to !== 'open' && to !== 'closed') {
      throw new ConfigError([{ variable: 'to', received: String(to), expected: 'open or closed' }])
    }
    const guards = this.of(origin)
    const handles = guards.map((guard) => this.told(guard, () => guard.breaker.force(to)))
    return {
      [Symbol.dispose]: () => {
        for (const [i, handle] of handles.entries()) this.told(guards[i]!, () => handle.dispose())
      },
    }
  }

  private told<Result>(guard: OriginGuard, act: () => Result): Result {
    if (!channels.breaker.hasSubscribers) return act()
    const now = this.runtime.now()
    const before = guard.breaker.state(now)
    const result = act()
    tellBreaker(this.client, guard, now, undefined, before)
    return result
  }

  /** What they know, for {@link restore} in another process, such as the next invocation of a function. */
  save(): SavedBreakers {
    const now = this.runtime.now()
    const saved = [...this.origins.all()].map(
      ([key, { breaker }]) => [key, breaker.exportState(now)] as const,
    )
    return { version: 1, breakers: Object.fromEntries(saved) }
  }

  /**
   * Goes on where another client left off. Breakers that are not in it stay as they are.
   * @throws ConfigError when it is not what {@link save} returned; then nothing has changed.
   */
  restore(saved: SavedBreakers): void {
    const { version, breakers } = (saved ?? {}) as Partial<SavedBreakers>
    if (version !== 1 || typeof breakers !== 'object' || breakers === null) {
      const received = (JSON.stringify(saved) ?? 'undefined').slice(0, 100)
      throw new ConfigError([
        { variable: 'breakers', received, expected: 'what client.breakers.save() returned' },
      ])
    }
    const states = Object.entries(breakers).map(([key, state]) => [key, readSaved(state)] as const)
    const now = this.runtime.now()
    for (const [key, state] of states) this.origins.known(key).breaker.importState(state, now)
  }

  private of(origin: string | URL | undefined): OriginGuard[] {
    const wanted = origin === undefined ? this.homes : [canonicalOrigin(String(origin))]
    if (wanted.length === 0) {
      const expected = 'an origin such as http://search:8055, as the client has no baseUrl'
      throw new ConfigError([{ variable: 'origin', received: 'undefined', expected }])
    }
    for (const home of wanted) this.origins.known(home)
    return [...this.origins.all().values()].filter((guard) => wanted.includes(guard.origin))
  }
}
