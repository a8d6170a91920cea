/** Faults in how a connection is renewed before it is too old. */
import type { Mutation } from './mutation.ts'

export const successors: readonly Mutation[] = [
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
    find: `    this.retire(replaces, 'age', now)\n    this.expect(slot, 0)\n`,
    put: `    this.expect(slot, 0)\n`,
  },
  {
    name: 'break before make',
    says: 'a connection takes no more requests as soon as its successor is dialed',
    find: `    this.dial(origin, now, 'renewal').replaces = slot\n`,
    put: `    this.dial(origin, now, 'renewal')\n    this.retire(slot, 'age', now)\n`,
  },
  {
    name: 'rest before the old one goes',
    says: 'a successor pushes another connection of a minimum out, for which a third is dialed',
    find: `    this.succeed(slot, now)\n    this.offer(slot, now)\n`,
    put: `    this.offer(slot, now)\n    this.succeed(slot, now)\n`,
  },
  {
    name: 'dial beside a successor',
    says: 'when the old one goes, a connection is dialed for whom the successor serves in a moment',
    find: `    this.expect(slot, slot.maxStreams) // nobody need dial for whom it serves in a moment\n`,
    put: '',
  },
]
