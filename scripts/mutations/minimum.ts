/** Faults in how a minimum of connections is kept. */
import type { Mutation } from './mutation.ts'

export const minimum: readonly Mutation[] = [
  {
    name: 'minimum never refilled',
    says: 'what is missing to the minimum after a connection ended stays missing',
    find: `    this.serve(slot.origin, now) // who may go only now may find another that rests\n    this.refill(slot.origin, now)\n`,
    put: `    this.serve(slot.origin, now)\n`,
  },
  {
    name: 'minimum not refilled at the limit',
    says: 'at its limit an origin stays below its minimum, though a place of its own came free',
    find: `    this.grow(slot.origin, now)\n    this.refill(slot.origin, now)\n  }\n\n  /** Reset by its server`,
    put: `    this.grow(slot.origin, now)\n  }\n\n  /** Reset by its server`,
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
    find: `    this.leaveLists(slot)\n    this.pace(slot)\n`,
    put: `    this.leaveLists(slot)\n`,
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
