/** What the steps of a schedule mean that are the servers' doing. */
import { statuses, ways, type ClientStepName } from './client-schedule.ts'
import type { Fate } from './client-visit.ts'
import type { Dialing } from './network-behaviour.ts'
import type { SimulatedServer } from './network-server.ts'

const closings = ['fin', 'rst'] as const

/** Each with the step's numbers after the server's. */
export const serverDeeds: Readonly<
  Partial<Record<ClientStepName, (server: SimulatedServer, numbers: readonly number[]) => void>>
> = {
  dial: (server, [takes = 0, how = 0]) => server.behave({ dial: dialing(takes, how) }),
  keep: (server, [idle = 0, how = 0]) =>
    server.behave({ idleTimeout: idle > 0 ? idle : Infinity, closes: nth(closings, how) }),
  workers: (server, [count = 1]) => server.behave({ workers: Math.max(1, count) }),
  streams: (server, [count = 0]) => server.behave({ maxStreams: count }),
  hangup: (server, [all = 0, how = 0]) => {
    if (all % 2 === 0) server.closeIdle(nth(closings, how))
    else server.closeAll(nth(closings, how))
  },
  goaway: (server) => server.goaway(),
  vanish: (server) => server.vanish(),
}

export function fateOf([after = 0, status = 0, way = 0, parts = 0, times = 0]: readonly number[]): Fate {
  return { after, status: nth(statuses, status), way: nth(ways, way), parts, times }
}

function dialing(takes: number, how: number): Dialing {
  if (how === 1) return { takes, fails: 'ECONNREFUSED' }
  return how === 2 ? { takes, hangs: true } : { takes }
}

/** Counted round and round. */
export function nth<T>(list: readonly T[], n: number): T {
  return list[n % list.length]!
}
