/**
 * What happens to a whole client, or to a bare pool, over a simulated network, as data: limits, a list of steps, and how
 * it ends. {@link file://./client-world.ts} plays it. As in {@link file://./pool-schedule.ts}, steps name what they act
 * on by a number, counted round and round over what is there.
 */
import { ManualRuntime } from './manual-runtime.ts'
import { literal, printSteps } from './trial.ts'

/** Servers are numbers; the last two speak HTTP/2. */
export const SERVERS: readonly string[] = ['http://a', 'http://b', 'https://c', 'https://d']

export type ClientStep =
  /**
   * A call to a server. `sort`: its method and body ({@link sorts}); `mark`: nothing, `idempotent: true`, a key,
   * `idempotent: false`; `reader`: how the answer is taken ({@link readers}); `limit`: its timeout in ms, 0 for the
   * client's own; `kind`: its priority (0 as usual, 1 high, 2 low), plus 3 when it belongs to the endpoint group.
   */
  | readonly [
      'call',
      server: number,
      sort: number,
      mark: number,
      reader: number,
      limit: number,
      kind?: number,
    ]
  /**
   * What the calls from now on meet at their server: `after` ms an answer with a status of {@link statuses}, that ends
   * in a way of {@link ways} after so many parts, for the first `times` attempts of each; from then on all is well.
   */
  | readonly ['fate', after: number, status: number, way: number, parts: number, times: number]
  /** Dials to a server take so long, and then succeed (0), are refused (1), or hang (2). */
  | readonly ['dial', server: number, takes: number, how: number]
  /** A server closes what is idle for so long (0: never), by FIN (0) or RST (1). */
  | readonly ['keep', server: number, idle: number, how: number]
  /** A server hints how long it keeps connections, in seconds; 0: it says nothing; 1: it closes after each answer. */
  | readonly ['hint', server: number, seconds: number]
  /** A server works on so many requests at once. */
  | readonly ['workers', server: number, count: number]
  /** A server closes what is idle, or all, now, by FIN (0) or RST (1). */
  | readonly ['hangup', server: number, all: number, how: number]
  /** A server says GOAWAY: what has not arrived by then is not processed. */
  | readonly ['goaway', server: number]
  | readonly ['streams', server: number, count: number]
  /** A caller gives its call up; a reader that stopped reads on. Among those under way. */
  | readonly ['abort', call: number]
  | readonly ['read', call: number]
  | readonly ['resize', maxConnections: number, perOrigin: number, idle: number, dials: number, queue: number]
  | readonly ['evict', server: number]
  | readonly ['warm', server: number, count: number]
  /** So many connections to a server are to be there at any time. */
  | readonly ['maintain', server: number, count: number]
  /** A box on the way forgets all connections to a server: nothing arrives on them any more. */
  | readonly ['vanish', server: number]
  /** Time passes; the clock jumps, as on a machine that was suspended; in ms. */
  | readonly ['pass', ms: number]
  | readonly ['jump', ms: number]
  /** It is closed, with a timeout (0 for none); or destroyed. */
  | readonly ['close', timeout: number]
  | readonly ['destroy']

export type ClientStepName = ClientStep[0]

/** Method and body. */
export const sorts = [
  ['GET', 'none'],
  ['POST', 'text'],
  ['POST', 'stream'],
  ['PUT', 'bytes'],
  ['DELETE', 'none'],
  ['HEAD', 'none'],
  ['PATCH', 'text'],
  ['POST', 'none'],
] as const

/** Collected by the client, read as a stream, read by a slow reader, thrown away, or taken at handler level. */
export const readers = ['text', 'stream', 'stall', 'discard', 'handler'] as const

export const statuses = [200, 503, 429, 500, 404, 408, 502, 201] as const

export const ways = ['whole', 'never', 'fin', 'rst', 'refused'] as const

/** In words: what is simulated is a client (0), or a bare pool (1). */
export interface ClientLimits {
  readonly pool?: number
  readonly maxConnections?: number
  readonly maxConnectionsPerOrigin?: number
  readonly maxIdleConnections?: number
  readonly maxQueue?: number
  readonly maxDials?: number
  readonly acquireTimeout?: number
  readonly connectTimeout?: number
  readonly idleTimeout?: number
  readonly idleGrace?: number
  readonly maxConnectionAge?: number
  readonly maxRequestsPerConnection?: number
  readonly timeout?: number
  readonly attemptTimeout?: number
  readonly hedge?: number
  readonly headersTimeout?: number
  readonly bodyIdleTimeout?: number
  readonly attempts?: number
  readonly budget?: number
  readonly minimumCompletions?: number
  readonly openFor?: number
  /** Requests of the endpoint group that may be in flight; without it there is no group. */
  readonly group?: number
  /** Of the lines: 0 fifo, 1 lifo, 2 codel. */
  readonly discipline?: number
  readonly pingAfter?: number
  readonly pingTimeout?: number
  /** One way, of all servers. */
  readonly latency?: number
  /** 1: calls have hooks, or go through an interceptor. */
  readonly hooks?: number
  readonly interceptors?: number
}

export type ClientEnding = 'rest' | 'close' | 'destroy'

export interface ClientSchedule {
  /** What differs from the defaults. */
  readonly limits: ClientLimits & Readonly<Record<string, number>>
  readonly steps: readonly ClientStep[]
  readonly ending: ClientEnding
}

/** How often each kind of step comes, in some unit. */
const weights: Readonly<Record<Exclude<ClientStepName, 'close' | 'destroy'>, number>> = {
  call: 300,
  pass: 150,
  fate: 80,
  abort: 40,
  read: 30,
  hangup: 30,
  dial: 15,
  keep: 10,
  hint: 10,
  workers: 10,
  goaway: 10,
  streams: 10,
  resize: 10,
  evict: 5,
  warm: 10,
  maintain: 5,
  vanish: 3,
  jump: 3,
}

