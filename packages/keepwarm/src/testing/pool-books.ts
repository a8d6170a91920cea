/**
 * Carries out the core's orders as the pool does, and keeps its own books of requests and sockets, so that
 * {@link file://./pool-laws.ts} can compare them with the core's.
 */
import { PoolCore } from '../pool/core.ts'
import { Waiter, type Origin, type Slot } from '../pool/entities.ts'
import type { Lane, PriorityLevel } from '../pool/lanes.ts'
import { defaultLimits, type PoolLimits } from '../pool/limits.ts'
import { must } from './laws.ts'
import { checkClose, checkLease, checkOpen, checkRefusal, neededBy } from './pool-order-laws.ts'
import { GROUP, LEADS, ORIGINS } from './pool-schedule.ts'

/** A request. */
export class Guest extends Waiter {
  /** Its origin's number. */
  readonly home: number
  /** It leaves as soon as it has a connection. */
  readonly fickle: boolean
  /** It belongs to the endpoint group. */
  readonly grouped: boolean
  /** When it went into the line last. */
  askedAt = 0
  /** Where it stands in line: smaller is served earlier. */
  turn = 0
  /** Whether it had to stand in line for the connection it has. */
  waited = false
  socket: Socket | null = null
  settled: string | undefined
  /** Its place in the books' list. */
  index = 0

  constructor(home: number, deadline: number, fickle: boolean, kind: number) {
    super()
    this.home = home
    this.deadline = deadline
    this.fickle = fickle
    this.grouped = kind >= 3
    this.priority = (kind % 3) as PriorityLevel
  }
}

/** What carries a slot out, and what the books say of it. */
export class Socket {
  readonly slot: Slot
  /** Its origin's number. */
  readonly home: number
  readonly running: Guest[] = []
  /** Requests given to it, and when the last was. */
  served = 0
  leasedAt = 0
  readonly dialedAt: number
  /** How long the server said that it may rest, less the margin. */
  hint: number | undefined
  restsSince = 0
  /** From when on it must take no request. */
  lastsUntil: number = Infinity
  /** From when on it takes a second request at once. */
  settledAt = 0
  /** Where it stands in the books' list. */
  index = 0

  constructor(slot: Slot, home: number, dialedAt: number) {
    this.slot = slot
    this.home = home
    this.dialedAt = dialedAt
  }
}

export class PoolBooks {
  readonly core: PoolCore<Guest>
  readonly origins: readonly Origin[]
  /** The lane of the endpoint group of each. */
  readonly groups: readonly Lane[]
  now = 0
  /** The moment up to which the core was told of the time. */
  ticked = 0
  readonly waiting: Guest[] = []
  readonly running: Guest[] = []
  readonly sockets: Socket[] = []
  readonly dials: Socket[] = []
  /** Sockets that were ordered closed and are not gone. */
  readonly closing: Socket[] = []
  opened = 0
  gone = 0
  asked = 0
  settled = 0
  /** After limits were lowered, as many as there were may stay open until they are freed. */
  allowed = 0
  allowedDials = 0
  /** Where each origin leads. */
  readonly leads: (readonly string[])[] = [...LEADS]
  /** For each lane that was looked at: how many it had in flight then. After its limit was lowered they may stay. */
  readonly inFlightBefore: Map<Lane, number> = new Map<Lane, number>()
  /** When the dial began that failed last. */
  failedDial = 0
  /** For each origin: when a dial for its minimum failed last, if none succeeded since. */
  readonly failedAhead: number[] = ORIGINS.map(() => -Infinity)
  /** For each origin: when a response of it was last complete. */
  readonly heardAt: number[] = ORIGINS.map(() => -Infinity)
  /** For each origin: since when it has a dial more than it needs. */
  readonly orphanedSince: number[] = ORIGINS.map(() => Infinity)
  /** Whether each origin ever had a minimum: its connections may then rest for longer. */
  readonly maintained: boolean[] = ORIGINS.map(() => false)
  /** How often each origin saw others served since it has been its turn; -1 while it is not. */
  readonly passedOver: number[] = ORIGINS.map(() => -1)
  protected readonly bySlot: Map<Slot, Socket> = new Map<Slot, Socket>()
  protected drains: { socket: Socket; at: number }[] = []
  private readonly told: ((how: string) => void) | undefined

  /** @param told is told how each request settled. */
  constructor(limits: Partial<PoolLimits>, told?: (how: string) => void) {
    this.told = told
    this.core = new PoolCore<Guest>({ ...defaultLimits, ...limits })
    this.origins = ORIGINS.map((key) => this.core.origin(key))
    this.groups = this.origins.map((origin) => this.core.lane(origin, GROUP))
  }

  /** How long a connection may rest at most. */
  keepFor({ hint, home }: Socket): number {
    const { maxIdleTimeout, idleTimeout } = this.core.limits
    const isKept = this.maintained[home]! || this.core.limits.adaptive !== null
    return hint ?? (isKept ? maxIdleTimeout : idleTimeout)
  }

