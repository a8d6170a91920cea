/** Faults in how a pool ends. */
import type { Mutation } from './mutation.ts'

export const ending: readonly Mutation[] = [
  {
    name: 'serve after the end',
    says: 'a closed pool takes new requests',
    find: `    if (this.isClosed && (!front || this.isAbandoned)) return this.refuse(waiter, 'closed')\n`,
    put: '',
  },
  {
    name: 'rest after the end',
    says: 'a closed pool keeps connections that come free',
    find: `    if (this.isClosed && slot.streams === 0) return this.retire(slot, 'shutdown', now)\n`,
    put: '',
  },
  {
    name: 'dial after the end',
    says: 'a closed pool goes on with dials that nobody waits for',
    find: `    for (const slot of this.dials) if (slot.origin.waiting === 0) this.orderClose(slot, 'shutdown')\n`,
    put: '',
  },
  {
    name: 'leave those in line',
    says: 'a destroyed pool forgets to tell those who wait',
    find: `          waiter.failure = failure\n          this.refuse(waiter, 'closed')`,
    put: `          waiter.failure = failure`,
  },
]
