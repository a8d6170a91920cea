/** One life of a process: it starts, is asked for things, and is killed in the middle of them. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const program = fileURLToPath(new URL('child.ts', import.meta.url))

export interface Life {
  readonly child: ChildProcess
  /** Where it listens; undefined when it died before. */
  readonly url: Promise<string | undefined>
  /** How it ended. */
  readonly ended: Promise<NodeJS.Signals | number | null>
}

/** @param cache a folder where compiled sources are kept from one life to the next */
export function beginLife(folder: string, upstream: string, cache: string): Life {
  const args = ['--conditions=keepwarm-source', program, folder, upstream]
  const env = { ...process.env, NODE_COMPILE_CACHE: cache }
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'], env, timeout: 60_000 })
  const lines = createInterface(child.stdout)
  const first = Promise.race([once(lines, 'line'), once(lines, 'close')])
  return {
    child,
    url: first.then(([line]: unknown[]) => line as string | undefined),
    ended: once(child, 'exit').then(([code, signal]: unknown[]) => (signal ?? code) as number | null),
  }
}

/** Ends it as `kill -9` does: nothing of it runs any more. */
export async function kill({ child, ended }: Life): Promise<void> {
  child.kill('SIGKILL')
  await ended
}
