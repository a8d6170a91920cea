/** Faults in how a request gives its connection and its place back. */
import type { Mutation } from './mutation.ts'

export const givingBack: readonly Mutation[] = [
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
