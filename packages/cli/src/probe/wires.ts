/** Makes connections, one after the other, and closes what is left at the end. */
import { dial, type Dialed } from './dial.ts'
import type { ProbePlan } from './target.ts'
import { Http1Wire } from './wire-http1.ts'
import { Http2Wire } from './wire-http2.ts'
import type { Wire } from './wire.ts'

export class Wires implements Disposable {
  readonly plan: ProbePlan
  /** Where the name leads; the first one is dialed. */
  readonly address: string
  /** Connections made so far. */
  made = 0
  private readonly open = new Set<Wire>()

  constructor(plan: ProbePlan, address: string) {
    this.plan = plan
    this.address = address
  }

  /**
   * A connection and what is known of its dial.
   * @throws Untrusted, or what the platform says
   */
  async dial(session?: Buffer): Promise<Dialed & { readonly wire: Wire }> {
    const dialed = await dial(this.plan, this.address, session)
    this.made++
    return { ...dialed, wire: this.speak(dialed) }
  }

  /** A connection that had one request answered, and rests. */
  async rested(): Promise<Wire> {
    const { wire } = await this.dial()
    await wire.send(this.plan.method)
    return wire
  }

  /** The wire over a socket that is there already. */
  private speak({ socket, protocol }: Dialed): Wire {
    const wire = protocol === 'h2' ? new Http2Wire(this.plan, socket) : new Http1Wire(this.plan, socket)
    this.open.add(wire)
    void wire.ended.then(() => this.open.delete(wire))
    return wire
  }

  [Symbol.dispose](): void {
    for (const wire of this.open) wire[Symbol.dispose]()
  }
}
