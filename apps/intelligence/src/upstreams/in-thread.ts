/**
 * The embedded stand-ins in a thread of their own. Their work by rules takes the processor for hundreds of
 * milliseconds; on the service's event loop, its clients would measure that loop in place of the upstream.
 */
import { Worker } from 'node:worker_threads'
import { Counts } from './counts.ts'
import { gather, upstreamNames, type UpstreamName, type Upstreams, type UpstreamsOptions } from './index.ts'
import type { Answer, Assignment } from './thread.ts'
import { CLOSE_GRACE, type Upstream } from './upstream.ts'

/** Milliseconds that the thread gets to close, besides the grace of each stand-in, before it is ended. */
const STUCK = 1_000

const ownFile = new URL('./thread.ts', import.meta.url)

/**
 * Starts the named stand-ins as `startUpstreams` does, in one thread, which ends with the last of them. Should it end
 * earlier, a warning says so, and `close` rejects with the reason.
 *
 * @param file what the thread runs; tests give one that fails
 * @example
 * const upstreams = await startUpstreamsInThread(['ollama', 'bridge'], { bridge: { file: 'freshness.db' } })
 * upstreams.get('ollama').connections.opened // read here, counted there
 * await upstreams.close()
 */
export async function startUpstreamsInThread(
  which: readonly UpstreamName[] = upstreamNames,
  options: UpstreamsOptions = {},
  file = ownFile,
): Promise<Upstreams> {
  const names = [...new Set(which)]
  if (names.length === 0) return gather(new Map())
  const counts = new Map(names.map((name) => [name, new Counts()]))
  const told = names.map((name) => [name, { ...options[name], counts: counts.get(name)?.memory }])
  const assignment = { which: names, options: Object.fromEntries(told) as UpstreamsOptions }
  const thread = new Thread(file, assignment, counts)
  const urls = await thread.started
  const started = [...counts].map(([name, counted]) => {
    return [name, new Remote(name, urls.get(name) ?? '', counted, thread)] as const
  })
  const graces = names.map((name) => options[name]?.closeGrace ?? CLOSE_GRACE)
  const longest = graces.reduce((sum, grace) => sum + grace, STUCK)
  return gather(new Map(started), (closing) => thread.endAfter(closing, longest))
}

/** Those that answer at once. */
const quick: ReadonlySet<UpstreamName> = new Set(['bridge', 'coordinator'])

/** Starts them in two threads, so that those that answer at once do not wait for those that work. */
export async function startUpstreamsInThreads(
  which: readonly UpstreamName[] = upstreamNames,
  options: UpstreamsOptions = {},
): Promise<Upstreams> {
  const working = await startUpstreamsInThread(
    which.filter((name) => !quick.has(name)),
    options,
  )
  const answering = await startUpstreamsInThread(
    which.filter((name) => quick.has(name)),
    options,
  ).catch(async (error: unknown) => {
    await working.close()
    throw error
  })
  return {
    all: [...working.all, ...answering.all],
    get: (name) => (quick.has(name) ? answering : working).get(name),
    close: () => closeBoth(answering, working),
  }
}

async function closeBoth(...threads: readonly Upstreams[]): Promise<void> {
  const endings = await Promise.allSettled(threads.map((thread) => thread.close()))
  const failures = endings.flatMap((ending) =>
    ending.status === 'rejected' ? [ending.reason as unknown] : [],
  )
  if (failures.length > 0) throw new AggregateError(failures, 'stand-ins did not close')
}

/** A stand-in as it is seen from outside its thread. */
class Remote implements Upstream {
  readonly name: UpstreamName
  readonly url: string
  private readonly counts: Counts
  private readonly thread: Thread

  constructor(name: UpstreamName, url: string, counts: Counts, thread: Thread) {
    this.name = name
    this.url = url
    this.counts = counts
    this.thread = thread
  }

  get connections(): Upstream['connections'] {
    return this.counts.connections
  }

  get requests(): number {
    return this.counts.requests
  }

  close(): Promise<void> {
    return this.thread.close(this.name)
  }
}

class Thread {
  /** Where each stand-in listens. Rejects when they could not start. */
  readonly started: Promise<ReadonlyMap<UpstreamName, string>>
  private readonly worker: Worker
  private readonly starting = Promise.withResolvers<ReadonlyMap<UpstreamName, string>>()
  private readonly exited = Promise.withResolvers<void>()
  private readonly closings = new Map<UpstreamName, PromiseWithResolvers<void>>()
  private readonly running: Map<UpstreamName, Counts>
  private state: 'starting' | 'running' | 'ending' | 'over' = 'starting'
  private failure: Error | undefined

  constructor(file: URL, assignment: Assignment, counts: ReadonlyMap<UpstreamName, Counts>) {
    this.running = new Map(counts)
    this.started = this.starting.promise
    this.worker = new Worker(file, { name: 'stand-ins', workerData: assignment })
    const names = assignment.which.join(', ')
    this.worker.on('message', (answer: Answer) => this.hear(answer))
    this.worker.once('error', (error) => {
      this.failure = new Error(`the thread of the stand-ins ${names} failed: ${String(error)}`, {
        cause: error,
      })
    })
    this.worker.once('exit', (code) => {
      if (this.state !== 'ending')
        this.failure ??= new Error(`the thread of the stand-ins ${names} ended by itself, with code ${code}`)
      this.over()
    })
  }

  /** What is closed with the thread is closed well: why the thread ended, `endAfter` says. */
  close(name: UpstreamName): Promise<void> {
    const known = this.closings.get(name)
    if (known !== undefined) return known.promise
    const closing = Promise.withResolvers<void>()
    this.closings.set(name, closing)
    if (this.state === 'over') closing.resolve()
    else this.worker.postMessage(name)
    return closing.promise
  }

  /** Lets the closing go on for `longest` ms, and then ends the thread, whatever it does. Rejects as it failed. */
  async endAfter(closing: Promise<void>, longest: number): Promise<void> {
    if (this.state === 'running') this.state = 'ending'
    const late = setTimeout(() => this.end(), longest)
    try {
      await closing
    } finally {
      clearTimeout(late)
      await this.ended()
    }
    if (this.failure !== undefined) throw this.failure
  }

  private hear(answer: Answer): void {
    if ('urls' in answer) {
      this.state = 'running'
      this.starting.resolve(answer.urls)
      return
    }
    const { closed, problem } = answer
    if (problem === undefined) this.closings.get(closed)?.resolve()
    else this.closings.get(closed)?.reject(problem)
    this.running.delete(closed)
    if (this.running.size === 0 && this.state !== 'over') this.state = 'ending' // it ends by itself now
  }

  /** A thread that has nothing left to do ends by itself, which is gentler than to be ended. */
  private async ended(): Promise<void> {
    const stuck = setTimeout(() => this.end(), this.running.size === 0 ? STUCK : 0)
    await this.exited.promise
    clearTimeout(stuck)
  }

  private end(): void {
    if (this.state === 'over') return
    this.state = 'ending'
    void this.worker.terminate()
  }

  private over(): void {
    const before = this.state
    this.state = 'over'
    for (const counts of this.running.values()) counts.noneOpen()
    for (const closing of this.closings.values()) closing.resolve()
    if (this.failure !== undefined && before === 'starting') this.starting.reject(this.failure)
    if (this.failure !== undefined && before === 'running') process.emitWarning(this.failure.message)
    this.exited.resolve()
  }
}
