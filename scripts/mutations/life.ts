/** Faults in successors, in the minimum, in dials that nobody needs, in suspicion, and in what is given back. */
import type { Mutation } from './mutation.ts'

const successors: readonly Mutation[] = [
  {
    name: 'never renew',
    says: 'a connection in use gets no successor before it is too old',
    find: `    slot.renewAt = slot.retireAt - Math.min(RENEW_AHEAD, age / 10)\n`,
    put: `    slot.renewAt = Infinity\n`,
  },
  {
    name: 'renew for ever',
    says: 'one successor after the other is dialed for the same connection',
    find: `    slot.renewAt = Infinity\n`,
    put: `    slot.renewAt = now + 1\n`,
  },
  {
    name: 'renew far too soon',
    says: 'a successor is dialed when the connection is young',
    find: `Math.min(RENEW_AHEAD, age / 10)`,
    put: `Math.max(RENEW_AHEAD, age / 10)`,
  },
  {
    name: 'renew what rests',
    says: 'a pool that nobody uses dials again and again',
    find: ` && now - slot.idleSince <= slot.retireAt - now)`,
    put: `)`,
  },
  {
    name: 'renew the unused',
    says: 'a successor that nobody ever used gets a successor, and so on for ever',
    find: `(slot.served > 0 && now - slot.idleSince`,
    put: `(now - slot.idleSince`,
  },
  {
    name: 'renew without room',
    says: 'successors are dialed beyond the limits',
    find: `    if (!this.hasRoom || !this.hasRoomFor(origin) || now < origin.dialAfter) return\n`,
    put: '',
  },
  {
    name: 'renew in the pause',
    says: 'a successor is dialed in the pause after a failed dial',
    find: ` || now < origin.dialAfter) return\n    this.dial(origin, now, 'renewal')`,
    put: `) return\n    this.dial(origin, now, 'renewal')`,
  },
  {
    name: 'renew after the end',
    says: 'a closed pool dials successors',
    find: `if (this.isClosed || !(used || this.isKept(slot))) return`,
    put: `if (!(used || this.isKept(slot))) return`,
  },
  {
    name: 'forget to retire the old one',
    says: 'there are two where there was one: the old one serves on beside its successor',
    find: `    if (replaces !== null && slot.state === 'ready') this.retire(replaces, 'age', now)\n`,
    put: `    void [replaces, now]\n`,
  },
  {
    name: 'break before make',
    says: 'a connection takes no more requests as soon as its successor is dialed',
    find: `    this.dial(origin, now, 'renewal').replaces = slot\n`,
    put: `    this.dial(origin, now, 'renewal')\n    this.retire(slot, 'age', now)\n`,
  },
]

