/** Weighs arms in fresh processes, and gives what one idle connection adds. */
import { median } from '@keepwarm/cli/measuring'
import type { MemoryArm } from './memory-arms.ts'
import type { MemorySettings, Weight } from './memory-program.ts'
import { Program } from './program.ts'

export interface MemoryPlan {
  readonly connections: number
  /** How often each connection serves before it is weighed. */
  readonly served: number
}

/** Bytes that one idle connection adds. */
export interface MemorySample {
  readonly heap: number
  readonly external: number
  readonly rss: number
}

export interface MemoryResult {
  readonly arm: MemoryArm
  readonly connections: number
  readonly heap_bytes: number
  readonly external_bytes: number
  readonly rss_bytes: number
  /** The same by process. */
  readonly samples: readonly MemorySample[]
}

/**
 * In a process of its own: with a tenth of the connections, then with all. What is there once, whatever the number (code
 * that was compiled, a parser's module), falls out of the difference.
 */
export async function weighOnce(arm: MemoryArm, { connections, served }: MemoryPlan): Promise<MemorySample> {
  await using server = await Program.start('memory-server-program.ts', null)
  const settings: MemorySettings = { arm, origin: server.ready as string, connections }
  await using program = await Program.start('memory-program.ts', settings)
  const bare = arm === 'net.Socket alone' // of a pool, every connection serves again
  const weigh = async (expected: number, requests: number): Promise<Weight> => {
    await server.ask(requests)
    for (let round = 0; round < (bare ? 1 : served); round++) await program.ask(requests)
    const weight = await program.ask<Weight>('weigh')
    await expectOpen(server, weight, expected, arm)
    return weight
  }
  const few = Math.ceil(connections / 10)
  const before = await weigh(few, few)
  const after = await weigh(connections, bare ? connections - few : connections)
  const each = (field: 'heap' | 'external' | 'rss'): number =>
    (after[field] - before[field]) / (connections - few)
  return { heap: each('heap'), external: each('external'), rss: each('rss') }
}

/** @throws Error when the server or the pool count another number of connections */
async function expectOpen(server: Program, { idle }: Weight, expected: number, arm: string): Promise<void> {
  const open = await server.ask<number>('open')
  if (open === expected && idle === expected) return
  throw new Error(`${arm}: ${open} connections at the server, ${idle} idle, for ${expected}; the run is void`)
}

export function summarise(
  arm: MemoryArm,
  connections: number,
  samples: readonly MemorySample[],
): MemoryResult {
  const middle = (field: keyof MemorySample): number =>
    Math.round(median(samples.map((sample) => sample[field])))
  return {
    arm,
    connections,
    heap_bytes: middle('heap'),
    external_bytes: middle('external'),
    rss_bytes: middle('rss'),
    samples,
  }
}
