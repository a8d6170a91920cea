/** Faults in how origins share the places. */
import type { Mutation } from './mutation.ts'

export const sharing: readonly Mutation[] = [
  {
    name: 'forget hungry origins',
    says: 'who found no room under the limit of all connections is not called when there is some',
    find: `        this.hungry.push(origin)\n        return this.makeRoom(now)`,
    put: `        return this.makeRoom(now)`,
  },
  {
    name: 'feed nobody',
    says: 'the room that a closed socket leaves is not given on',
    find: `    this.feed(now) // those who wait for room come before the origin that had it\n`,
    put: '',
  },
  {
    name: 'never evict',
    says: 'idle connections of one origin keep others out',
    find: `      this.retire(this.idle.oldest, 'evicted', now)\n`,
    put: `      break\n`,
  },
  {
    name: 'never share',
    says: 'an origin that is always busy keeps all places for ever',
    find: `    this.hungry.toFront(other)\n    return 'shared'`,
    put: `    return undefined`,
  },
  {
    name: 'hand on the unused',
    says: 'a connection changes hands before it served anybody',
    find: `    if (served === 0) return undefined`,
    put: `    if (served < 0) return undefined`,
  },
  {
    name: 'pass one over',
    says: 'an origin behind which others come and go is never looked at',
    file: 'lists.ts',
    find: `    this.looked = null // or`,
    put: `    // or`,
  },
  {
    name: 'make room for nobody',
    says: 'an origin whose requests left still has others evicted',
    find: `    if (origin.go + origin.goFresh === 0) this.hungry.remove(origin) // nobody makes room for nobody\n`,
    put: '',
  },
  {
    name: 'raise limits unfairly',
    says: 'the room of a raised limit goes to whoever did not wait for it',
    find: `    this.feed(now) // those who wait for room come before those who only now may have more\n`,
    put: '',
  },
  {
    name: 'take tunnels for hope',
    says: 'an origin that has nothing but connections on their way out gets no turn',
    find: `  if (other.ready + other.dialing > 0) return false`,
    put: `  if (other.open > 0) return false`,
  },
]
