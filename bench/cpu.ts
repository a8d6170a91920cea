/**
 * CPU time and heap per request: dispatch, client, `undici.request` and `fetch`, over undici's Pool and over keepwarm's.
 *
 *     npm run bench -- cpu
 *     npm run bench -- cpu --connections 10 --processes 5
 *     npm run bench -- cpu --json
 *
 * All arms run in one process, in turns, and everything is repeated in fresh processes: what `undici.request` costs
 * depends on the garbage that the process has seen, so that a single process may tell a story of its own.
 */
import { cost, count, environment, figure, interval, medians, range, times } from '@keepwarm/cli/measuring'
import { cpuArms, type CpuArm } from './support/cpu-arms.ts'
import { measureCpu, type CpuResult } from './support/cpu-measure.ts'
import { print } from './support/report.ts'
import { readSettings } from './support/settings.ts'

const many = { least: 1, most: 1_000_000 }
const settings = readSettings('cpu', {
  connections: { ...many, usual: 50, quick: 4, most: 5_000, meaning: 'connections, and as many callers' },
  requests: { ...many, usual: 10_000, quick: 200, meaning: 'requests of one run' },
  rounds: { ...many, usual: 10, quick: 2, meaning: 'how often each arm runs in a process, after a warm-up' },
  processes: { ...many, usual: 3, quick: 1, most: 100, meaning: 'how many fresh processes repeat it' },
})

const reference: CpuArm = 'undici.request on undici Pool'
const facts = environment()
const arms = Object.keys(cpuArms) as CpuArm[]
const results = await measureCpu({ ...settings, arms, reference })
print(
  {
    benchmark: 'cpu',
    environment: facts,
    settings: { ...settings, reference, protocol: 'HTTP/1.1, loopback', loop: 'closed' },
    results,
    method:
      `${settings.connections} callers on ${settings.connections} warm connections, ${settings.requests.toLocaleString('en-US')} requests a run. ` +
      `${medians(settings.rounds * settings.processes, `${count(settings.rounds, 'round')} in each of ${count(settings.processes, 'process', 'processes')}`)}; every round runs each ` +
      'arm once, in turns, after a warm-up round that does not count. CPU time is user and system time of the ' +
      "client's whole process, garbage collection included; heap is what V8 allocated, before any collection.",
    tables: [
      {
        title: `CPU time per request, against ${reference}`,
        header: ['Arm', 'CPU, µs (95 % CI)', 'Ratio (95 % CI)', 'Ratio by process', 'Heap, bytes'],
        rows: results.map(row),
      },
    ],
    findings: findings(results),
  },
  settings,
)

function row(result: CpuResult): string[] {
  const { arm, cpu_us_per_request, cpu_ratio, cpu_ratio_by_process, heap_bytes_per_request } = result
  return [
    arm,
    interval(cpu_us_per_request),
    arm === reference ? '1' : times(cpu_ratio),
    range(cpu_ratio_by_process),
    heap_bytes_per_request === null ? 'not counted' : figure(heap_bytes_per_request),
  ]
}

/** The row that is worst for keepwarm, and the one that most callers will use. */
function findings(all: readonly CpuResult[]): string[] {
  const of = (name: CpuArm): CpuResult => all.find(({ arm }) => arm === name)!
  const say = (name: CpuArm): string => `${name} ${cost(of(name).cpu_ratio, reference)}.`
  return [say('undici.request on ConnectionPool'), say('keepwarm client.get().text()')]
}
