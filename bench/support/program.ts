/** Another process that answers questions: servers, and measurements that need a process of their own. */
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { onCore } from './cores.ts'

type Answer = { readonly answer: unknown } | { readonly failure: string }

/** The asking side. One question at a time; the process ends with the asker. */
export class Program {
  /** What the program said when it was ready. */
  readonly ready: unknown
  private readonly child: ChildProcess

  private constructor(child: ChildProcess, ready: unknown) {
    this.child = child
    this.ready = ready
  }

  /** Starts a file of this folder, with `settings` as its only argument, under this process's own Node flags. */
  static async start(file: string, settings: unknown, core?: number): Promise<Program> {
    const [execPath, execArgv] = onCore(core, process.execPath, process.execArgv)
    const child = fork(new URL(file, import.meta.url), [JSON.stringify(settings)], {
      stdio: ['ignore', 2, 2, 'ipc'],
      execPath,
      execArgv,
    })
    return new Program(child, await answerOf(child, file))
  }

  async ask<T>(question: unknown): Promise<T> {
    const answer = answerOf(this.child, 'the program')
    this.child.send(question as object)
    return (await answer) as T
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return
    const gone = once(this.child, 'exit')
    this.child.disconnect()
    await gone
  }
}

function answerOf(child: ChildProcess, who: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const gone = (code: number | null, signal: string | null): void =>
      reject(new Error(`${who} ended early (${signal ?? `exit code ${code}`})`))
    child.once('exit', gone)
    child.once('message', (message: Answer) => {
      child.off('exit', gone)
      if ('failure' in message) reject(new Error(`${who} failed: ${message.failure}`))
      else resolve(message.answer)
    })
  })
}

/** The settings that the program was started with. */
export function settingsOf<T>(): T {
  return JSON.parse(process.argv[2] ?? 'null') as T
}

/** The answering side: says that it is ready, then answers until the asker is gone. */
export function answerQuestions<Question>(ready: unknown, reply: (question: Question) => unknown): void {
  process.on('disconnect', () => process.exit(0))
  process.on('message', (question) => {
    void Promise.resolve(question as Question)
      .then(reply)
      .then(
        (answer) => process.send?.({ answer: answer ?? null } satisfies Answer),
        (error: unknown) => process.send?.({ failure: describe(error) } satisfies Answer),
      )
  })
  process.send?.({ answer: ready } satisfies Answer)
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
