/** The side of those that are collected: a worker of `cluster`, a child process, or a worker thread. */
import { parentPort, threadId } from 'node:worker_threads'
import { ConfigError, observe, type Observed, type ObservedClients } from 'keepwarm'
import { realRuntime } from '../clock.ts'
import { LocalSource } from '../local-source.ts'
import { Line, type Port } from './line.ts'
import { frame, readMessage, type Answer, type Hello } from './protocol.ts'

export interface ReportOptions {
  /** Of this process, as it is shown. Default: as in `observe()`. */
  readonly name?: string
  /** Where to. Default: the process or thread that started this one. */
  readonly port?: Port
}

/**
 * Lets the dashboard of the process or thread that started this one show these clients: there it is
 * `dashboard(…).collect(worker)`. Works only when it is asked, and keeps nothing alive. Dispose of it to end that.
 *
 * @throws ConfigError where nobody started this process with a channel
 * @example
 * if (cluster.isWorker) reportToDashboard(clients)
 */
export function reportToDashboard(clients: ObservedClients, options: ReportOptions = {}): Disposable {
  const { name, port = parent() } = options
  if (port === undefined) {
    const expected =
      'a process or thread that another one started with a channel: by cluster, fork() or new Worker()'
    throw new ConfigError([{ variable: 'port', received: 'none', expected }])
  }
  const observed = observe(clients, name === undefined ? {} : { name })
  const hold = new Hold(port)
  const line = new Line(
    port,
    reply(observed, (message) => line.send(message)),
  )
  hold.letGo()
  line.send(hello(observed))
  return {
    [Symbol.dispose]: () => {
      hold.takeBack()
      line.close()
      observed[Symbol.dispose]()
    },
  }
}

export function ownId(): string {
  return threadId === 0 ? String(process.pid) : `${process.pid}.${threadId}`
}

function reply(observed: Observed, send: (message: object) => void): (message: unknown) => void {
  const source = new LocalSource(observed, realRuntime)
  return (given) => {
    const message = readMessage(given)
    if (message?.type === 'who') return send(hello(observed))
    if (message?.type !== 'ask') return
    const { snapshot, rows, verdicts } = source.look('sum', message.since)
    send({ ...frame, type: 'answer', number: message.number, snapshot, rows, verdicts } satisfies Answer)
  }
}

function hello(observed: Observed): Hello {
  const { pid, name } = observed.snapshot().process
  return { ...frame, type: 'hello', id: ownId(), pid, name }
}

function parent(): Port | undefined {
  if (parentPort !== null) return parentPort
  return process.send === undefined ? undefined : process
}

/**
 * A listener keeps the channel, and so the process, alive: one of ours must not, one of the app's must. A process counts
 * them, so that ours is taken off the count for as long as it is there; a port does not, and is let go when ours is alone.
 */
class Hold {
  private readonly port: {
    listenerCount?(event: string): number
    channel?: { refCounted?(): void; unrefCounted?(): void } | null
    unref?(): void
  }
  private readonly isAlone: boolean

  constructor(port: Port) {
    this.port = port as typeof this.port
    this.isAlone = this.port.listenerCount?.('message') === 0
  }

  letGo(): void {
    const { channel } = this.port
    if (channel?.unrefCounted !== undefined) channel.unrefCounted()
    else if (this.isAlone) this.port.unref?.()
  }

  takeBack(): void {
    this.port.channel?.refCounted?.()
  }
}
