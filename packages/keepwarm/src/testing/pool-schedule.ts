/**
 * What happens to a pool, as data: its limits, a list of steps, and how it ends. A schedule comes from a seed, or is
 * written by hand; {@link file://./pool-world.ts} plays it.
 *
 * Steps name what they act on by a number, counted round and round over what is there (`['finish', 7]` with three
 * requests running ends the second). So any step can be taken out of a schedule and the rest still means something.
 */
import { limiterAlgorithms, type LimiterSettings } from '../limit/options.ts'
import type { PoolLimits } from '../pool/limits.ts'
import type { SizingOptions } from '../pool/sizing.ts'
import { ManualRuntime } from './manual-runtime.ts'
import { literal, printSteps } from './trial.ts'

/** Origins are numbers; requests to this one go over HTTP/2. */
export const HTTP2_ORIGIN = 3
export const ORIGINS: readonly string[] = ['a', 'b', 'c', 'd']
/** The addresses that origins can lead to, and where each leads at first. */
export const ADDRESSES: readonly string[] = ['w', 'x', 'y', 'z']
export const LEADS: readonly (readonly string[])[] = [['w', 'x'], ['x'], ['y'], ['w', 'z']]
/** The endpoint group that every origin has. */
export const GROUP = 'group'

export type Step =
  /**
   * A request comes and waits `patience` ms at most; `fickle` 1: it is over before it is dispatched. `kind`: its
   * priority (0 high, 1 as usual, 2 low), plus 3 when it belongs to the endpoint group; 1 when left out.
   */
  | readonly ['ask', origin: number, patience: number, fickle: number, kind?: number]
  /** A response is complete; over HTTP/1.1 the connection takes the next one `drains` ms later. */
  | readonly ['finish', running: number, drains: number]
  /** A response says how long the server keeps the connection, in ms. */
  | readonly ['hint', running: number, keepAlive: number]
  /** A dial succeeds; over HTTP/2 with so many streams, the second one after `settings` ms. */
  | readonly ['open', dial: number, streams: number, settings: number, chance: number]
  | readonly ['refuse', dial: number]
  /** A request leaves: while it waits, while it runs. */
  | readonly ['abort', waiting: number]
  | readonly ['cut', running: number]
  /** A connection dies. What ran on it fails (0), goes again (1), or wants one that never served (2). */
  | readonly ['close', socket: number, then: number]
  /** A connection takes no more requests; what runs on it goes on. */
  | readonly ['goaway', socket: number]
  /** An HTTP/2 session may lead nowhere; and it does lead somewhere. */
  | readonly ['suspend', socket: number]
  | readonly ['resume', socket: number]
  | readonly ['upgrade', running: number]
  /** So many sockets that were ordered closed are gone. */
  | readonly ['gone', count: number]
  | readonly ['resize', maxConnections: number, perOrigin: number, idle: number, dials: number, queue: number]
  /** The endpoint group may have so many requests in flight. */
  | readonly ['limit', inFlight: number]
  /** Limits follow the server from now on, by another rule; 0 ends that. */
  | readonly ['limiter', rule: number]
  /**
   * The head of a response came, `rtt` ms after its request was written, or will not come (`outcome` 0 success, 1 overload,
   * 2 lost); as if so many had ended alike, because limits that adapt go by many.
   */
  | readonly ['sample', running: number, outcome: number, rtt: number, count: number, chance: number]
  | readonly ['warm', origin: number, count: number]
  /** An origin is to have so many connections at least. */
  | readonly ['maintain', origin: number, count: number]
  /** An origin leads to other addresses: those whose bits are set. */
  | readonly ['lead', origin: number, addresses: number]
  /** A request has been without an answer for so long that its connection is doubted; it runs on. */
  | readonly ['doubt', running: number]
  /** Time passes, in ms: the core is woken when it asked to be. */
  | readonly ['pass', ms: number]
  /** The clock jumps, in ms: nobody was awake in between. */
  | readonly ['jump', ms: number]
  /** It is noticed that the machine slept. */
  | readonly ['sleep']
  | readonly ['shutdown']