const minimum: readonly Mutation[] = [
  {
    name: 'minimum never refilled',
    says: 'what is missing to the minimum after a connection ended stays missing',
    find: `    this.grow(slot.origin, now)\n    this.refill(slot.origin, now)\n  }\n\n  /** The socket is gone`,
    put: `    this.grow(slot.origin, now)\n  }\n\n  /** The socket is gone`,
  },
  {
    name: 'minimum not refilled at the limit',
    says: 'at its limit an origin stays below its minimum, though a place of its own came free',
    find: `    this.grow(slot.origin, now)\n    this.refill(slot.origin, now)\n  }\n\n  /** New limits.`,
    put: `    this.grow(slot.origin, now)\n  }\n\n  /** New limits.`,
  },
  {
    name: 'minimum not refilled after a dial',
    says: 'when a dial ends that was one too many, nobody dials for the minimum',
    find: `    this.grow(origin, now) // it may take fewer at once than the one before\n    this.refill(origin, now)\n`,
    put: `    this.grow(origin, now)\n`,
  },
  {
    name: 'no pause after a failed refill',
    says: 'a server that is down is dialed for its minimum twice a second, for ever',
    find: `      origin.refillAfter = Math.max(origin.refillAfter, now + pause)\n`,
    put: `      void pause\n`,
  },
  {
    name: 'sleep through a refill',
    says: 'when the pause after a failed refill is over, nobody dials',
    find: `      if (now < due) return this.wake(origin, due)\n`,
    put: `      if (now < due) return\n`,
  },
  {
    name: 'a pause that never ends',
    says: 'after a dial that succeeded the minimum still waits for the end of an old pause',
    find: `    if (origin.failures > 0) origin.refillAfter = 0\n`,
    put: '',
  },
  {
    name: 'no pace for the unused',
    says: 'a server that keeps nothing is dialed for its minimum without end',
    find: `    this.pace(slot)\n`,
    put: '',
  },
  {
    name: 'no pace after a success',
    says: 'a server that accepts and closes at once is dialed for its minimum without end',
    find: `    if (origin.failures > 0) origin.refillAfter = 0\n`,
    put: `    origin.refillAfter = 0\n`,
  },
  {
    name: 'pace the used',
    says: 'a minimum is refilled late when a connection ended that had served',
    find: `    if (served > 0 || (openedFor`,
    put: `    if (served < 0 || (openedFor`,
  },
  {
    name: 'one more than the minimum',
    says: 'an origin keeps one connection more than it should',
    find: `    while (origin.ready + origin.dialing < origin.wanted) {\n`,
    put: `    while (origin.ready + origin.dialing <= origin.wanted) {\n`,
  },
  {
    name: 'minimum beyond all limits',
    says: 'a minimum is dialed though there is no room under the limit of all connections',
    find: `      if (!this.hasRoom) return void this.unfilled.add(origin)\n`,
    put: '',
  },
  {
    name: 'minimum beyond the limit of an origin',
    says: 'a minimum is dialed though the origin may have no more',
    find: `      if (!this.hasRoomFor(origin)) return block(origin)\n`,
    put: '',
  },
  {
    name: 'forget whose minimum is missing',
    says: 'an origin below its minimum is not called when there is room again',
    find: `return void this.unfilled.add(origin)`,
    put: `return`,
  },
  {
    name: 'trim the minimum',
    says: 'the idle limit closes what the minimum then dials again',
    find: `      if (slot.origin.ready > slot.origin.minimum) {\n`,
    put: `      {\n`,
  },
  {
    name: 'minima without end',
    says: 'minima that ended still allow as many idle connections',
    find: `    this.minimum += count - origin.minimum\n`,
    put: `    this.minimum += count\n`,
  },
  {
    name: 'the minimum rests like others',
    says: 'what is kept is closed and dialed again every fifteen seconds',
    find: `(this.isKept(slot) ? maxIdleTimeout : idleTimeout)`,
    put: `idleTimeout`,
  },
  {
    name: 'refill after the end',
    says: 'a closed pool dials for its minimum',
    find: `    if (origin.wanted === 0 || this.isClosed) return\n`,
    put: `    if (origin.wanted === 0) return\n`,
  },
  {
    name: 'forget who has a minimum',
    says: 'with thousands of origins, a minimum is forgotten while nothing is open',
    find: ` && origin.waiting === 0 && origin.wanted === 0) {`,
    put: ` && origin.waiting === 0) {`,
  },
]

const orphans: readonly Mutation[] = [
  {
    name: 'never call a dial off',
    says: 'a dial that nobody needs hangs for as long as it likes',
    find: `    this.orderClose(slot, 'unneeded')\n    this.feed(now)`,
    put: `    this.feed(now)`,
  },
  {
    name: 'call off a needed dial',
    says: 'a dial that takes long is called off under those who wait for it',
    find: `    if (isNeeded || isKept) return`,
    put: `    if (isKept) return`,
  },
  {
    name: 'call off a kept dial',
    says: 'a dial is called off, and another begun at once for the minimum',
    find: `    if (isNeeded || isKept) return`,
    put: `    if (isNeeded) return`,
  },
  {
    name: 'look at a dial once',
    says: 'a dial that was still needed after five seconds is never called off',
    find: `return this.agenda.add(slot, now + ORPHAN_GRACE)`,
    put: `return`,
  },
  {
    name: 'call off a warm-up',
    says: 'a warm-up that takes longer than five seconds is called off',
    find: `    if (openedFor !== 'first' && openedFor !== 'all_busy' && openedFor !== 'lost_race') return\n`,
    put: `    void openedFor\n`,
  },
  {
    name: 'keep the turn of an orphan',
    says: 'a dial that was called off makes no room under the limit of dials',
    find: `    this.orderClose(slot, 'unneeded')\n    this.feed(now)`,
    put: `    this.orderClose(slot, 'unneeded')`,
  },
]

