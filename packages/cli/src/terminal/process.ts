/** The process this command runs in: its streams and signals. */
import type { Surroundings } from './surroundings.ts'
import { exitCodes } from '../exit-codes.ts'

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** The first signal asks the command to end, the second ends it at once. */
export function processSurroundings(): Surroundings & Disposable {
  const controller = new AbortController()
  const react = (name: NodeJS.Signals): void => {
    if (controller.signal.aborted) process.exit(exitCodes.interrupted)
    controller.abort(name)
  }
  // Whoever closes the pipe early has seen enough; writing on would be an error without a reader.
  const gone = (error: NodeJS.ErrnoException): void => {
    if (error.code !== 'EPIPE') throw error
    controller.abort('EPIPE')
  }
  for (const name of signals) process.on(name, react)
  process.stdout.on('error', gone)
  process.stderr.on('error', gone)
  return {
    stdout: process.stdout,
    stderr: process.stderr,
    stdin: process.stdin,
    env: process.env,
    signal: controller.signal,
    suspend: (back) => {
      process.once('SIGCONT', back)
      process.kill(process.pid, 'SIGTSTP')
    },
    onExit: (restore) => {
      process.once('exit', restore)
      return () => void process.off('exit', restore)
    },
    [Symbol.dispose]: () => {
      for (const name of signals) process.off(name, react)
    },
  }
}