export type StepName = Step[0]

/**
 * After the last step nobody asks any more, and everything must come to an end: by itself (`rest`), closed, or
 * destroyed.
 */
export type Ending = 'rest' | 'shutdown' | 'destroy'

export interface Schedule {
  /** What differs from the defaults. */
  readonly limits: Partial<PoolLimits>
  readonly steps: readonly Step[]
  readonly ending: Ending
}

/** How often each kind of step comes, in some unit. */
const weights: Readonly<Record<Exclude<StepName, 'shutdown'>, number>> = {
  ask: 350,
  finish: 250,
  open: 90,
  gone: 90,
  pass: 80,
  abort: 50,
  close: 35,
  refuse: 30,
  hint: 20,
  goaway: 10,
  suspend: 10,
  resume: 10,
  cut: 10,
  resize: 10,
  limit: 5,
  limiter: 5,
  sample: 100,
  warm: 10,
  maintain: 5,
  lead: 3,
  doubt: 5,
  upgrade: 4,
  jump: 3,
  sleep: 2,
}

/** The schedule of a seed: always the same, on every machine. */
export function scheduleOf(seed: number, length: number): Schedule {
  const chance = new ManualRuntime(seed)
  const pick = (n: number): number => Math.floor(chance.random() * n)
  const limits = randomLimits(pick)
  const ending = (['rest', 'shutdown', 'destroy'] as const)[pick(3)]!
  const draw = randomKinds(pick)
  const shutdownAt = pick(8) === 0 ? length - pick(length / 4) : Infinity
  const steps: Step[] = []
  for (let i = 0; i < length; i++) steps.push(i === shutdownAt ? ['shutdown'] : randomStep(draw(), pick))
  return { limits, steps, ending }
}

function randomLimits(pick: (n: number) => number): Partial<PoolLimits> {
  return {
    maxConnections: 1 + pick(12),
    maxConnectionsPerOrigin: 1 + pick(6),
    maxIdleConnections: pick(5),
    maxDials: 1 + pick(6),
    maxQueue: 1 + pick(20),
    maxConnectionsPerAddress: pick(3) === 0 ? 1 + pick(4) : Infinity,
    maxConnectionAge: 2_000 + pick(30_000),
    idleTimeout: 500 + pick(5_000),
    idleGrace: pick(2) * pick(2_000),
    maxRequestsPerConnection: pick(3) === 0 ? 1 + pick(5) : Infinity,
    groups: new Map([
      [GROUP, { maxInFlight: 1 + pick(4), maxQueue: 1 + pick(10), limiter: randomLimiter(pick) }],
    ]),
    limiter: randomLimiter(pick),
    discipline: (['fifo', 'fifo', 'lifo', 'codel'] as const)[pick(4)]!,
    overloadAfter: 100 + pick(1_000),
    overloadWait: 1 + pick(200),
    adaptive: pick(3) === 0 ? randomSizing(pick) : null,
  }
}

/**
 * Every schedule has a temper: some kinds of steps come often, some seldom, some never. A mean of everything would
 * seldom fill a line, or leave all sockets hanging, or lose every dial.
 */
function randomKinds(pick: (n: number) => number): () => StepName {
  const kinds: StepName[] = []
  for (const [name, weight] of Object.entries(weights) as [StepName, number][]) {
    const factor = [0, 0.3, 1, 1, 1, 1, 1, 3][pick(8)]!
    const count = Math.ceil(weight * (name === 'ask' || name === 'pass' ? Math.max(factor, 0.3) : factor))
    for (let i = 0; i < count; i++) kinds.push(name)
  }
  return () => kinds[pick(kinds.length)]!
}

