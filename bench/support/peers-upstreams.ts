/** The servers that clients are measured against, each in a process of its own, on a core of its own. */
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import type { Origins } from './documents.ts'
import type { NginxCounts, NginxOrigins } from './nginx-program.ts'
import type { Upstream } from './peers-workloads.ts'
import { Program } from './program.ts'
import type { Counts } from './upstreams-program.ts'

/** The length of the wire, in ms. */
const roundTrip = 10

export class PeerUpstreams {
  private readonly programs = new Map<string, Program>()
  private readonly core: number | undefined

  constructor(core: number | undefined) {
    this.core = core
  }

  async originOf(upstream: Upstream): Promise<string> {
    const { ready } = await this.programOf(upstream)
    if (upstream === 'nginx') return (ready as NginxOrigins).plain
    if (upstream === 'nginx over TLS') return (ready as NginxOrigins).tls
    if (upstream === 'bare Node server') return ready as string
    return (ready as Record<number, Origins>)[roundTrip]!.embed
  }

  /** What the server counted while something ran. */
  async counting<T>(upstream: Upstream, run: () => Promise<T>): Promise<[T, NginxCounts]> {
    const program = await this.programOf(upstream)
    const before = await program.ask<NginxCounts>('counts')
    const result = await run()
    const after = await program.ask<NginxCounts>('counts')
    // This one begins anew whenever it was asked.
    if (upstream === 'Node over TLS and a wire') return [result, after satisfies Omit<Counts, 'resumed'>]
    return [
      result,
      {
        connections: after.connections - before.connections,
        requests: after.requests - before.requests,
      },
    ]
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const program of this.programs.values()) await program[Symbol.asyncDispose]()
  }

  /** Started when it is first needed. */
  private async programOf(upstream: Upstream): Promise<Program> {
    const [file, settings] = programs[upstream]
    const known = this.programs.get(file)
    if (known !== undefined) return known
    const started = await Program.start(file, settings(), this.core)
    this.programs.set(file, started)
    return started
  }
}

const programs: Readonly<Record<Upstream, readonly [file: string, settings: () => unknown]>> = {
  nginx: ['nginx-program.ts', findNginx],
  'nginx over TLS': ['nginx-program.ts', findNginx],
  'bare Node server': ['small-server-program.ts', () => null],
  'Node over TLS and a wire': ['upstreams-program.ts', () => [roundTrip]],
}

/** @throws Error that says how to install it */
export function findNginx(
  path: string = process.env['PATH'] ?? '',
  besides = ['/usr/sbin', '/usr/local/sbin'],
): string {
  const folders = [...path.split(delimiter), ...besides]
  const found = folders.map((folder) => join(folder, 'nginx')).find(isProgram)
  if (found !== undefined) return found
  throw new Error(
    `There is no nginx on PATH (${path}) nor in /usr/sbin. Install it (Debian: apt-get install nginx-light; ` +
      'macOS: brew install nginx), or run what needs none: npm run bench -- peers --workload node',
  )
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