const suspicion: readonly Mutation[] = [
  {
    name: 'suspect those in use',
    says: 'a session is closed to new requests though it has answered since',
    find: `other.idle && other.idleSince <= leasedAt`,
    put: `other.idleSince <= leasedAt`,
  },
  {
    name: 'suspect whoever rests',
    says: 'a connection that was used a moment ago is suspected',
    find: `other.idle && other.idleSince <= leasedAt`,
    put: `other.idle`,
  },
  {
    name: 'suspect an origin that answers',
    says: 'one slow answer closes the connections of an origin that answers others',
    find: `    if (origin.heardAt > leasedAt) return\n`,
    put: `    void origin.heardAt\n`,
  },
  {
    name: 'hear what was not said',
    says: 'a request that was given up counts as an answer',
    find: `    if (answered) lane.origin.heardAt = now\n`,
    put: `    lane.origin.heardAt = answered ? now : now\n`,
  },
  {
    name: 'forget since when it runs',
    says: 'suspicion falls on nobody',
    find: `    slot.leasedAt = now\n`,
    put: '',
  },
]

const givenBack: readonly Mutation[] = [
  {
    name: 'again loses its place',
    says: 'a request that lost its connection finds its place in the group taken',
    find: `    this.acquire(waiter, lane, deadline, now, true)\n    this.makePlace(lane, now)\n`,
    put: `    this.makePlace(lane, now)\n    this.acquire(waiter, lane, deadline, now, true)\n`,
  },
  {
    name: 'again at the end',
    says: 'a request that lost its connection stands in line again like one that only came',
    find: `    this.acquire(waiter, lane, deadline, now, true)\n`,
    put: `    this.acquire(waiter, lane, deadline, now)\n`,
  },
  {
    name: 'again gives nothing on',
    says: 'the place of a request that has no time to go again is lost to its group',
    find: `    this.acquire(waiter, lane, deadline, now, true)\n    this.makePlace(lane, now)\n`,
    put: `    this.acquire(waiter, lane, deadline, now, true)\n`,
  },
  {
    name: 'declined forgets the connection',
    says: 'a connection whose request left in the last moment is never used again',
    find: `    this.dispatched(waiter.slot!, true, now)\n`,
    put: '',
  },
  {
    name: 'declined forgets the place',
    says: 'the place in a group of a request that left in the last moment is not given on',
    find: `    this.dispatched(waiter.slot!, true, now)\n    this.makePlace(waiter.lane!, now)\n`,
    put: `    this.dispatched(waiter.slot!, true, now)\n`,
  },
]

const suspension: readonly Mutation[] = [
  {
    name: 'resume forgets to offer',
    says: 'a session that was resumed serves nobody',
    find: `    if (slot.state === 'ready') this.offer(slot, now)\n  }\n\n  /** The connection takes no new request`,
    put: `  }\n\n  /** The connection takes no new request`,
  },
  {
    name: 'serve on a suspended one',
    says: 'a session that may lead nowhere is given those in line',
    find: `slot.suspended ? null : (this`,
    put: `(this`,
  },
  {
    name: 'offer a suspended one',
    says: 'a session that may lead nowhere is given whoever comes',
    find: `    if (!slot.free && !slot.suspended) pushFree(slot)\n`,
    put: `    if (!slot.free) pushFree(slot)\n`,
  },
  {
    name: 'leave a suspended one on offer',
    says: 'a session that comes under doubt is still given whoever comes',
    find: `    slot.suspended = true\n    removeFree(slot)\n`,
    put: `    slot.suspended = true\n`,
  },
  {
    name: 'count on a suspended one',
    says: 'nobody is dialed for those who wait for a session that may lead nowhere',
    find: `    if (slot.suspended) room = 0\n`,
    put: '',
  },
  {
    name: 'suspend without help',
    says: 'those who counted on a session that comes under doubt are not dialed for',
    find: `    this.expect(slot, 0)\n    this.grow(slot.origin, now)\n  }\n\n  /** It leads somewhere`,
    put: `    this.expect(slot, 0)\n  }\n\n  /** It leads somewhere`,
  },
]

export const life: readonly Mutation[] = [
  ...successors,
  ...minimum,
  ...orphans,
  ...suspicion,
  ...givenBack,
  ...suspension,
]
