/** Faults in who is served, and when. */
import type { Mutation } from './mutation.ts'

export const waiting: readonly Mutation[] = [
  {
    name: 'swap the stack',
    says: 'the connection that rested longest is used first',
    find: `    let slot = origin.top\n    while (slot !== null) {\n      const worn`,
    put: `    let slot = origin.top\n    while (slot?.older != null) slot = slot.older\n    while (slot !== null) {\n      const worn`,
  },
  {
    name: 'lose an abort',
    says: 'a request that left still stands in line',
    find: `    if (!waiter.waiting) return\n    this.leaveLine(waiter)\n`,
    put: `    if (!waiter.waiting) return\n`,
  },
  {
    name: 'forget the deadline',
    says: 'a request may wait for ever',
    find: `    if (until !== Infinity) this.agenda.add(waiter, until)\n`,
    put: '',
  },
  {
    name: 'time out the served',
    says: 'a request that was given a connection is still refused at its deadline',
    find: `    this.waiting--\n    this.agenda.remove(waiter)\n`,
    put: `    this.waiting--\n`,
  },
  {
    name: 'double refuse',
    says: 'a request is refused twice',
    find: `    this.refusals.push(waiter)`,
    put: `    this.refusals.push(waiter, waiter)`,
  },
  {
    name: 'no end of the line',
    says: 'any number of requests may wait',
    find: `    if (!front && this.isFull(lane, now)) return this.refuse(waiter, 'queue_full')\n`,
    put: '',
  },
  {
    name: 'last come, first served',
    says: 'the newest request is served first',
    file: 'lanes.ts',
    find: `    line.push(waiter, front)`,
    put: `    line.push(waiter, true)`,
  },
  {
    name: 'back to the end',
    says: 'a request that lost its connection unused has to stand in line again',
    file: 'lanes.ts',
    find: `    line.push(waiter, front)`,
    put: `    line.push(waiter, false)`,
  },
  {
    name: 'overtake',
    says: 'a request that comes takes a connection that others wait for',
    find: `    const waiter = slot.suspended ? null : (this.nextFor(slot, now) as W | null)\n`,
    put: `    const waiter = null as W | null\n`,
  },
  {
    name: 'fresh from the line',
    says: 'a request that needs an unused connection is given a used one',
    find: `    if (served === 0 && origin.goFresh > 0) {`,
    put: `    if (origin.goFresh > 0) {`,
  },
  {
    name: 'fresh from the stack',
    says: 'a request that needs an unused connection takes a used one that rests',
    find: `      } else if (fresh && slot.served > 0) slot = slot.older\n`,
    put: `      }\n`,
  },
  {
    name: 'fresh from the top alone',
    says: 'an unused connection below a used one is not found',
    find: `slot.served > 0) slot = slot.older\n`,
    put: `slot.served > 0) return null\n`,
  },
  {
    name: 'keep the fresh waiting',
    says: 'a used connection keeps the place of the unused one that somebody needs',
    find: `    if (this.standsInTheWay(slot)) return this.retire(slot, 'evicted', now)\n`,
    put: '',
  },
  {
    name: 'rest beside the fresh',
    says: 'at the limit a used connection rests while somebody needs an unused one',
    find: `    if (origin.goFresh > 0) this.makeWay(origin, now)\n`,
    put: '',
  },
  {
    name: 'two at once',
    says: 'a connection is given a request while it is busy with another',
    find: `    if (slot.blocked || slot.streams >= slot.maxStreams) return\n    const worn`,
    put: `    if (slot.streams > slot.maxStreams) return\n    const worn`,
  },
]
