/**
 * An upstream as queueing theory sees it, in virtual time: so many slots, a line before them that is first come first
 * served, and a time that each request takes. Clients send at random moments and give up after a while; a client's
 * limit turns away at once what is above it.
 */
import type { Limiter, SampleOutcome } from '../limit/limiter.ts'
import { ManualRuntime } from './manual-runtime.ts'

/** How long a request takes in its slot, in ms. `random` gives numbers in [0, 1). */
export type ServiceTime = (random: () => number) => number

/** Half of the requests take less than 0.7 times the mean, one in a hundred more than 4.6 times. */
export function exponential(mean: number): ServiceTime {
  return (random) => -Math.log(1 - random()) * mean
}

/** Four of five requests are short, the fifth takes six times as long on average; each kind is exponential. */
export function bimodal(mean: number): ServiceTime {
  const [short, long] = [exponential(mean / 2), exponential(3 * mean)]
  return (random) => (random() < 0.8 ? short : long)(random)
}

export interface QueueingServerOptions {
  readonly slots: number
  readonly service: ServiceTime
  /** Requests that may stand in line; who comes when it is full is told `overload`. Default Infinity. */
  readonly maxQueue?: number
  /**
   * Whether each slot is a share of one machine: then nobody stands in line, and with twice as many requests as slots
   * each takes twice as long, by what was there when it came. Default false.
   */
  readonly shared?: boolean
}

/** Somebody who asked a {@link QueueingServer}; it does the work even for those who have left. */
export interface Visitor {
  answered(answer: 'success' | 'overload'): void
}

export class QueueingServer {
  /** Every service time is multiplied by it. */
  slowness = 1
  /** While dead it takes requests and never answers them. Those it had before it still answers. */
  dead = false
  private readonly runtime: ManualRuntime
  private readonly options: QueueingServerOptions
  private readonly random: () => number
  private busy = 0
  private readonly line: Visitor[] = []
  /** Where the line begins in `line`. */
  private first = 0

  constructor(runtime: ManualRuntime, options: QueueingServerOptions) {
    this.runtime = runtime
    this.options = options
    this.random = () => runtime.random()
  }

  ask(visitor: Visitor): void {
    const { slots, maxQueue = Infinity, shared = false } = this.options
    if (this.dead) return
    if (shared || this.busy < slots) this.serve(visitor)
    else if (this.line.length - this.first < maxQueue) this.line.push(visitor)
    else visitor.answered('overload')
  }

  private serve(visitor: Visitor): void {
    this.busy++
    const crowd = Math.max(1, this.busy / this.options.slots)
    const takes = this.options.service(this.random) * this.slowness
    this.runtime.after(this.options.shared === true ? takes * crowd : takes, () => {
      this.busy--
      const next = this.next()
      if (next !== undefined) this.serve(next)
      visitor.answered('success')
    })
  }

  private next(): Visitor | undefined {
    const visitor = this.line[this.first]
    if (visitor === undefined) return undefined
    this.first++
    if (this.first > 1_024 && this.first * 2 > this.line.length) {
      this.line.splice(0, this.first)
      this.first = 0
    }
    return visitor
  }
}

/** A while of a {@link QueueingWorkload}. */
export interface QueueingPhase {
  /** In seconds. */
  readonly lasts: number
  /** Requests a second, of all clients together. */
  readonly rate: number
  readonly slowness?: number
  readonly dead?: boolean
  /** Whether it counts for the figures. Default true. */
  readonly counts?: boolean
}

export interface QueueingWorkload {
  readonly server: QueueingServerOptions
  readonly phases: readonly QueueingPhase[]
  /** Default 1. */
  readonly clients?: number
  /** When a client gives up, in ms. Default 1000. */
  readonly timeout?: number
}

const plain: QueueingServerOptions = { slots: 20, service: exponential(50) }
const before = (lasts: number, rate: number): QueueingPhase => ({ lasts, rate, counts: false })

/** What a limit must stand. The server can do 400 requests a second. */
export const limitWorkloads: Readonly<Record<LimitWorkloadName, QueueingWorkload>> = {
  step: { server: plain, phases: [before(10, 280), { lasts: 120, rate: 600 }] },
  shared: { server: plain, clients: 4, phases: [{ lasts: 120, rate: 1_200 }] },
  lasting: { server: plain, phases: [{ lasts: 600, rate: 600 }] },
  slower: {
    server: { slots: 20, service: bimodal(50) },
    phases: [before(30, 162), { lasts: 120, rate: 162, slowness: 2 }],
  },
  burst: { server: plain, phases: [before(300, 5), { lasts: 120, rate: 361 }] },
}

/**
 * `step` from 0.7 of what the server can do to 1.5; `shared`: four clients want three times as much, and it never says no;
 * `lasting`: 1.5 for ten minutes; `slower`: at 0.4 it becomes half as fast; `burst`: next to nothing, then 0.9.
 */
export type LimitWorkloadName = 'step' | 'shared' | 'lasting' | 'slower' | 'burst'

