/** Runs the command: within the test, which is quick, or as a process of its own, from its sources. */
import { spawn } from 'node:child_process'
import type { ChildProcessWithoutNullStreams } from 'node:child_process'
import { join } from 'node:path'
import { runCommandLine } from '../../src/program.ts'
import { testSurroundings } from './surroundings.ts'

export const main: string = join(import.meta.dirname, '../../src/main.ts')

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  /** The whole environment besides PATH: nothing of the test's own comes through. */
  readonly env?: Readonly<Record<string, string>>
  readonly input?: string
}

export interface Running extends AsyncDisposable {
  readonly child: ChildProcessWithoutNullStreams
  readonly ended: Promise<Ended>
  /** Resolves when that has been written to standard output or error; rejects when it ends without. */
  wrote(pattern: RegExp): Promise<void>
}

export function start(args: readonly string[], { env = {}, input }: RunOptions = {}): Running {
  const child = spawn(process.execPath, [main, ...args], { env: { PATH: process.env['PATH'], ...env } })
  const seen = { stdout: '', stderr: '' }
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, ...seen }))
  })
  child.stdin.on('error', () => {}) // it may have ended before it read
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (text: string) => (seen[name] += text))
  if (input === undefined) child.stdin.end()
  else child.stdin.end(input)
  const wrote = (pattern: RegExp): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (pattern.test(seen.stdout) || pattern.test(seen.stderr)) resolve()
      }
      child.stdout.on('data', look)
      child.stderr.on('data', look)
      child.on('close', () =>
        reject(new Error(`it ended without ${String(pattern)}: ${JSON.stringify(seen)}`)),
      )
      look()
    })
  return {
    child,
    ended,
    wrote,
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
      await ended
    },
  }
}

export async function run(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  await using running = start(args, options)
  return await running.ended
}

/** The same without a process: streams and environment are a test's own. */
export async function tell(
  args: readonly string[],
  { env = {}, input = '' }: RunOptions = {},
): Promise<Ended> {
  const surroundings = testSurroundings({ env })
  surroundings.stdin.end(input)
  const code = await runCommandLine(args, surroundings)
  return { code, stdout: surroundings.stdout.text, stderr: surroundings.stderr.text }
}
