/**
 * What an idle connection weighs: keepwarm's ConnectionPool beside undici's Pool and Node's http.Agent.
 *
 *     npm run bench -- memory
 *     npm run bench -- memory --connections 5000 --processes 9
 *     npm run bench -- memory --json
 *
 * Each pool in a fresh process: the memory with many idle connections, less that with a tenth of them, by their number.
 */
import { count, environment, figure } from '@keepwarm/cli/measuring'
import { memoryArms, type MemoryArm } from './support/memory-arms.ts'
import { summarise, weighOnce, type MemoryResult, type MemorySample } from './support/memory-measure.ts'
import { print } from './support/report.ts'
import { Progress } from './support/progress.ts'
import { turn } from './support/rounds.ts'
import { readSettings } from './support/settings.ts'

const settings = readSettings('memory', {
  connections: { usual: 1_000, quick: 50, least: 2, most: 10_000, meaning: 'idle connections' },
  processes: { usual: 7, quick: 1, least: 1, most: 100, meaning: 'how many fresh processes weigh each pool' },
  served: { usual: 3, quick: 2, least: 1, most: 100, meaning: 'requests that each connection has served' },
})

const facts = environment()
const arms = Object.keys(memoryArms) as MemoryArm[]
const { connections, processes } = settings
const results = await weighAll()
print(
  {
    benchmark: 'memory',
    environment: facts,
    settings: { ...settings, protocol: 'HTTP/1.1, loopback' },
    results,
    method:
      `${count(connections, 'connection')} that served ${count(settings.served, 'request')} each and are idle (a socket alone: one), less a tenth of ` +
      `them that did the same, by their number. Medians of ${count(processes, 'fresh process', 'fresh processes')}, with the least and the ` +
      "greatest, after several collections. External is memory outside of V8's " +
      "heap that belongs to its objects; resident is all that the process holds, in whole pages. The kernel's buffers are in none of them.",
    tables: [
      {
        title: 'Memory of an idle connection, kB',
        header: ['Pool', 'V8 heap', 'External', 'Resident'],
        rows: results.map(row),
      },
    ],
    findings: findings(),
  },
  settings,
)

/** In turns, each time in a process that did nothing before. */
async function weighAll(): Promise<MemoryResult[]> {
  const samples = new Map<MemoryArm, MemorySample[]>(arms.map((arm) => [arm, []]))
  const progress = new Progress('memory', arms.length * processes)
  for (let round = 0; round < processes; round++) {
    for (const arm of turn(arms, round)) {
      progress.step(arm)
      samples.get(arm)!.push(await weighOnce(arm, settings))
    }
  }
  progress.done()
  return arms.map((arm) => summarise(arm, connections, samples.get(arm)!))
}

function row({ arm, ...result }: MemoryResult): string[] {
  const cell = (middle: number, field: 'heap' | 'external' | 'rss'): string => {
    const values = result.samples.map((sample) => sample[field])
    return `${kilobytes(middle)} (${kilobytes(Math.min(...values))}–${kilobytes(Math.max(...values))})`
  }
  const { heap_bytes, external_bytes, rss_bytes } = result
  return [arm, cell(heap_bytes, 'heap'), cell(external_bytes, 'external'), cell(rss_bytes, 'rss')]
}

function kilobytes(bytes: number): string {
  return (bytes / 1_000).toFixed(2)
}

function findings(): string[] {
  const [own, undici] = [results[0]!, results[1]!]
  const ratio = own.heap_bytes / undici.heap_bytes
  return [
    `An idle connection of keepwarm's ConnectionPool holds ${kilobytes(own.heap_bytes)} kB of V8's heap, of undici's Pool ${kilobytes(undici.heap_bytes)} kB: ${figure(ratio)}×.`,
  ]
}