  laneOf({ home, grouped }: Guest): Lane {
    return grouped ? this.groups[home]! : this.origins[home]!.lane
  }

  /** It will say that it takes the next request. */
  drainsLater(socket: Socket): boolean {
    return this.drains.some((drain) => drain.socket === socket)
  }

  protected settle(guest: Guest, how: string): void {
    must(guest.settled === undefined, `settles exactly once: ${guest.settled}, then ${how}`)
    guest.settled = how
    this.settled++
    this.told?.(how)
    if (guest.socket !== null) this.leaveSocket(guest)
    else if (this.waiting[guest.index] === guest) take(this.waiting, guest)
  }

  protected leaveSocket(guest: Guest): void {
    const { running } = guest.socket!
    running.splice(running.indexOf(guest), 1)
    guest.socket!.restsSince = this.now
    guest.socket = null
    take(this.running, guest)
  }

  protected drop(socket: Socket): void {
    this.gone++
    this.bySlot.delete(socket.slot)
    take(this.sockets, socket)
  }

  // ── the core's orders ──────────────────────────────────────────────────────────────────────────────────────

  /**
   * As the pool does it: what an order sets off may give more orders, which are carried out in turn.
   *
   * @param spare Nobody need wait for what is ordered: not yet, or no more.
   */
  protected carryOut(spare = false): void {
    const { opens, closes, refusals, leases } = this.core
    for (let turns = 0; opens.length + closes.length + refusals.length + leases.length > 0; turns++) {
      must(turns < 1_000, 'orders come to an end')
      for (const slot of closes) this.orderedClosed(slot, spare)
      closes.length = 0
      for (const guest of refusals) {
        checkRefusal(this, guest)
        this.settle(guest, guest.refusal!)
      }
      refusals.length = 0
      for (const slot of opens) this.begin(slot, spare)
      opens.length = 0
      for (const guest of leases) this.dispatch(guest)
      leases.length = 0
    }
    this.noteOrphans()
  }

  private noteOrphans(): void {
    for (let home = 0; home < this.origins.length; home++) {
      const origin = this.origins[home]!
      const { dialing, ready, wanted, streamsPerConnection } = origin
      const isNeeded = (dialing - 1) * streamsPerConnection < neededBy(origin) || ready + dialing <= wanted
      if (dialing === 0 || isNeeded) this.orphanedSince[home] = Infinity
      else if (this.orphanedSince[home] === Infinity) this.orphanedSince[home] = this.now
    }
  }

  private orderedClosed(slot: Slot, spare: boolean): void {
    const socket = this.bySlot.get(slot)
    if (socket === undefined) return // its dial has not begun
    checkClose(this, socket, spare)
    const dial = this.dials.indexOf(socket)
    if (dial !== -1) {
      this.dials.splice(dial, 1)
      this.orphanedSince[socket.home] = Infinity // the others may be needed
    }
    this.closing.push(socket)
  }

  private begin(slot: Slot, spare: boolean): void {
    if (slot.closeReason !== undefined) return this.core.closed(slot, this.now) // called off before it began
    const home = ORIGINS.indexOf(slot.origin.key)
    const located = this.core.limits.maxConnectionsPerAddress === Infinity || slot.address !== null
    if (!located && this.core.place(slot, this.leads[home]!, this.now) === undefined) {
      return this.core.postponed(slot, this.now)
    }
    const socket = new Socket(slot, home, this.now)
    checkOpen(this, socket, spare)
    this.opened++
    this.bySlot.set(slot, socket)
    put(this.sockets, socket)
    this.dials.push(socket)
  }

  private dispatch(guest: Guest): void {
    const slot = guest.slot!
    const socket = this.bySlot.get(slot)!
    checkLease(this, guest, socket)
    if (this.waiting[guest.index] === guest) take(this.waiting, guest)
    socket.served++
    socket.leasedAt = this.now
    socket.running.push(guest)
    guest.socket = socket
    put(this.running, guest)
    if (guest.fickle) {
      this.settle(guest, 'left')
      return this.core.declined(guest, this.now)
    }
    const more = slot.maxStreams > 1 && slot.streams < slot.maxStreams && this.now >= socket.settledAt
    this.core.dispatched(slot, more, this.now)
    if (slot.maxStreams > 1 && slot.blocked) {
      this.drains.push({ socket, at: Math.max(this.now + 1, socket.settledAt) })
    }
  }
}

/** Lists whose items know their place, so that taking one out costs the same in a long list. */
export function put<T extends { index: number }>(list: T[], item: T): void {
  item.index = list.length
  list.push(item)
}

export function take<T extends { index: number }>(list: T[], item: T): void {
  const last = list.pop()!
  if (last === item) return
  list[item.index] = last
  last.index = item.index
}

/** Counted round and round; undefined when there is none. */
export function nth<T>(list: readonly T[], n: number): T | undefined {
  return list.length === 0 ? undefined : list[n % list.length]
}
