/** The side that shows: this process, and those that report to it, each by itself and all as one. */
import type { Runtime } from '../clock.ts'
import type { ShownProcess, Sight, Source, View } from '../observed.ts'
import type { DashboardLog } from '../options.ts'
import { Line, type Port } from './line.ts'
import { Peer } from './peer.ts'
import { readMessage } from './protocol.ts'
import { sumHistories } from './sum-history.ts'
import { sumSnapshots } from './sum-snapshots.ts'
import { sumVerdicts } from './sum-verdicts.ts'

/** More than these are not shown: a channel is a trusted one, but a mistake shall not fill the memory. */
const MOST = 128

/** The sight of one process, without those around it. */
export type OwnSight = Pick<Sight, 'snapshot' | 'rows' | 'verdicts'>

interface LocalLike extends Source {
  look(view: View, since: number): Sight
}

export class Collector implements Source {
  private readonly local: LocalLike
  private readonly ownId: string
  private readonly runtime: Runtime
  private readonly log: DashboardLog
  private readonly peers = new Map<string, Peer>()

  constructor(
    local: LocalLike,
    ownId: string,
    host: { readonly runtime: Runtime; readonly log: DashboardLog },
  ) {
    this.local = local
    this.ownId = ownId
    this.runtime = host.runtime
    this.log = host.log
  }

  get over(): boolean {
    return this.peers.size === 0 && this.local.over
  }

  /** Shows what reports over this port, until it is gone or this is disposed of. */
  add(port: Port): Disposable {
    let peer: Peer | undefined
    const leave = (): void => {
      line.close()
      if (peer === undefined) return
      if (this.peers.get(peer.id) === peer) this.peers.delete(peer.id)
      peer.close()
    }
    const line = new Line(
      port,
      (given) => {
        const message = readMessage(given)
        if (message?.type === 'answer') peer?.answered(message)
        if (message?.type !== 'hello' || peer !== undefined || !this.hasRoom(message.id)) return
        peer = new Peer(message, this.runtime, (ask) => line.send(ask))
        this.peers.set(peer.id, peer)
      },
      leave,
    )
    line.send(Peer.who)
    return { [Symbol.dispose]: leave }
  }

  look(view: View, since: number): Sight | Promise<Sight> {
    const own = this.local.look(view, since)
    if (this.peers.size === 0) return { ...own, view: this.ownId, processes: [this.shown(own)] }
    if (view === this.ownId) return { ...own, view, processes: this.processes(own) }
    const peer = this.peers.get(view)
    return peer === undefined ? this.all(own, since) : this.one(peer, own, since)
  }

  private async one(peer: Peer, own: Sight, since: number): Promise<Sight> {
    const sight = await peer.ask(since)
    // One that does not answer now, or is gone: all of them are better than nothing.
    if (sight === undefined) return this.all(own, since)
    return { view: peer.id, ...sight, processes: this.processes(own) }
  }

  private async all(own: Sight, since: number): Promise<Sight> {
    const peers = [...this.peers.values()]
    const answers = await Promise.all(peers.map((peer) => peer.ask(since)))
    const parts = answers.flatMap((sight, index) =>
      sight === undefined ? [] : [{ id: peers[index]!.id, sight }],
    )
    // A primary that only starts others has nothing to show.
    const isShown = own.snapshot.clients.length > 0 || parts.length === 0
    const shown = isShown ? [{ id: this.ownId, sight: own as OwnSight }, ...parts] : parts
    const { name } = own.snapshot.process
    const snapshot = sumSnapshots(shown.map(({ id, sight }) => ({ id, snapshot: sight.snapshot })))
    return {
      view: 'sum',
      snapshot: { ...snapshot, process: { ...snapshot.process, name } },
      rows: sumHistories(shown.map(({ sight: { rows } }) => rows)),
      verdicts: sumVerdicts(shown.map(({ sight: { verdicts } }) => verdicts)),
      processes: this.processes(own, this.askedOf(peers, answers)),
    }
  }

  /** Those whose figures are in the sum, and those that were silent: not who came, or answered too late, meanwhile. */
  private askedOf(peers: readonly Peer[], answers: readonly (OwnSight | undefined)[]): ShownProcess[] {
    return peers
      .map(({ id, pid, name }, index) => ({ id, pid, name, silent: answers[index] === undefined }))
      .filter(({ id }) => this.peers.has(id))
  }

  private processes(own: Sight, peers: readonly ShownProcess[] = this.known()): ShownProcess[] {
    return own.snapshot.clients.length > 0 ? [this.shown(own), ...peers] : [...peers]
  }

  private known(): ShownProcess[] {
    return Array.from(this.peers.values(), ({ id, pid, name, silent }) => ({ id, pid, name, silent }))
  }

  private shown({ snapshot: { process } }: Sight): ShownProcess {
    return { id: this.ownId, pid: process.pid, name: process.name, silent: false }
  }

  private hasRoom(id: string): boolean {
    if (this.peers.has(id) || this.peers.size < MOST) return true
    this.log.warn({ most: MOST }, 'dashboard: too many processes report; the others are not shown')
    return false
  }
}
