/**
 * What a dispatch costs with 10, 100 and 1,000 connections in flight: keepwarm's ConnectionPool beside undici's Pool.
 *
 *     npm run bench -- many-connections
 *     npm run bench -- many-connections --connections 500,2000
 *     npm run bench -- many-connections --json
 *
 * undici's Pool looks for a free connection from the beginning of its list, keepwarm's takes it from the top of a
 * stack. The two run in one process, in turns; each number of connections has processes of its own.
 */
import {
  cost,
  count,
  environment,
  figure,
  interval,
  medians,
  range,
  speed,
  times,
} from '@keepwarm/cli/measuring'
import type { CpuArm } from './support/cpu-arms.ts'
import { measureCpu, type CpuResult } from './support/cpu-measure.ts'
import { print } from './support/report.ts'
import { readSettings } from './support/settings.ts'

const many = { least: 1, most: 1_000_000 }
const settings = readSettings('many-connections', {
  connections: {
    usual: [10, 100, 1_000],
    quick: [2, 20],
    least: 1,
    most: 5_000,
    meaning: 'connections in flight, and as many callers',
  },
  requests: { ...many, usual: 20_000, quick: 200, meaning: 'requests of one run' },
  rounds: { ...many, usual: 10, quick: 2, meaning: 'how often each arm runs in a process, after a warm-up' },
  processes: { ...many, usual: 3, quick: 1, most: 100, meaning: 'how many fresh processes repeat it' },
})

const reference: CpuArm = 'undici Pool.dispatch'
const own: CpuArm = 'keepwarm ConnectionPool.dispatch'
const facts = environment()
const results: CpuResult[] = []
for (const connections of settings.connections) {
  results.push(...(await measureCpu({ ...settings, connections, arms: [reference, own], reference })))
}
print(
  {
    benchmark: 'many-connections',
    environment: facts,
    settings: { ...settings, reference, protocol: 'HTTP/1.1, loopback', loop: 'closed' },
    results,
    method:
      `As many callers as connections, all warm, ${settings.requests.toLocaleString('en-US')} requests a run, the text collected by a handler. ` +
      `${medians(settings.rounds * settings.processes, `${count(settings.rounds, 'round')} in each of ${count(settings.processes, 'process', 'processes')}`)}; the two ` +
      'take turns, after a warm-up round that does not count. CPU time is that of the whole client process.',
    tables: [
      {
        title: `Dispatch with many connections, against ${reference}`,
        header: [
          'Arm',
          'Connections',
          'CPU, µs (95 % CI)',
          'CPU ratio (95 % CI)',
          'By process',
          'Requests/s',
          'Throughput ratio (95 % CI)',
        ],
        rows: results.map(row),
      },
    ],
    findings: results.filter(({ arm }) => arm === own).map(finding),
  },
  settings,
)

function row(result: CpuResult): string[] {
  const compared = result.arm !== reference
  return [
    result.arm,
    result.connections.toLocaleString('en-US'),
    interval(result.cpu_us_per_request),
    compared ? times(result.cpu_ratio) : '1',
    range(result.cpu_ratio_by_process),
    figure(result.requests_per_second.median),
    compared ? times(result.throughput_ratio) : '1',
  ]
}

function finding({ connections, cpu_ratio, throughput_ratio }: CpuResult): string {
  return (
    `With ${connections.toLocaleString('en-US')} in flight, ${own} ${speed(throughput_ratio, reference)} ` +
    `and ${cost(cpu_ratio, reference)}.`
  )
}
