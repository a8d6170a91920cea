/** Faults in how the number of an origin's connections follows what it needs. */
import type { Mutation } from './mutation.ts'

export const sizing: readonly Mutation[] = [
  {
    name: 'no headroom',
    says: 'there are never more connections than were needed',
    file: 'sizing.ts',
    find: `Math.ceil(need * this.options.headroom)`,
    put: `Math.ceil(need)`,
  },
  {
    name: 'no floor',
    says: 'an origin that is used may have fewer connections than it should',
    file: 'sizing.ts',
    find: `Math.max(this.options.floor, Math.ceil(need * this.options.headroom))`,
    put: `Math.ceil(need * this.options.headroom)`,
  },
  {
    name: 'shrink all at once',
    says: 'when a peak is forgotten, all its connections are closed together',
    file: 'sizing.ts',
    find: `Math.max(this.current - 1, this.aim(Math.max(...this.peaks)))`,
    put: `this.aim(Math.max(...this.peaks))`,
  },
  {
    name: 'never want less',
    says: 'an origin keeps as many connections as it ever needed',
    file: 'sizing.ts',
    find: `Math.max(this.current - 1, this.aim`,
    put: `Math.max(this.current, this.aim`,
  },
  {
    name: 'never forget a peak',
    says: 'a peak is remembered for longer than the window',
    file: 'sizing.ts',
    find: `    this.peaks[step % STEPS] = 0\n`,
    put: '',
  },
  {
    name: 'never shrink',
    says: 'connections that are more than wanted rest until their time is over',
    find: `    if (oldest !== null) this.retire(oldest, 'surplus', now)\n`,
    put: `    void [oldest, now]\n`,
  },
  {
    name: 'shrink the newest',
    says: 'of those that rest the one that was used last is closed',
    find: `if (slot.idle) oldest = slot`,
    put: `if (slot.idle) oldest ??= slot`,
  },
  {
    name: 'shrink below what is wanted',
    says: 'connections are closed though there are not too many',
    find: `    if (origin.ready <= origin.wanted) return\n`,
    put: '',
  },
  {
    name: 'never measure',
    says: 'the number of connections does not follow the need',
    find: `origin.streamsPerConnection), now)\n    this.adapt(origin, now)\n`,
    put: `origin.streamsPerConnection), now)\n`,
  },
  {
    name: 'measure the line alone',
    says: 'requests that are served do not count as need',
    find: `origin.inFlight + origin.go + origin.goFresh\n`,
    put: `origin.go + origin.goFresh\n`,
  },
  {
    name: 'measure the served alone',
    says: 'requests in line do not count as need',
    find: `origin.inFlight + origin.go + origin.goFresh\n`,
    put: `origin.inFlight\n`,
  },
  {
    name: 'measure whom a group holds back',
    says: 'connections are dialed for requests that their endpoint group does not let go',
    find: `origin.inFlight + origin.go + origin.goFresh\n`,
    put: `origin.inFlight + origin.waiting\n`,
  },
  {
    name: 'a connection for each stream',
    says: 'what one HTTP/2 session carries is measured as so many connections',
    find: `Math.ceil(requests / origin.streamsPerConnection)`,
    put: `requests`,
  },
  {
    name: 'measure those who wait alone',
    says: 'whoever is served at once does not count as need',
    find: `        this.lease(waiter, slot, now)\n        return this.measure(origin, now)\n`,
    put: `        return this.lease(waiter, slot, now)\n`,
  },
  {
    name: 'sleep through the window',
    says: 'an origin that nobody asks any more keeps its connections',
    find: `    if (sizing.next !== Infinity && !this.isClosed) this.wake(origin, sizing.next)\n`,
    put: '',
  },
  {
    name: 'measure after the end',
    says: 'a closed pool is woken to see what is needed',
    find: `    if (sizing.next !== Infinity && !this.isClosed) this.wake`,
    put: `    if (sizing.next !== Infinity) this.wake`,
  },
  {
    name: 'ahead of the idle limit',
    says: 'more is dialed ahead of the need than may rest',
    find: `      if (!isMinimum && this.idle.count + this.dialing >= this.mostIdle) return\n`,
    put: '',
  },
  {
    name: 'measured below the minimum',
    says: 'where the need is measured, the minimum does not count',
    find: `    origin.wanted = Math.max(minimum, Math.min(`,
    put: `    origin.wanted = Math.max(0, Math.min(`,
  },
  {
    name: 'want beyond the limit',
    says: 'after a limit was lowered, the number wanted stays above it',
    find: `Math.min(sizing?.wanted ?? 0, this.limits.maxConnectionsPerOrigin))`,
    put: `sizing?.wanted ?? 0)`,
  },
]
