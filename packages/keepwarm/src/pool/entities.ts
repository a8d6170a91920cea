/**
 * What the core moves about: slots (a place for one connection), waiters (a request that wants one) and the
 * origins they belong to. They are linked lists in themselves, so that every move costs O(1) and allocates
 * nothing. Only core.ts changes the fields that are marked so.
 */
import { AgendaItem } from '../agenda.ts'
import type { ConnectionOpen, DialStart } from '../observe/pool-events.ts'
import type { OpenedFacts } from './dial-facts.ts'
import { IdleLesson } from './idle-lesson.ts'
import { Lane, priorities, type PriorityLevel } from './lanes.ts'
import type { CloseReason, DialReason, LaneLimits, Refusal } from './limits.ts'
import type { WaitLine } from './lists.ts'
import { OriginFigures } from './origin-figures.ts'
import { Sizing, type SizingOptions } from './sizing.ts'

/**
 *     dialing ──opened──▶ ready ──retire──▶ retiring ──closed──▶ gone
 *        ├──────────────called off─────────────▶┘                 ▲
 *        └──────────────failed────────────────────────────────────┘
 *
 * A ready slot is *free* when another request may go out on it at once. HTTP/1.1 serves one at a time and says
 * `drained` when it can take the next; HTTP/2 serves `maxStreams` and is `blocked` only while it says so.
 */
export type SlotState = 'dialing' | 'ready' | 'retiring' | 'gone'

/** What carries a slot out: a dial, then a connection. The core never looks at it. */
export interface Carrier {
  /** Sends the waiter's request. True when another can follow at once. */
  dispatch(waiter: Waiter): boolean
  /** Its request is over, and it has no other. */
  emptied?(): void
  /** It takes nothing any more. */
  readonly isGone?: boolean
  /** Closes it; nothing runs on it. */
  close(): void
  /** Ends it and what runs on it with this error. */
  destroy(error: Error): void
}

/** An IP address that one origin or several lead to. Only used where connections to one are limited. */
export class Address {
  readonly ip: string
  /** Slots that are not gone, and those of them on their way out. */
  open = 0
  closing = 0
  /** Dials to it that failed in a row. */
  failures = 0
  /** Origins that wait for room at it. */
  readonly blocked: Set<Origin> = new Set<Origin>()

  constructor(ip: string) {
    this.ip = ip
  }
}

export class Slot extends AgendaItem {
  readonly id: number
  readonly origin: Origin
  /** Where it leads, once that is chosen. */
  address: Address | null = null
  carrier: Carrier | null = null
  /** What its connection told when it opened. */
  facts: OpenedFacts | null = null
  state: SlotState = 'dialing'
  /** Requests on it now. */
  streams = 0
  /** Requests it takes at once: 1 for HTTP/1.1. */
  maxStreams = 1
  /** It said that it can take no request until `drained`. */
  blocked = false
  /** It may lead nowhere: it takes no request until it is resumed. */
  suspended = false
  /** Requests given to it since it opened. */
  served = 0
  dialedAt = 0
  openedFor: DialReason = 'first'
  openedAt = 0
  /** When it was given to a request last. */
  leasedAt = 0
  idleSince = 0
  /** How long it had idled when it was given to a request last; 0 when it came from another one. */
  rested = 0
  /** How long it may idle: the server's hint less the margin; undefined without one. */
  hint: number | undefined
  /** How long it may idle this time. */
  idleFor = 0
  /** From when on another is dialed in its place, if it is still needed then. */
  renewAt: number = Infinity
  /** From when on it takes no new request. */
  retireAt: number = Infinity
  /** The one that it was dialed to take the place of. */
  replaces: Slot | null = null
  closeReason: CloseReason | undefined
  /** The requests that run on it: {@link file://./runs.ts}. */
  newest: Waiter | null = null
  /** What was told of its beginning, as a dial and then as a connection, while somebody listens. */
  watched: DialStart | ConnectionOpen | null = null
  /** @internal Room that will be free in a moment, counted in `origin.expected`. */
  expected = 0
  /** @internal In the origin's stack of free slots, newest first. */
  free = false
  newer: Slot | null = null
  older: Slot | null = null
  /** @internal In the pool's list of idle slots, oldest first. */
  idle = false
  idleBefore: Slot | null = null
  idleAfter: Slot | null = null

