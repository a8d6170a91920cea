/** Faults in when connections are dialed. */
import type { Mutation } from './mutation.ts'

export const dialing: readonly Mutation[] = [
  {
    name: 'give up after a failed dial',
    says: 'after a failed dial no other is begun for those who wait',
    find: `    this.freed(slot.address, now)\n    this.grow(origin, now)\n`,
    put: `    this.freed(slot.address, now)\n`,
  },
  {
    name: 'fail them all',
    says: 'a failed dial fails everybody, though other connections work',
    find: `    if (origin.dialing === 0 && origin.ready === 0) {\n`,
    put: `    if (origin.dialing >= 0) {\n`,
  },
  {
    name: 'fail those who came later',
    says: 'a failed dial fails requests that came after it began',
    file: 'lanes.ts',
    find: `return oldest !== null && oldest.queuedAt <= moment ? oldest : null`,
    put: `return oldest`,
  },
  {
    name: 'no pause',
    says: 'an origin that fails is dialed again at once, for ever',
    find: `    if (now >= origin.dialAfter) return true\n`,
    put: `    if (now >= 0) return true\n`,
  },
  {
    name: 'sleep through the pause',
    says: 'when the pause after a failed dial is over, nobody dials',
    find: `    this.wake(origin, origin.dialAfter)\n`,
    put: '',
  },
  {
    name: 'dial too much',
    says: 'a dial is begun for whom a connection will be free in a moment',
    find: `Math.max(0, origin.go - origin.expected)`,
    put: `origin.go`,
  },
  {
    name: 'count on the dead',
    says: 'a connection that died still counts as about to be free',
    find: `    this.idle.remove(slot)\n    this.expect(slot, 0)\n`,
    put: `    this.idle.remove(slot)\n`,
  },
]
