/** Faults in counting the places of connections. */
import type { Mutation } from './mutation.ts'

export const places: readonly Mutation[] = [
  {
    name: 'drop a release',
    says: 'a request that is over still counts on its connection',
    find: `    slot.streams--\n    slot.origin.inFlight--`,
    put: `    slot.origin.inFlight--`,
  },
  {
    name: 'free at retire',
    says: 'the place of a connection that is being closed counts as free',
    find: 'return this.open < this.limits.maxConnections && this.dialing',
    put: 'return this.open - this.closing < this.limits.maxConnections && this.dialing',
  },
  {
    name: 'ignore maxDials',
    says: 'any number of dials may be under way',
    find: ' && this.dialing < this.limits.maxDials',
    put: '',
  },
  {
    name: 'ignore the limit of an origin',
    says: 'one origin may take every place',
    find: 'return origin.open < maxConnectionsPerOrigin && hasAddress(',
    put: 'return hasAddress(',
  },
  {
    name: 'lose a dial',
    says: 'a dial that ended still counts as under way',
    find: `    slot.origin.dialing--\n    this.dialing--`,
    put: `    slot.origin.dialing--`,
  },
  {
    name: 'warm without limits',
    says: 'warming up may dial more than an origin is allowed',
    find: '< count && this.hasRoom && this.hasRoomFor(origin))',
    put: '< count && this.hasRoom)',
  },
  {
    name: 'tunnels make room',
    says: 'an upgraded socket counts as one that is about to be gone',
    find: `    if (slot.closeReason === 'upgrade') return`,
    put: `    //`,
  },
  {
    name: 'lower limits later',
    says: 'when the limit is lowered, idle connections above it stay',
    find: `      this.retire(this.idle.oldest, 'shrunk', now)\n    }`,
    put: `      break\n    }`,
  },
  {
    name: 'lowered limits are forgotten',
    says: 'a connection that is freed above a lowered limit is kept',
    find: `    if (this.open - this.closing > maxConnections) return 'shrunk'\n`,
    put: '',
  },
]
