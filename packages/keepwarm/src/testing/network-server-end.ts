import type { Timer } from '../runtime.ts'
import type { ArrivedRequest, Closing } from './network-behaviour.ts'
import type { SimulatedServer } from './network-server.ts'
import type { ClientEnd, ClientStream, Wire } from './network-wire.ts'
import { Work } from './network-work.ts'

/** What goes over the wire of a request. */
export type SentRequest = Pick<ArrivedRequest, 'method' | 'path' | 'headers' | 'body'>

/** One connection as its server sees it. */
export class ServerEnd {
  /** Counted per server, from 1. */
  readonly number: number
  readonly protocol: 'h1' | 'h2'
  isOpen = true
  private readonly server: SimulatedServer
  private readonly wire: Wire
  private readonly client: ClientEnd
  private readonly works = new Map<ClientStream, Work>()
  private lastStream = 0
  private takesUpTo = Infinity
  private idleTimer: Timer | undefined

  constructor(server: SimulatedServer, number: number, protocol: 'h1' | 'h2', wire: Wire, client: ClientEnd) {
    this.server = server
    this.number = number
    this.protocol = protocol
    this.wire = wire
    this.client = client
    if (this.protocol === 'h2') this.settings()
    this.rest()
  }

  get isIdle(): boolean {
    return this.works.size === 0
  }

  // ── what arrives ───────────────────────────────────────────────────────────────────────────────────────────

  arrive(request: SentRequest, stream: ClientStream): void {
    if (!this.isOpen) return this.wire.carry(() => this.client.closed('rst'))
    if (stream.id > this.takesUpTo) return
    this.lastStream = Math.max(this.lastStream, stream.id)
    const tooMany = this.protocol === 'h2' && this.works.size >= this.server.behaviour.maxStreams
    const answer = tooMany ? ({ ends: 'refused' } as const) : this.server.answerTo(request, this.number)
    const refused = answer.ends === 'refused'
    this.server.note(request, this.number, !refused)
    if (refused) return this.protocol === 'h2' ? this.say(() => stream.reset(true)) : this.close('rst')
    const work = new Work(this.server.runtime, this, stream, answer)
    this.works.set(stream, work)
    this.idleTimer?.cancel()
    this.server.take(work)
  }

  /** The client gave the request up. */
  cancelled(stream: ClientStream): void {
    const work = this.works.get(stream)
    if (work !== undefined) this.forsake(work)
  }

  /** The client closed the connection. */
  left(): void {
    if (this.isOpen) this.drop()
  }

  // ── what it does ───────────────────────────────────────────────────────────────────────────────────────────

  say(said: () => void): void {
    if (this.isOpen) this.wire.carry(said)
  }

  close(how: Closing): void {
    if (!this.isOpen) return
    this.drop()
    this.wire.carry(() => this.client.closed(how))
  }

  /** A box on the way forgets the connection. */
  cut(): void {
    this.wire.isCut = true
    this.drop()
  }

  /** h2: takes no new streams; those above `last` are not processed. Default: all that arrived go on. */
  goaway(last: number = this.lastStream): void {
    if (!this.isOpen || this.protocol === 'h1') return
    this.takesUpTo = Math.min(this.takesUpTo, last)
    const { takesUpTo } = this
    this.say(() => this.client.goaway(takesUpTo))
  }

  /** h2: says how many streams there may be now. */
  settings(): void {
    const { maxStreams } = this.server.behaviour
    this.say(() => this.client.settings(maxStreams))
  }

  done(work: Work): void {
    work.stop()
    this.works.delete(work.stream)
    this.server.freed(work)
    this.rest()
  }

  /** Nobody waits for its answer any more. */
  private forsake(work: Work): void {
    const { abandoned } = this.server.behaviour
    if (abandoned === 'freed') return this.done(work)
    work.isAbandoned = true
    this.works.delete(work.stream)
    this.rest()
  }

  private rest(): void {
    const { idleTimeout, closes } = this.server.behaviour
    if (!this.isOpen || !this.isIdle || idleTimeout === Infinity) return
    this.idleTimer?.cancel()
    this.idleTimer = this.server.runtime.after(idleTimeout, () => this.close(closes))
    this.idleTimer.hold(false)
  }

  private drop(): void {
    this.isOpen = false
    this.idleTimer?.cancel()
    for (const work of [...this.works.values()]) this.forsake(work)
    this.server.lost(this)
  }
}
