/** What a service would send, of a scene that plays: its history, and a tick for each second. No clock, no network. */
import { seriesNames } from '../../src/page/state/series.ts'
import type {
  Breaker,
  WireClient,
  WireConnection,
  WireEvent,
  WireOrigin,
  WirePool,
  WireSlice,
  WireTick,
} from '../../src/page/wire.ts'
import { chanceOf, nothing, type FakeClient, type Moment } from './fake-moment.ts'
import type { Scene } from './scenes/usual.ts'

/** Seconds by which the trouble is older than the page. */
const TROUBLE = 40
const breakers: readonly Breaker[] = ['closed', 'half-open', 'open']

export class FakeFeed {
  readonly scene: Scene
  /** The unix second in which the trouble began. */
  readonly began: number

  /** @param opened the unix second at which somebody looks for the first time */
  constructor(scene: Scene, opened: number) {
    this.scene = scene
    this.began = opened - TROUBLE
  }

  /** Rows of the seconds from `from` to `to`, both included. */
  rows(from: number, to: number): WireSlice[] {
    if (to < from) return []
    return this.scene.clients.map((client) => this.slice(client, from, to))
  }

  /** `after`: the newest second that was sent before. */
  tick(second: number, after: number = second - 1): WireTick {
    const { scene } = this
    const since = second - this.began
    return {
      snapshot: {
        version: 1,
        at: second * 1_000 + 950,
        process: {
          pid: 4711,
          node: '26.10.0',
          uptime: 11_520 + since,
          name: 'intelligence-service',
          loop: scene.loop ?? { p50: 1.1, p99: 4.2, max: 11 },
          cpu: scene.loop === undefined ? 0.23 : 0.99,
          rss: 187e6,
        },
        clients: scene.clients.map((client, index) => this.client(client, index, second)),
        pools: scene.clients.map((client, index) => this.pool(client, index, second)),
        events: this.events(second),
      },
      rows: this.rows(Math.max(after + 1, second - 900), second),
      verdicts: scene.verdicts(since),
    }
  }

  moment(client: FakeClient, second: number): Moment {
    return {
      ...nothing,
      limit: client.limit,
      ...client.at(second - this.began, chanceOf(client.name, second)),
    }
  }

  /** The history has connections, also where requests share them. */
  private row(client: FakeClient, second: number): Moment {
    const moment = this.moment(client, second)
    return client.sessions === undefined ? moment : { ...moment, inUse: client.sessions, idle: 0, limit: 20 }
  }

  private slice(client: FakeClient, from: number, to: number): WireSlice {
    const moments = Array.from({ length: to - from + 1 }, (_, index) => this.row(client, from + index))
    const series = Object.fromEntries(
      seriesNames.map((name) => [name, moments.map((moment) => valueOf(moment, name))]),
    )
    return { version: 1, client: client.name, from, seconds: moments.length, series }
  }

  private client(client: FakeClient, index: number, second: number): WireClient {
    const { name, origin, lastFailure, budget = 10 } = client
    const moment = this.moment(client, second)
    const lost = moment.c5xx + moment.connection + moment.timeout
    return {
      name,
      poolId: index + 1,
      endpoints: [`${origin}/`],
      health: { status: 'healthy', reasons: [] },
      guards: [
        {
          origin,
          group: null,
          breaker: breakers[moment.breaker]!,
          forced: null,
          failureRatio: lost / Math.max(1, lost + moment.ok),
          retryAfter: moment.breaker === 2 ? 3_000 : null,
          lastFailure: lastFailure ?? null,
          budget: { tokens: budget, cap: 10 },
        },
      ],
      calls: { inFlight: moment.inUse + moment.waiting, ended: { '2xx': second % 1e6 }, cancelled: 0 },
      attempts: { initial: 1e6, retry: 1e3, hedge: 0 },
      attemptsEnded: { '2xx': 1e6 },
      histograms: { call: { unit: 's', bounds: [], counts: [0] } },
      settings: { timeout: 30_000, acquireTimeout: 5_000, attempts: 4, hedged: false, idleTimeout: 15_000 },
    }
  }

  private pool(client: FakeClient, index: number, second: number): WirePool {
    const list = this.connections(client, second)
    return {
      id: index + 1,
      maxConnections: 100,
      maxConnectionsPerOrigin: client.protocol === 'h2' ? 20 : client.limit,
      maxIdleConnections: 20,
      origins: [this.origin(client, list, second)],
      connectionList: list,
    }
  }

  private origin(client: FakeClient, list: readonly WireConnection[], second: number): WireOrigin {
    const moment = this.moment(client, second)
    const { protocol = 'h1', limit, blockedBy, serverIdle } = client
    const holders = client.holders?.(second - this.began) ?? []
    return {
      origin: client.origin,
      connections: list.length,
      idle: list.filter(({ state }) => state === 'idle').length,
      dialing: moment.dialing,
      inFlight: moment.inUse,
      waiting: moment.waiting,
      oldestWait: moment.oldestWait,
      limit: null,
      protocol,
      maxInFlight: limit,
      blockedBy: moment.waiting > 0 ? (blockedBy ?? 'dialing') : null,
      serverIdle: serverIdle ?? null,
      holders: holders.slice(0, moment.inUse).map((holder, at) => ({ ...holder, connection: at + 1 })),
    }
  }

  private connections(client: FakeClient, second: number): WireConnection[] {
    const { inUse, idle, dialing } = this.moment(client, second)
    const sessions = client.sessions ?? 0
    const states: WireConnection['state'][] =
      sessions > 0
        ? new Array<'busy'>(sessions).fill('busy')
        : [...fill('busy', inUse), ...fill('idle', idle), ...fill('dialing', dialing)]
    return states.map((state, index) => {
      const age = 1_000 * (20 + ((index * 37) % 280)) + (second % 60) * 1_000
      return {
        id: index + 1,
        origin: client.origin,
        state,
        ...(state !== 'dialing' && { protocol: client.protocol ?? 'h1', address: `10.0.4.${17 + (index % 3)}:${client.limit}` }), // prettier-ignore
        openedFor: index === 0 ? 'first' : 'all_busy',
        age: state === 'dialing' ? 310 : age,
        idle: state === 'idle' ? 900 * (1 + (index % 5)) : 0,
        inFlight: state === 'busy' ? Math.ceil(sessions > 0 ? inUse / sessions : 1) : 0,
        requests: state === 'dialing' ? 0 : Math.round(age / 700),
        bytesRead: age * 41,
        bytesWritten: age * 7,
      }
    })
  }

  /** The newest 200. */
  private events(second: number): WireEvent[] {
    const found: WireEvent[] = []
    for (let at = second; at > second - 900 && found.length < 200; at--) {
      for (const event of this.scene.events(at - this.began)) {
        found.unshift({ ...event, at: at * 1_000 + 120, number: at })
      }
    }
    return found
  }
}

function fill(state: WireConnection['state'], many: number): WireConnection['state'][] {
  return new Array<WireConnection['state']>(many).fill(state)
}

function valueOf(moment: Moment, name: (typeof seriesNames)[number]): number | null {
  const ended = moment.ok + moment.c4xx + moment.c5xx + moment.timeout + moment.connection + moment.refused
  if (name === 'attempts') return ended + moment.retries + moment.hedges - moment.refused
  if (name === 'p99') return moment.p95 * 1.3
  const isTime = ['p50', 'p95', 'before', 'queued', 'connect', 'send', 'headers', 'download'].includes(name)
  return isTime && ended === 0 ? null : moment[name]
}
