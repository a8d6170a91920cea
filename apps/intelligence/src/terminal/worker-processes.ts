/** Worker processes of this command: started, listened to, started again when they die, and stopped. */
import { fork, type ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Service } from '../app.ts'
import type { Environment } from '../config/settings.ts'
import type { UpstreamName } from '../upstreams/index.ts'
import { printable } from './figures.ts'
import type { ClientReport } from './report.ts'
import type { Screen } from './screen.ts'
import { restartPause, type FromWorker, type ToWorker } from './worker-messages.ts'

const main = fileURLToPath(new URL('../main.ts', import.meta.url))

/** Milliseconds: to be ready, to answer with figures, to stop before it is killed. */
const PATIENCE = { ready: 30_000, figures: 2_000, stop: 20_000 }
/** After so long a life, deaths are counted anew. */
const LONG_LIFE = 60_000

const urlVariables: Readonly<Record<UpstreamName, string>> = {
  ollama: 'OLLAMA_BASE_URL',
  langextract: 'LANGEXTRACT_URL',
  bridge: 'BRIDGE_SERVICE_URL',
  coordinator: 'WORKFLOW_COORDINATOR_URL',
}

interface Worker {
  readonly child: ChildProcess
  readonly ready: Promise<string | undefined>
  readonly ended: Promise<void>
  figures: readonly ClientReport[]
  heard: () => void
}

export class WorkerProcesses implements AsyncDisposable {
  private readonly service: Service
  private readonly env: Environment
  private readonly screen: Screen
  /** Those that died among them: what they did is counted. */
  private readonly all: Worker[] = []
  private readonly living = new Set<Worker>()
  private readonly stopping = new AbortController()
  private readonly killAll = (): void => {
    for (const { child } of this.living) child.kill('SIGKILL')
  }

  constructor(service: Service, env: Environment, screen: Screen) {
    this.service = service
    this.env = env
    this.screen = screen
    // Ended at once: nobody would be there to stop them.
    process.once('exit', this.killAll)
  }

  /** Resolves when each of them works, could not start, or takes too long. */
  async start(amount: number): Promise<void> {
    const names = Array.from({ length: amount }, (_, index) => `worker-${index + 1}`)
    const begun = names.map((name) => this.begin(name, 1).ready)
    await Promise.race([Promise.all(begun), pause(PATIENCE.ready, undefined, { ref: false })])
  }

  /** What the clients of each did, as far as it told. */
  async figures(): Promise<(readonly ClientReport[])[]> {
    const heard = [...this.living].map((worker) => {
      const answered = new Promise<void>((resolve) => (worker.heard = resolve))
      say(worker, 'figures')
      return Promise.race([answered, worker.ended])
    })
    await Promise.race([Promise.all(heard), pause(PATIENCE.figures, undefined, { ref: false })])
    return this.all.map(({ figures }) => figures)
  }

  /** Lets what is under way finish. Twice is the same as once. */
  async stop(): Promise<void> {
    this.stopping.abort()
    for (const worker of this.living) say(worker, 'stop')
    const late = setTimeout(this.killAll, PATIENCE.stop)
    await Promise.all([...this.living].map(({ ended }) => ended))
    clearTimeout(late)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
    process.off('exit', this.killAll)
  }

  private begin(name: string, deaths: number): Worker {
    const child = fork(main, ['--worker'], {
      env: this.environment(name),
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    })
    const { screen } = this
    if (child.stderr !== null) {
      createInterface(child.stderr).on('line', (line) => screen.err(`  ${name}: ${printable(line)}`))
    }
    const ready = Promise.withResolvers<string | undefined>()
    const ended = Promise.withResolvers<void>()
    const worker: Worker = { child, ready: ready.promise, ended: ended.promise, figures: [], heard: () => {} }
    let known: string | undefined
    child.on('message', (message: FromWorker) => {
      if (message.type === 'ready') ready.resolve((known = message.name))
      else worker.figures = message.clients
      worker.heard()
    })
    const bornAt = performance.now()
    const over = (how: string): void => {
      if (!this.living.delete(worker)) return
      ready.resolve(undefined)
      ended.resolve()
      const inRow = performance.now() - bornAt > LONG_LIFE ? 1 : deaths
      void this.after(name, known, how, inRow)
    }
    child.on('error', (error) => over(error.message))
    child.on('exit', (code, signal) => over(signal ?? `exit code ${code}`))
    void worker.ready.then((own) => own !== undefined && screen.err(`  ${own} is process ${child.pid}`))
    this.all.push(worker)
    this.living.add(worker)
    return worker
  }

  /** One that was told to stop, by us or by somebody else, stays away; one that died has its jobs taken from it. */
  private async after(name: string, known: string | undefined, how: string, deaths: number): Promise<void> {
    const { signal } = this.stopping
    if (signal.aborted || how === 'exit code 0') return
    const { screen, service } = this
    if (known === undefined)
      return screen.err(`  ${screen.paintErr('yellow', `${name} did not start: ${how}`)}`)
    const wait = restartPause(deaths)
    const text = `${known} ended: ${how}; the others take its documents, and another begins in ${wait / 1_000} s`
    screen.err(`  ${screen.paintErr('yellow', text)}`)
    try {
      await service.context.store.processes?.bury(known)
      service.context.worker.wake()
      await pause(wait, undefined, { signal, ref: false })
    } catch {
      // The database is away, and leases run out by themselves; or it is time to stop.
      if (signal.aborted) return
    }
    this.begin(name, deaths + 1)
  }

  /** The same database and the same upstreams, stand-ins among them; nothing else of ours. */
  private environment(name: string): NodeJS.ProcessEnv {
    const { upstreams } = this.service.context
    const standIns = upstreams.flatMap((one) =>
      one.standIn === undefined ? [] : [[urlVariables[one.name], one.url] as const],
    )
    const own = { PORT: '0', HOST: '127.0.0.1', WORKER_PROCESSES: '0', PROCESS_NAME: name }
    const { DATA_DIR: _ours, ...rest } = { ...process.env, ...this.env }
    return { ...rest, ...Object.fromEntries(standIns), ...own }
  }
}

/** It may be ending just now. */
function say({ child }: Worker, message: ToWorker): void {
  if (child.connected) child.send(message, () => {})
}