type Pick = (n: number) => number

/** The schedule of a seed: always the same, on every machine. */
export function clientScheduleOf(seed: number, length: number): ClientSchedule {
  const chance = new ManualRuntime(seed)
  const pick: Pick = (n) => Math.floor(chance.random() * n)
  const limits = randomLimits(pick)
  const ending = (['rest', 'rest', 'close', 'destroy'] as const)[pick(4)]!
  const draw = randomKinds(pick)
  const endsEarly = pick(6) === 0 ? length - pick(length / 4) : Infinity
  const steps: ClientStep[] = []
  for (let i = 0; i < length; i++) {
    if (i === endsEarly) steps.push(pick(2) === 0 ? ['close', pick(2) * pick(5_000)] : ['destroy'])
    else steps.push(randomStep(draw(), pick))
  }
  return { limits, steps, ending }
}

function randomLimits(pick: Pick): ClientSchedule['limits'] {
  return {
    ...(pick(4) === 0 && { pool: 1 }),
    maxConnections: 1 + pick(10),
    maxConnectionsPerOrigin: 1 + pick(6),
    maxIdleConnections: pick(6),
    maxQueue: pick(20),
    maxDials: 1 + pick(6),
    acquireTimeout: 100 + pick(3_000),
    connectTimeout: 50 + pick(2_000),
    idleTimeout: 100 + pick(8_000),
    idleGrace: pick(2) * pick(2_000),
    maxConnectionAge: 1_000 + pick(30_000),
    ...(pick(3) === 0 && { maxRequestsPerConnection: 1 + pick(5) }),
    timeout: 200 + pick(8_000),
    ...(pick(2) === 0 && { attemptTimeout: 100 + pick(2_000) }),
    ...(pick(2) === 0 && { headersTimeout: 50 + pick(1_000) }),
    ...(pick(2) === 0 && { bodyIdleTimeout: 20 + pick(500) }),
    attempts: 1 + pick(5),
    budget: pick(20),
    minimumCompletions: 2 + pick(30),
    openFor: 100 + pick(5_000),
    ...(pick(3) === 0 && { group: 1 + pick(3) }),
    ...(pick(3) === 0 && { discipline: pick(3) }),
    ...(pick(3) === 0 && { pingAfter: 50 + pick(3_000), pingTimeout: 20 + pick(1_000) }),
    latency: pick(6),
    ...(pick(3) === 0 && { hedge: 4 + pick(400) }),
  }
}

/** Every schedule has a temper: some kinds of steps come often, some seldom, some never. */
function randomKinds(pick: Pick): () => ClientStepName {
  const kinds: ClientStepName[] = []
  for (const [name, weight] of Object.entries(weights) as [ClientStepName, number][]) {
    const factor = [0, 0.3, 1, 1, 1, 1, 1, 3][pick(8)]!
    const count = Math.ceil(weight * (name === 'call' || name === 'pass' ? Math.max(factor, 0.3) : factor))
    for (let i = 0; i < count; i++) kinds.push(name)
  }
  return () => kinds[pick(kinds.length)]!
}

const randomSteps: { readonly [K in ClientStepName]: (pick: Pick) => ClientStep } = {
  call: (pick) => {
    const [sort, mark, reader] = [pick(sorts.length), pick(3) * pick(4), pick(readers.length)]
    return ['call', pick(4), sort, mark, reader, pick(3) * pick(3_000), pick(3) * pick(3)]
  },
  fate: (pick) => [
    'fate',
    pick(3) * pick(500),
    pick(2) * pick(statuses.length),
    pick(ways.length),
    pick(3),
    pick(5),
  ],
  dial: (pick) => ['dial', pick(4), pick(2) * pick(1_000), pick(3) * pick(2)],
  keep: (pick) => ['keep', pick(4), pick(2) * pick(3_000), pick(2)],
  hint: (pick) => ['hint', pick(4), pick(6)],
  workers: (pick) => ['workers', pick(4), 1 + pick(5)],
  hangup: (pick) => ['hangup', pick(4), pick(2), pick(2)],
  goaway: (pick) => ['goaway', pick(4)],
  streams: (pick) => ['streams', pick(4), pick(6)],
  abort: (pick) => ['abort', pick(100)],
  read: (pick) => ['read', pick(100)],
  resize: (pick) => ['resize', 1 + pick(10), 1 + pick(6), pick(6), 1 + pick(6), pick(20)],
  evict: (pick) => ['evict', pick(4)],
  warm: (pick) => ['warm', pick(4), 1 + pick(5)],
  maintain: (pick) => ['maintain', pick(4), pick(4)],
  vanish: (pick) => ['vanish', pick(4)],
  pass: (pick) => ['pass', pick(20) === 0 ? pick(10_000) : pick(3) === 0 ? pick(8) : pick(200)],
  jump: (pick) => ['jump', pick(10_000)],
  close: () => ['close', 0],
  destroy: () => ['destroy'],
}

function randomStep(name: ClientStepName, pick: Pick): ClientStep {
  return randomSteps[name](pick)
}

/** The schedule as code that can be pasted into a test. */
export function printClientSchedule({ limits, steps, ending }: ClientSchedule): string {
  const given = Object.entries(limits).map(([name, value]) => `${name}: ${value}`)
  return `{
  limits: ${given.length === 0 ? '{}' : `{ ${given.join(', ')} }`},
  ending: ${literal(ending)},
  steps: [
${printSteps(steps)}
  ],
}`
}
