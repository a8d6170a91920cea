/** The books of a simulated client or pool: what every call came to, and what its servers saw of it. */
import { ManualRuntime } from './manual-runtime.ts'
import { SimulatedNetwork } from './network.ts'
import type { Answer, ArrivedRequest } from './network-behaviour.ts'
import type { SimulatedServer } from './network-server.ts'
import { SERVERS, type ClientLimits } from './client-schedule.ts'
import { good, type Fate, type Visit } from './client-visit.ts'
import { BrokenLaw } from './laws.ts'
import { put, take } from './pool-books.ts'

/** What a bare pool is not told: nobody waits longer for it, nobody is late. */
export const PATIENT = 8_000

export class ClientBooks {
  readonly runtime: ManualRuntime
  readonly network: SimulatedNetwork
  readonly servers: readonly SimulatedServer[]
  readonly limits: ClientLimits
  readonly visits: Visit[] = []
  /** Those that are not settled. */
  readonly underWay: Visit[] = []
  fate: Fate = good
  /** From now on every answer is good. */
  isWell = false
  /** Where the clock jumped to last: what was due in between could only happen then. */
  jumpedTo = 0
  /** Seconds that each server hints at; 1: it closes after each answer. */
  readonly hints: number[] = SERVERS.map(() => 0)
  processed = 0
  /** The first law that did not hold somewhere in between. */
  protected broken: BrokenLaw | undefined
  private readonly told: ((how: string) => void) | undefined

  /** @param told is told how each call settled. */
  constructor(limits: ClientLimits, told?: (how: string) => void) {
    this.limits = limits
    this.told = told
    this.runtime = new ManualRuntime(1)
    this.network = new SimulatedNetwork(this.runtime)
    const { latency = 1 } = limits
    this.servers = SERVERS.map((origin, n) =>
      this.network.serve(origin, {
        protocol: n >= 2 ? 'h2' : 'h1',
        latency,
        answer: (request) => this.arrived(request, n),
      }),
    )
  }

  /** As `must`, where a throw would go astray: in what a client or a server calls back. */
  readonly law = (holds: boolean, law: string): void => {
    if (!holds) this.broken ??= new BrokenLaw(law)
  }

  enter(visit: Visit): void {
    this.visits.push(visit)
    put(this.underWay, visit)
  }

  settle(visit: Visit, how: string): void {
    const { runtime, jumpedTo } = this
    this.law(visit.settled === undefined, `settles exactly once: ${visit.settled}, then ${how}`)
    if (visit.settled !== undefined) return
    visit.settled = how
    visit.settledAt = runtime.now()
    take(this.underWay, visit)
    this.law(visit.settledAt <= Math.max(visit.deadline, jumpedTo), 'every call ends by its deadline')
    this.told?.(how)
  }

  protected visitOf(headers: Readonly<Record<string, string>>): Visit {
    return this.visits[Number(headers['x-visit'])]!
  }

  /** A request has come to a server. */
  private arrived(request: ArrivedRequest, server: number): Answer {
    const visit = this.visitOf(request.headers)
    const { fate, deadline, settledAt } = visit
    const { latency } = this.servers[server]!.behaviour
    const sentAt = request.at - latency
    visit.arrived++
    this.law(sentAt <= visit.givenAt, 'nothing goes again once the caller has a part of the answer')
    this.law(
      visit.settled === undefined || sentAt <= Math.max(settledAt, this.jumpedTo),
      'nothing is sent after the end',
    )
    this.law(sentAt <= Math.max(deadline, this.jumpedTo), 'nothing is sent past the deadline')
    const well = this.isWell || visit.arrived > fate.times
    const answer = answerOf(well ? good : fate, visit, this.hints[server]!)
    if (answer.ends === 'refused') return answer
    this.processed++
    visit.processed++
    this.law(visit.mayRepeat || visit.processed === 1, 'nothing is processed twice that may not be')
    return answer
  }
}

function answerOf({ after, status, way, parts }: Fate, { method, id }: Visit, hint: number): Answer {
  const connection =
    hint === 1 ? { connection: 'close' } : hint > 1 ? { 'keep-alive': `timeout=${hint}` } : {}
  const again = status === 503 || status === 429 ? { 'retry-after': String(id % 3) } : {}
  const body = method === 'HEAD' ? [] : ['one', 'two', 'three']
  return { after, status, ends: way, parts, body, every: id % 7, headers: { ...connection, ...again } }
}