/** What came of a {@link QueueingWorkload}, in the phases that count. Seconds are those of the whole run. */
export interface QueueingResult {
  /** Answers in time, a second. */
  readonly goodput: number
  /** Of each client. */
  readonly goodputs: readonly number[]
  /** A second: turned away by the client's own limit; told `overload`; given up. */
  readonly shed: number
  readonly overloaded: number
  readonly lost: number
  /** Of the answers in time, in ms from being sent. */
  readonly p50: number
  readonly p99: number
  /** Of each second: the answers in time, and the sum of the limits at its end. */
  readonly good: readonly number[]
  readonly limits: readonly number[]
  /** Of each client, at the end. */
  readonly endLimits: readonly number[]
}

type Tally = Record<'shed' | SampleOutcome, number>

/**
 * The same seed gives the same result, on every machine.
 *
 * @param limiter of each client; an object with a `limit` that stays is a fixed limit.
 * @example
 * const { goodput } = runQueueing(
 *   { server: { slots: 20, service: exponential(50) }, phases: [{ lasts: 60, rate: 600 }] },
 *   () => ({ limit: 40, sample: () => {} }),
 *   1,
 * )
 */
export function runQueueing(
  workload: QueueingWorkload,
  limiter: () => Limiter,
  seed: number,
): QueueingResult {
  return new Run(workload, limiter, seed).run()
}

class Run {
  readonly runtime: ManualRuntime
  readonly server: QueueingServer
  readonly timeout: number
  readonly rtts: number[] = []
  readonly good: number[] = []
  readonly limits: number[] = []
  counts = true
  rate = 0
  private readonly workload: QueueingWorkload
  private readonly clients: Client[]

  constructor(workload: QueueingWorkload, limiter: () => Limiter, seed: number) {
    this.workload = workload
    this.runtime = new ManualRuntime(seed)
    this.server = new QueueingServer(this.runtime, workload.server)
    this.timeout = workload.timeout ?? 1_000
    this.clients = Array.from({ length: workload.clients ?? 1 }, () => new Client(this, limiter()))
  }

  run(): QueueingResult {
    let counted = 0
    for (const { lasts, rate, slowness = 1, dead = false, counts = true } of this.workload.phases) {
      this.rate = rate / this.clients.length
      this.counts = counts
      Object.assign(this.server, { slowness, dead })
      for (const client of this.clients) client.arrive()
      for (let second = 0; second < lasts; second++) this.second()
      if (counts) counted += lasts
    }
    return this.result(counted)
  }

  private second(): void {
    this.good.push(0)
    this.runtime.advance(1_000)
    this.limits.push(this.clients.reduce((sum, { limiter }) => sum + limiter.limit, 0))
  }

  private result(seconds: number): QueueingResult {
    const each = (field: keyof Tally): number[] => this.clients.map(({ tally }) => tally[field] / seconds)
    const sum = (field: keyof Tally): number => each(field).reduce((total, value) => total + value, 0)
    const sorted = Float64Array.from(this.rtts).sort()
    const at = (share: number): number => sorted[Math.ceil(sorted.length * share) - 1] ?? NaN
    return {
      goodput: sum('success'),
      goodputs: each('success'),
      shed: sum('shed'),
      overloaded: sum('overload'),
      lost: sum('lost'),
      p50: at(0.5),
      p99: at(0.99),
      good: this.good,
      limits: this.limits,
      endLimits: this.clients.map(({ limiter }) => limiter.limit),
    }
  }
}

class Client {
  readonly limiter: Limiter
  readonly tally: Tally = { success: 0, shed: 0, overload: 0, lost: 0 }
  inFlight = 0
  readonly run: Run
  /** Arrivals of an earlier phase stop when another begins. */
  private epoch = 0

  constructor(run: Run, limiter: Limiter) {
    this.run = run
    this.limiter = limiter
  }

  /** From now on requests come at the rate of the run. */
  arrive(): void {
    this.expect(++this.epoch)
  }

  private expect(epoch: number): void {
    const { runtime, rate } = this.run
    if (rate === 0) return
    runtime.after((-Math.log(1 - runtime.random()) * 1_000) / rate, () => {
      if (epoch !== this.epoch) return
      this.send()
      this.expect(epoch)
    })
  }

  private send(): void {
    if (this.inFlight < this.limiter.limit) {
      this.inFlight++
      this.run.server.ask(new Call(this))
    } else if (this.run.counts) this.tally.shed++
  }
}

class Call implements Visitor {
  private gone = false
  private readonly client: Client
  private readonly sentAt: number
  private readonly timer: ReturnType<ManualRuntime['after']>

  constructor(client: Client) {
    const { runtime, timeout } = client.run
    this.client = client
    this.sentAt = runtime.now()
    this.timer = runtime.after(timeout, () => this.end('lost'))
  }

  answered(answer: 'success' | 'overload'): void {
    if (!this.gone) this.end(answer)
  }

  private end(outcome: SampleOutcome): void {
    const { client, sentAt } = this
    const { runtime, counts, rtts, good } = client.run
    this.gone = true
    this.timer.cancel()
    const now = runtime.now()
    client.limiter.sample(now - sentAt, client.inFlight--, outcome, now, runtime.random())
    if (outcome === 'success') good[good.length - 1]!++
    if (!counts) return
    if (outcome === 'success') rtts.push(now - sentAt)
    client.tally[outcome]++
  }
}
