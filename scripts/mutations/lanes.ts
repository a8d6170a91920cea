/** Faults in endpoint groups, priorities and what is done about an overloaded line. */
import type { Mutation } from './mutation.ts'

const groups: readonly Mutation[] = [
  {
    name: 'keep the place in a group',
    says: 'a request that is over still counts in its endpoint group',
    find: `    waiter.lane!.count(-1)\n`,
    put: '',
  },
  {
    name: 'ignore the limit of a group',
    says: 'an endpoint group may have any number in flight',
    file: 'lanes.ts',
    find: `    const room = Math.max(0, this.maxInFlight - this.inFlight)\n`,
    put: `    const room = Infinity\n`,
  },
  {
    name: 'admit anybody to a group',
    says: 'whoever comes takes a free connection, though the endpoint group has no place',
    file: 'lanes.ts',
    find: `    return this.inFlight + this.goFresh + (first ? 0 : this.go) < this.maxInFlight\n`,
    put: `    return true\n`,
  },
  {
    name: 'no recount in a group',
    says: 'a place that came free in a group is not known to its line',
    file: 'lanes.ts',
    find: `    if (this.maxInFlight !== Infinity) this.recount()\n`,
    put: '',
  },
  {
    name: 'serve no next in a group',
    says: 'a place came free in a group, a connection rests, and nobody brings them together',
    find: `    if (lane.waiting > 0 && lane.maxInFlight !== Infinity) this.serve(lane.origin, now)\n`,
    put: '',
  },
  {
    name: 'serve all but those who timed out',
    says: 'the place of a request that timed out is not given to the next of its group',
    find: `        this.makePlace(item.lane!, now)\n`,
    put: '',
  },
  {
    name: 'serve all but those who left',
    says: 'the place of a request that left is not given to the next of its group',
    find: `    this.leaveLine(waiter)\n    this.makePlace(waiter.lane!, now)\n`,
    put: `    this.leaveLine(waiter)\n`,
  },
  {
    name: 'old limits for groups',
    says: 'new limits of endpoint groups never take effect',
    find: `      for (const lane of origin.lanes) lane.restrict(this.laneLimits(lane.group))\n`,
    put: '',
  },
  {
    name: 'no recount for new limits',
    says: 'new limits of endpoint groups take effect at some later time',
    file: 'lanes.ts',
    find: `    this.limits = limits\n    this.maxInFlight = this.most\n    this.recount()\n`,
    put: `    this.limits = limits\n    this.maxInFlight = this.most\n`,
  },
  {
    name: 'a group for each request',
    says: 'requests of one group do not share its limit',
    find: `    if (known !== undefined) return known\n`,
    put: '',
  },
  {
    name: 'one bound for all lines',
    says: 'a group has the bound of the line of the origin, not its own',
    find: `    return own ?? { maxInFlight: Infinity, maxQueue, limiter }\n`,
    put: `    return { maxInFlight: own?.maxInFlight ?? Infinity, maxQueue, limiter: own?.limiter ?? limiter }\n`,
  },
  {
    name: 'one line for all bounds',
    says: 'those who wait in a group fill the line of the others',
    find: `    if (waiting - Math.min(promised, room) < limits.maxQueue) return false\n`,
    put: `    if (origin.waiting - Math.min(promised, room) < limits.maxQueue) return false\n`,
  },
  {
    name: 'promise what the limit forbids',
    says: 'a dial makes room in the line of a group that has no place for whom it serves',
    find: `waiting - Math.min(promised, room) <`,
    put: `waiting - promised <`,
  },
  {
    name: 'no room in line for whom room is made',
    says: 'without places in line a request is refused though an idle connection makes room for it',
    find: `isFull && this.hasRoomFor(origin) ? this.idle.count + this.closing : 0`,
    put: `0`,
  },
  {
    name: 'fail the first lane alone',
    says: 'a dead origin leaves those of its groups in line',
    find: `      for (const lane of origin.lanes) {\n        for (let waiter; (waiter = lane.earlier`,
    put: `      for (const lane of [origin.lane]) {\n        for (let waiter; (waiter = lane.earlier`,
  },
  {
    name: 'abandon the first lane alone',
    says: 'a destroyed pool leaves those of groups in line',
    find: `      for (const lane of origin.lanes) {\n        for (let waiter; (waiter = lane.oldest`,
    put: `      for (const lane of [origin.lane]) {\n        for (let waiter; (waiter = lane.oldest`,
  },
]

const priorities: readonly Mutation[] = [
  {
    name: 'no head start',
    says: 'priorities change nothing',
    file: 'lanes.ts',
    find: `now + HEAD_START * waiter.priority`,
    put: `now`,
  },
  {
    name: 'low before high',
    says: 'those of low priority are served first',
    file: 'lanes.ts',
    find: `now + HEAD_START * waiter.priority`,
    put: `now - HEAD_START * waiter.priority`,
  },
  {
    name: 'priorities for ever',
    says: 'those of low priority starve while others come',
    file: 'lanes.ts',
    find: `line.first !== null && (best === null || line.first.rank < best.first!.rank)`,
    put: `line.first !== null && best === null`,
  },
  {
    name: 'priorities within a lane alone',
    says: 'the lane that was there first is served first, whatever the priorities',
    find: `if (next !== null && (best === null || next.rank < best.rank)) best = next`,
    put: `if (next !== null && best === null) best = next`,
  },
  {
    name: 'a lost place among priorities',
    says: 'a request that lost its connection unused has to wait behind those of higher priority',
    file: 'lanes.ts',
    find: `front ? -Infinity : now +`,
    put: `now +`,
  },
]

const overload: readonly Mutation[] = [
  {
    name: 'always the newest',
    says: 'lifo turns a burst around',
    find: `lane.next(lifo && this.isOverloaded(lane, now))`,
    put: `lane.next(lifo)`,
  },
  {
    name: 'never the newest',
    says: 'lifo does nothing',
    find: `lane.next(lifo && this.isOverloaded(lane, now))`,
    put: `lane.next(false)`,
  },
  {
    name: 'the newest before the lost',
    says: 'under lifo, a request that lost its connection unused waits until the line is empty',
    file: 'lanes.ts',
    find: `newest && best.first!.rank !== -Infinity ?`,
    put: `newest ?`,
  },
  {
    name: 'no patience for a burst',
    says: 'codel refuses those of a burst',
    find: `this.limits.discipline === 'codel' && this.isOverloaded(lane, now) ?`,
    put: `this.limits.discipline === 'codel' ?`,
  },
  {
    name: 'patience without end',
    says: 'codel does nothing',
    find: `? this.limits.overloadWait : Infinity`,
    put: `? Infinity : Infinity`,
  },
  {
    name: 'overloaded once and for all',
    says: 'a line that was empty in between counts as one that has long been full',
    file: 'lanes.ts',
    find: `    if (this.waiting === 0) this.busySince = now\n`,
    put: '',
  },
]

export const lanes: readonly Mutation[] = [...groups, ...priorities, ...overload]
