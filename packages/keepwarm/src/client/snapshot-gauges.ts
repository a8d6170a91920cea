/** How a client and its connections are at the moment, for its history: looked at where something happens. */
import type { Gauges } from '../observe/history.ts'
import type { EventLog } from '../observe/event-log.ts'
import type { ConnectionPool } from '../pool/pool.ts'
import type { Runtime } from '../runtime.ts'
import type { Origins } from './origins.ts'

export interface Looked {
  readonly runtime: Runtime
  readonly pool: ConnectionPool
  /** Whether all that the pool does is done for this client. */
  readonly isOwn: boolean
  readonly endpoints: readonly string[]
  readonly origins: Origins
}

const severity = { closed: 0, 'half-open': 1, open: 2 } as const

/** Of a pool that is shared only the client's own origins count; two clients of one origin see the same. */
export class ClientGauges {
  private readonly looked: Looked
  private readonly halfOpened = new WeakMap<object, number>()
  private leaks = 0
  private lostRaces = 0

  constructor(looked: Looked) {
    this.looked = looked
  }

  /** @param events is told what only the pool sees. */
  look(events: EventLog): Gauges {
    const { pool, isOwn, origins, endpoints, runtime } = this.looked
    if (isOwn) this.tell(pool, endpoints[0] ?? '', events, runtime.now())
    this.tellOfProbes(events)
    const isMine = isOwn ? undefined : isAmong(endpoints, origins)
    return { ...pool.gauges(isMine), breaker: severity[origins.state()] }
  }

  /** Nothing happens when an open breaker becomes half-open: it is seen when somebody looks. */
  private tellOfProbes(events: EventLog): void {
    const now = this.looked.runtime.now()
    for (const { origin, breaker } of this.looked.origins.all().values()) {
      if (breaker.state(now) !== 'half-open') continue
      const { halfOpened } = breaker.transitions
      if (this.halfOpened.get(breaker) === halfOpened) continue
      this.halfOpened.set(breaker, halfOpened)
      events.tell('breaker', 'info', origin, 'the breaker is half-open: a few calls find out')
    }
  }

  private tell({ counters }: ConnectionPool, origin: string, events: EventLog, now: number): void {
    const leaks = counters.leaks - this.leaks
    if (leaks > 0)
      events.again('leak', origin, 'nobody reads a response, which holds its connection', now, leaks)
    const races = counters.lostRaces - this.lostRaces
    if (races > 0)
      events.again('race', origin, 'the server closed an idle connection as a request went out', now, races)
    this.leaks = counters.leaks
    this.lostRaces = counters.lostRaces
  }
}

function isAmong(endpoints: readonly string[], origins: Origins): (key: string) => boolean {
  const mine = new Set(endpoints)
  for (const { origin } of origins.all().values()) mine.add(origin)
  return (key) => mine.has(key) || mine.has(key.split('#', 1)[0]!)
}