  constructor(id: number, origin: Origin) {
    super()
    this.id = id
    this.origin = origin
  }
}

export class Waiter extends AgendaItem {
  origin: Origin | null = null
  lane: Lane | null = null
  priority: PriorityLevel = priorities.auto
  /** The slot it was given. */
  slot: Slot | null = null
  queuedAt = 0
  /** Until when it wants to wait; the pool may have it wait for less. */
  deadline: number = Infinity
  refusal: Refusal | undefined
  /** What the dial died of, when the refusal is `dial_failed`. */
  failure: unknown
  /** Another connection failed it because the server had closed it: only one that never served will do. */
  fresh = false
  /** @internal Where it stands among those in line: smaller is served earlier. On a slot: since when it has that. */
  rank = 0
  /** @internal The line it stands in; then those that run on its slot. */
  line: WaitLine | null = null
  ahead: Waiter | null = null
  behind: Waiter | null = null

  get waiting(): boolean {
    return this.line !== null
  }

  /** When it was given its slot. */
  get leasedAt(): number {
    return this.rank
  }
}

export class Origin extends AgendaItem {
  readonly key: string
  /** Slots that are not gone. */
  open = 0
  dialing = 0
  /** Slots that were ordered closed: on their way out, with nothing running on them. */
  closing = 0
  /** Slots that are ready, and those of them on which nothing runs. */
  ready = 0
  idle = 0
  /** Requests that one more connection is expected to serve at once: learned from the last that opened. */
  streamsPerConnection = 1
  /** Room on connections that will be free in a moment without another dial. */
  expected = 0
  /** Requests on its connections. */
  inFlight = 0
  /** Where requests wait: those of no endpoint group, then a lane for each group. */
  readonly lanes: [Lane, ...Lane[]]
  /** Requests in its lanes. */
  waiting = 0
  /** @internal How many of them may go out as soon as there is a connection; those who need an unused one apart. */
  go = 0
  goFresh = 0
  /** Top of the stack of free slots. */
  top: Slot | null = null
  /** Dials that failed in a row, the last failure, and until when no other is begun. */
  failures = 0
  lastFailure: unknown
  /** Dials that fail together count once here: the pause before the next grows with it. */
  failedRounds = 0
  dialAfter = 0
  /** Where it leads; null while that is not known. */
  addresses: readonly Address[] | null = null
  /** How many connections are kept open at least, and until when none is dialed for that. */
  minimum = 0
  refillAfter = 0
  /** How many it should have: the minimum, or what its sizing says. */
  wanted = 0
  /** Where the number of its connections follows the need. */
  readonly sizing: Sizing | null
  /** When a response of it was last complete. */
  heardAt: number = -Infinity
  /** How long its server keeps idle connections, as far as it showed. */
  readonly lesson: IdleLesson = new IdleLesson()
  /** What happened there. The core never looks at them. */
  readonly figures: OriginFigures = new OriginFigures()
  /** @internal In the line of origins that wait for room under the limit of all connections. */
  hungry = false
  hungryBefore: Origin | null = null
  hungryAfter: Origin | null = null

  constructor(key: string, limits: LaneLimits, adaptive: SizingOptions | null) {
    super()
    this.key = key
    this.sizing = adaptive === null ? null : new Sizing(adaptive)
    this.lanes = [new Lane(this, undefined, limits)]
  }

  /** The lane of what belongs to no group. */
  get lane(): Lane {
    return this.lanes[0]
  }

  /** Who has waited longest. */
  get oldest(): Waiter | null {
    let oldest = this.lane.oldest
    for (let i = 1; i < this.lanes.length; i++) {
      const other = this.lanes[i]!.oldest
      if (other !== null && (oldest === null || other.queuedAt < oldest.queuedAt)) oldest = other
    }
    return oldest
  }
}
