/**
 * What a `fetch` of a small JSON document costs: undici's over its Agent, Node's own, `client.fetch`, and `client.get()`.
 *
 *     npm run bench -- fetch
 *     npm run bench -- fetch --connections 10 --processes 5
 *     npm run bench -- fetch --json
 *
 * All arms run in one process, in turns, and everything is repeated in fresh processes.
 */
import {
  cost,
  count,
  environment,
  figure,
  interval,
  medians,
  range,
  type Table,
  times,
} from '@keepwarm/cli/measuring'
import { measureCpu, type CpuResult } from './support/cpu-measure.ts'
import type { FetchArm } from './support/fetch-arms.ts'
import { print } from './support/report.ts'
import { readSettings } from './support/settings.ts'

const many = { least: 1, most: 1_000_000 }
const settings = readSettings('fetch', {
  connections: { ...many, usual: 50, quick: 4, most: 5_000, meaning: 'connections, and as many callers' },
  requests: { ...many, usual: 5_000, quick: 100, meaning: 'requests of one run' },
  rounds: { ...many, usual: 10, quick: 1, meaning: 'how often each arm runs in a process, after a warm-up' },
  processes: { ...many, usual: 3, quick: 1, most: 100, meaning: 'how many fresh processes repeat it' },
})

const facts = environment()
const gets: readonly FetchArm[] = ['undici fetch', "Node's fetch", 'client.fetch', 'client.get().json()']
const posts: readonly FetchArm[] = ['undici fetch, POST', "Node's fetch, POST", 'client.fetch, POST']
const got = await measureCpu({ ...settings, arms: gets, reference: 'undici fetch' })
const posted = await measureCpu({ ...settings, arms: posts, reference: 'undici fetch, POST' })
print(
  {
    benchmark: 'fetch',
    environment: facts,
    settings: { ...settings, protocol: 'HTTP/1.1, loopback', loop: 'closed' },
    results: [...got, ...posted],
    method:
      `${settings.connections} callers on as many warm connections, ${settings.requests.toLocaleString('en-US')} requests a run: ` +
      '`await (await fetch(url)).json()`, and a POST of JSON with three headers and a signal, as SDKs make it. ' +
      `${medians(settings.rounds * settings.processes, `${count(settings.rounds, 'round')} in each of ${count(settings.processes, 'process', 'processes')}`)}; every round runs each ` +
      "arm once, in turns, after a warm-up round that does not count. CPU time is that of the client's whole process.",
    tables: [
      table('CPU time per GET, against undici fetch', got, 'undici fetch'),
      table('CPU time per POST, against undici fetch', posted, 'undici fetch, POST'),
    ],
    findings: [
      say(posted, 'client.fetch, POST', "undici's fetch, for a POST"),
      say(got, 'client.fetch', "undici's fetch"),
    ],
  },
  settings,
)

function table(title: string, results: readonly CpuResult[], reference: FetchArm): Table {
  return {
    title,
    header: ['Arm', 'CPU, µs (95 % CI)', 'Ratio (95 % CI)', 'Ratio by process', 'Heap, bytes'],
    rows: results.map(
      ({ arm, cpu_us_per_request, cpu_ratio, cpu_ratio_by_process, heap_bytes_per_request }) => [
        arm,
        interval(cpu_us_per_request),
        arm === reference ? '1' : times(cpu_ratio),
        range(cpu_ratio_by_process),
        heap_bytes_per_request === null ? 'not counted' : figure(heap_bytes_per_request),
      ],
    ),
  }
}

function say(results: readonly CpuResult[], arm: FetchArm, reference: string): string {
  return `client.fetch ${cost(results.find((result) => result.arm === arm)!.cpu_ratio, reference)}.`
}
