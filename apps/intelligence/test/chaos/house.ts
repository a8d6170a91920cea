/** Four stand-ins, a gate in front of each, and the service behind them, whose process comes and goes. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { startUpstreamsInThreads } from '../../src/upstreams/in-thread.ts'
import { upstreamNames, type UpstreamName, type Upstreams } from '../../src/upstreams/index.ts'
import { Gate, type Fault } from './gate.ts'

const program = fileURLToPath(new URL('service.ts', import.meta.url))

/** The client of each upstream, by the name that figures and verdicts have for it. */
export const clientOf: Readonly<Record<UpstreamName, string>> = {
  ollama: 'entity-extractor',
  langextract: 'langextract',
  bridge: 'freshness',
  coordinator: 'workflow-coordinator',
}

const variables: Readonly<Record<UpstreamName, string>> = {
  ollama: 'OLLAMA_BASE_URL',
  langextract: 'LANGEXTRACT_URL',
  bridge: 'BRIDGE_SERVICE_URL',
  coordinator: 'WORKFLOW_COORDINATOR_URL',
}

export class House implements AsyncDisposable {
  readonly folder: string
  readonly gates: ReadonlyMap<UpstreamName, Gate>
  private readonly upstreams: Upstreams
  private child: ChildProcess | undefined
  private current: string | undefined

  private constructor(folder: string, upstreams: Upstreams, gates: ReadonlyMap<UpstreamName, Gate>) {
    this.folder = folder
    this.upstreams = upstreams
    this.gates = gates
  }

  /** @param random chance for faults that are only there now and then */
  static async open(random?: () => number): Promise<House> {
    await using opened = new AsyncDisposableStack()
    const folder = opened.adopt(mkdtempSync(join(tmpdir(), 'keepwarm-chaos-')), (path) =>
      rmSync(path, { recursive: true, force: true }),
    )
    const bridge = { file: join(folder, 'freshness.db') }
    const upstreams = opened.adopt(await startUpstreamsInThreads(upstreamNames, { bridge }), (all) =>
      all.close(),
    )
    const gates = new Map<UpstreamName, Gate>()
    for (const name of upstreamNames)
      gates.set(name, opened.use(await Gate.open(upstreams.get(name).url, random)))
    const house = new House(folder, upstreams, gates)
    await house.start()
    opened.move()
    return house
  }

  /** Where the service listens; undefined while no process of it does. */
  get url(): string | undefined {
    return this.current
  }

  /** @throws when it ends before it listens */
  async start(): Promise<void> {
    const urls = [...this.gates].map(([name, { url }]) => [variables[name], url] as const)
    const env = { ...process.env, ...Object.fromEntries(urls), DATA_DIR: this.folder }
    const args = ['--conditions=keepwarm-source', program]
    const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'], env })
    this.child = child
    const lines = createInterface(child.stdout)
    const [line] = (await Promise.race([once(lines, 'line'), once(child, 'exit')])) as [unknown]
    if (typeof line !== 'string') throw new Error(`the service ended before it listened (${String(line)})`)
    this.current = line
  }

  /** As an operator stops it, or as `kill -9` does. */
  async end(how: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const { child } = this
    this.child = undefined
    this.current = undefined
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.kill(how)
    await gone
  }

  async turn(names: readonly UpstreamName[], fault: Fault | undefined): Promise<void> {
    await Promise.all(names.map((name) => this.gates.get(name)!.turn(fault)))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end('SIGKILL')
    for (const gate of this.gates.values()) await gate[Symbol.asyncDispose]()
    await this.upstreams.close()
    rmSync(this.folder, { recursive: true, force: true })
  }
}
