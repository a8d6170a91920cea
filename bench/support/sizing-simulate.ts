/** A pool under a day's load in a world without sockets, where an hour takes seconds. */
import { ConnectionPool } from 'keepwarm'
import { ManualRuntime, SimulatedNetwork } from 'keepwarm/testing'
import type { SizingArm } from './sizing-arms.ts'
import type { Load } from './sizing-load.ts'
import { heldOver, waitsOf, type SizingSample } from './sizing-measure.ts'
import { Waits } from './sizing-waits.ts'

const origin = 'http://orders'
/** Now and then, in ms of the simulation, what nobody asks for is forgotten. */
const slice = 10_000

/** @param dial until a connection is open, in ms */
export async function simulateDay(
  load: Load,
  { fixed, options }: SizingArm,
  dial: number,
): Promise<SizingSample> {
  const runtime = new ManualRuntime()
  const network = new SimulatedNetwork(runtime, {
    [origin]: {
      latency: 0,
      dial: { takes: dial },
      answer: ({ path }) => ({ after: Number(path.slice(1)) }),
    },
  })
  const pool = new ConnectionPool({ ...options, runtime, network })
  if (fixed > 0) pool.maintain(origin, fixed)
  const waits = new Waits(runtime)
  waits.follow(load, pool, origin)
  const { requests } = network.server(origin)
  while (runtime.now() < load.lasts) {
    await runtime.run(Math.min(slice, load.lasts - runtime.now()))
    requests.length = 0 // nobody asks what the server saw, and there are many
  }
  if (waits.broken > 0)
    throw new Error(`${waits.broken} requests broke off where nothing breaks; the run is void`)
  const dials = pool.counters.dialed
  const connections = heldOver(network.history, 0, load.lasts)
  void pool.destroy()
  return { ...waitsOf(waits.each), ...connections, refused: waits.refused, dials }
}
