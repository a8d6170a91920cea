import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'

/** Runs a small ES module that uses the pool, in a process of its own, and says what it wrote and how it ended. */
export function runProgram(source: string, ...parameters: string[]): Promise<Ran> {
  return runProgramWith([], source, ...parameters)
}

export interface Ran {
  readonly code: number | null
  readonly output: string
  readonly took: number
}

/** The same with flags for Node. */
export async function runProgramWith(
  flags: readonly string[],
  source: string,
  ...parameters: string[]
): Promise<Ran> {
  const began = performance.now()
  const child = spawn(
    process.execPath,
    [...flags, '--conditions=keepwarm-source', '--input-type=module', '--eval', source, ...parameters],
    { stdio: ['ignore', 'pipe', 'pipe'], cwd: import.meta.dirname, timeout: 20_000, killSignal: 'SIGKILL' },
  )
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  const [out, errors] = await Promise.all([text(child.stdout), text(child.stderr)])
  return { code: await ended, output: out + errors, took: performance.now() - began }
}