function randomStep(name: StepName, pick: (n: number) => number): Step {
  switch (name) {
    case 'ask':
      return [name, pick(ORIGINS.length), 100 + pick(5_000), pick(40) === 0 ? 1 : 0, randomKind(pick)]
    case 'finish':
      return [name, pick(100), pick(3)]
    case 'hint':
      return [name, pick(100), pick(4) === 0 ? pick(70_000) : pick(5_000)]
    case 'open':
      return [name, pick(100), 1 + pick(10), pick(3), pick(100) / 100]
    case 'close':
      return [name, pick(100), pick(3)]
    case 'gone':
      return [name, 1 + pick(6)]
    case 'resize':
      return [name, 1 + pick(12), 1 + pick(6), pick(5), 1 + pick(6), 1 + pick(20)]
    case 'limit':
      return [name, 1 + pick(6)]
    case 'limiter':
      return [name, pick(limiterAlgorithms.length + 1)]
    case 'sample':
      return [name, pick(100), pick(5) === 0 ? 1 + pick(2) : 0, 10 + pick(10), 1 + pick(60), pick(100) / 100]
    case 'warm':
      return [name, pick(ORIGINS.length), 1 + pick(5)]
    case 'maintain':
      return [name, pick(ORIGINS.length), pick(4)]
    case 'lead':
      return [name, pick(ORIGINS.length), 1 + pick(15)]
    case 'pass':
      return [name, pick(20) === 0 ? pick(20_000) : pick(300)]
    case 'jump':
      return [name, pick(30_000)]
    case 'sleep':
    case 'shutdown':
      return [name]
    case 'refuse':
    case 'abort':
    case 'cut':
    case 'goaway':
    case 'suspend':
    case 'resume':
    case 'upgrade':
    case 'doubt':
      return [name, pick(100)]
  }
}

function randomSizing(pick: (n: number) => number): SizingOptions {
  return { floor: pick(4), headroom: 1 + pick(10) / 10, window: 1_000 + pick(20_000) }
}

/** Most limits do not adapt. */
function randomLimiter(pick: (n: number) => number): LimiterSettings | null {
  return pick(3) === 0 ? limiterOf(1 + pick(limiterAlgorithms.length)) : null
}

/** With bounds so narrow that the limit is often in the way. */
export function limiterOf(rule: number): LimiterSettings | null {
  if (rule === 0) return null
  return { algorithm: limiterAlgorithms[(rule - 1) % limiterAlgorithms.length]!, min: 1, max: 8, initial: 1 }
}

/** Most are as usual. */
function randomKind(pick: (n: number) => number): number {
  const priority = pick(3) === 0 ? pick(3) : 1
  return priority + (pick(3) === 0 ? 3 : 0)
}

/** The schedule as code that can be pasted into a test. */
export function printSchedule({ limits, steps, ending }: Schedule): string {
  const given = Object.entries(limits).map(([name, value]) => `${name}: ${printLimit(value)}`)
  return `{
  limits: ${given.length === 0 ? '{}' : `{ ${given.join(', ')} }`},
  ending: '${ending}',
  steps: [
${printSteps(steps)}
  ],
}`
}

function printLimit(value: Partial<PoolLimits>[keyof PoolLimits]): string {
  if (typeof value === 'string') return literal(value)
  if (typeof value !== 'object' || value === null) return String(value)
  if ('floor' in value) {
    return `{ floor: ${value.floor}, headroom: ${value.headroom}, window: ${value.window} }`
  }
  if ('algorithm' in value) return printLimiter(value)
  const groups = Array.from(value, ([name, { maxInFlight, maxQueue, limiter }]) => {
    const printed = `{ maxInFlight: ${maxInFlight}, maxQueue: ${maxQueue}, limiter: ${printLimiter(limiter)} }`
    return `[${literal(name)}, ${printed}]`
  })
  return `new Map([${groups.join(', ')}])`
}

function printLimiter(limiter: LimiterSettings | null): string {
  if (limiter === null) return 'null'
  const { algorithm, min, max, initial } = limiter
  return `{ algorithm: ${literal(algorithm)}, min: ${min}, max: ${max}, initial: ${initial} }`
}
