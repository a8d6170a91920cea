/** Where a measurement was made: without it, a number says nothing. */
import { createRequire } from 'node:module'
import os from 'node:os'

export interface Environment {
  readonly date: string
  readonly node: string
  /** The npm package; Node's own `fetch` has the other one. */
  readonly undici: string
  readonly undici_in_node: string
  readonly cpu: string
  readonly cpus: number
  readonly os: string
  /** Processes that wanted a CPU when the run began, averaged over a minute. */
  readonly load: number
}

export function environment(): Environment {
  // undici is the library's dependency, and may be where only that finds it.
  const requireOfLibrary = createRequire(import.meta.resolve('keepwarm'))
  const { version } = requireOfLibrary('undici/package.json') as { version: string }
  const cpus = os.cpus()
  return {
    date: new Date().toISOString().slice(0, 10),
    node: process.versions.node,
    undici: version,
    undici_in_node: process.versions['undici'] ?? 'none',
    cpu: cpus[0]?.model.trim() ?? 'unknown',
    cpus: cpus.length,
    os: `${os.type()} ${os.release().split('-')[0]} ${os.arch()}`,
    load: Math.round((os.loadavg()[0] ?? 0) * 10) / 10,
  }
}

export function inWords(facts: Environment): string {
  const { date, node, undici, cpu, cpus, load } = facts
  return `${date} · Node ${node} · undici ${undici} · ${cpus} × ${cpu} · ${facts.os} · load ${load} at the start`
}
