/** Faults in how old connections get and how long they rest. */
import type { Mutation } from './mutation.ts'

export const ageAndRest: readonly Mutation[] = [
  {
    name: 'skip the age check',
    says: 'a connection is used beyond its age',
    find: `    if (now >= slot.retireAt) return 'age'\n`,
    put: '',
  },
  {
    name: 'skip the idle check',
    says: 'a connection that rested too long is used again',
    find: `    if (slot.idle && now >= slot.idleSince + slot.idleFor) return 'idle'\n`,
    put: '',
  },
  {
    name: 'never trim',
    says: 'more connections than allowed stay idle',
    find: `        this.retire(slot, 'idle_limit', now)\n`,
    put: '',
  },
  {
    name: 'trim at once',
    says: 'a connection that may be needed again in a moment is closed by the idle limit',
    find: `        if (due > now) return this.agenda.move(this.trim, due)\n`,
    put: '',
  },
  {
    name: 'forget the hint',
    says: `the server's keep-alive time is ignored`,
    find: `    slot.hint = Math.min(keepAlive - this.limits.idleMargin, this.limits.maxIdleTimeout)\n`,
    put: `    void [slot, keepAlive]\n`,
  },
  {
    name: 'no margin',
    says: 'a connection is kept until the very moment the server closes it',
    find: `keepAlive - this.limits.idleMargin, this`,
    put: `keepAlive, this`,
  },
  {
    name: 'forget the lesson',
    says: 'what the server showed of its idle time is not used',
    find: `    if (learned < slot.idleFor) slot.idleFor`,
    put: `    if (learned < 0) slot.idleFor`,
  },
  {
    name: 'no jitter',
    says: 'connections that were opened together end together',
    find: `(1 - this.limits.ageJitter * random)`,
    put: `(1 - 0 * random)`,
  },
  {
    name: 'ignore the limit of requests',
    says: 'a connection serves more requests than it may',
    find: `    if (slot.served >= this.limits.maxRequestsPerConnection) this.retire(slot, 'requests', now)\n`,
    put: '',
  },
  {
    name: 'wake for the busy',
    says: 'a connection in use asks to be looked at again and again',
    find: `slot.idle ? Math.min(slot.idleSince + slot.idleFor, age) : age)`,
    put: `Math.min((slot.idle ? slot.idleSince : now) + slot.idleFor, age))`,
  },
  {
    name: 'keep the stale',
    says: 'after a lost race the siblings of the dead connection are tried one by one',
    find: `      if (slot.idle && slot.served > 0) this.retire(slot, 'stale', now)\n`,
    put: '',
  },
  {
    name: 'trust those who slept',
    says: 'after a sleep connections are used that may be forgotten on the other side',
    find: `    while (this.idle.oldest !== null) this.retire(this.idle.oldest, 'suspect', now)\n`,
    put: `    void now\n`,
  },
]
