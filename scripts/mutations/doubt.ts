/** Faults in dials that nobody needs, in suspicion, and in sessions that may lead nowhere. */
import type { Mutation } from './mutation.ts'

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
    find: 'slot.leasedAt = waiter.rank = now',
    put: 'waiter.rank = now',
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

export const doubt: readonly Mutation[] = [...orphans, ...suspicion, ...suspension]
