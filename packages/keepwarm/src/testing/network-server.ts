import { ConfigError } from '../errors.ts'
import { optionProblems } from '../known-options.ts'
import type { Runtime } from '../runtime.ts'
import {
  behaviourDefaults,
  behaviourNames,
  type Answer,
  type ArrivedRequest,
  type Closing,
  type Dialing,
  type ServerBehaviour,
} from './network-behaviour.ts'
import { WorkLine } from './network-line.ts'
import { ServerEnd, type SentRequest } from './network-server-end.ts'
import type { ClientEnd, Wire } from './network-wire.ts'
import type { Work } from './network-work.ts'

/** How many connections a server had open from `at` on. */
export interface OpenAt {
  readonly at: number
  readonly open: number
}

/**
 * A server of a simulated network. It does what its behaviour says, which can change at any time, and keeps its own
 * books: what a client claims can be held against them.
 *
 * @example
 * const server = network.server('http://orders')
 * server.behave({ answer: { status: 503 } })
 * server.closeIdle('rst')
 * expect(server.requests).toHaveLength(3)
 */
export class SimulatedServer {
  readonly origin: string
  readonly runtime: Runtime
  behaviour: Required<ServerBehaviour>
  /** All that arrived. */
  readonly requests: ArrivedRequest[] = []
  /** Each change of the number of open connections. */
  readonly history: OpenAt[] = []
  /** Connections that it accepted so far, and the most that were open at once. */
  accepted = 0
  mostOpen = 0
  private dials = 0
  private readonly ends = new Set<ServerEnd>()
  private readonly working = new Set<Work>()
  private readonly line = new WorkLine()
  private readonly counted: (change: 1 | -1) => void

  /** @param counted is told of every connection that opens or ends. */
  constructor(
    runtime: Runtime,
    origin: string,
    behaviour: ServerBehaviour,
    counted: (change: 1 | -1) => void = () => {},
  ) {
    this.runtime = runtime
    this.origin = origin
    this.counted = counted
    this.behaviour = behaviourDefaults
    this.behave(behaviour)
  }

  /** Connections that are open, as it sees them. */
  get open(): number {
    return this.ends.size
  }

  /**
   * From now on it behaves in this way; what is not named stays.
   * @throws ConfigError naming what no server has
   */
  behave(changes: ServerBehaviour): void {
    const problems = optionProblems(changes, behaviourNames, this.origin)
    if (problems.length > 0) throw new ConfigError(problems)
    this.behaviour = { ...this.behaviour, ...changes }
    if (changes.maxStreams !== undefined) for (const end of this.h2Ends()) end.settings()
    if (changes.workers !== undefined) this.employ()
  }

  /** Closes the connections on which nothing runs; a request may just be on its way there. Returns how many. */
  closeIdle(how: Closing = 'fin'): number {
    const idle = [...this.ends].filter(({ isIdle }) => isIdle)
    for (const end of idle) end.close(how)
    return idle.length
  }

  /** Closes all connections, whatever runs on them. */
  closeAll(how: Closing = 'rst'): void {
    for (const end of [...this.ends]) end.close(how)
  }

  /** It falls down: all connections are reset, and all that it works on, or has in line, is lost. */
  crash(): void {
    for (const work of this.working) work.stop()
    this.working.clear()
    this.line.clear()
    this.closeAll('rst')
  }

  /** A box on the way forgets all connections: nothing arrives on them any more, and nobody is told. */
  vanish(): void {
    for (const end of [...this.ends]) end.cut()
  }

  /** h2: announces on all sessions that they take no more streams. `last`: those above it were not processed. */
  goaway(last?: number): void {
    for (const end of this.h2Ends()) end.goaway(last)
  }

  private h2Ends(): ServerEnd[] {
    return [...this.ends].filter(({ protocol }) => protocol === 'h2')
  }

  // ── for the network ────────────────────────────────────────────────────────────────────────────────────────

  /** @internal */
  dialed(): Dialing {
    const { dial } = this.behaviour
    return typeof dial === 'function' ? dial(++this.dials) : dial
  }

  /** @internal */
  accept(http1Only: boolean, wire: Wire, client: ClientEnd): ServerEnd {
    const protocol = http1Only ? 'h1' : this.behaviour.protocol
    const end = new ServerEnd(this, ++this.accepted, protocol, wire, client)
    this.ends.add(end)
    this.count(1)
    return end
  }

  /** @internal */
  lost(end: ServerEnd): void {
    this.ends.delete(end)
    this.count(-1)
  }

  private count(change: 1 | -1): void {
    const { open } = this
    this.counted(change)
    this.mostOpen = Math.max(this.mostOpen, open)
    this.history.push({ at: this.runtime.now(), open })
  }

  /** @internal */
  answerTo(request: SentRequest, connection: number): Answer {
    const { answer } = this.behaviour
    return typeof answer === 'function' ? answer(this.arrived(request, connection, true)) : answer
  }

  /** @internal */
  note(request: SentRequest, connection: number, processed: boolean): void {
    this.requests.push(this.arrived(request, connection, processed))
  }

  private arrived(request: SentRequest, connection: number, processed: boolean): ArrivedRequest {
    return { ...request, number: this.requests.length + 1, connection, at: this.runtime.now(), processed }
  }

  /** @internal It is worked on as soon as there is a worker, or turned away when too many wait for one. */
  take(work: Work): void {
    if (this.isFull) return work.begin(overloaded)
    this.line.push(work)
    this.employ()
  }

  /** @internal */
  freed(work: Work): void {
    this.working.delete(work)
    this.line.remove(work)
    this.employ()
  }

  private get isFull(): boolean {
    const { workers, queue } = this.behaviour
    return this.working.size >= workers && this.line.size >= queue
  }

  private employ(): void {
    const { workers, abandoned } = this.behaviour
    while (this.line.size > 0 && this.working.size < workers) {
      const work = this.line.shift()!
      if (work.isAbandoned && abandoned === 'skipped') continue
      this.working.add(work)
      work.begin()
    }
  }
}

const overloaded = { status: 503 } as const
