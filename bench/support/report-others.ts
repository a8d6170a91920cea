/** Runs other benchmarks for the report, each as its user would, and gives what they say to programs. */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Shorter than their defaults, so that the whole report takes minutes: their own sections have the long runs. */
export const others = {
  seed: '--rtt 1 --rounds 6',
  race: '--requests 4000 --unkeyed 1000 --timed 1000',
  storm: '--before 2 --hang 3 --after 15',
  outage: '--loads 240 --seeds 1 --seconds 60',
} as const satisfies Record<string, string>

const quickly: Readonly<Record<Other, string>> = {
  seed: '--quick --rtt 0 --rounds 1',
  race: '--quick --requests 50 --unkeyed 50 --timed 20',
  storm: '--quick',
  outage: '--quick --hang 2 --seconds 6',
}

export type Other = keyof typeof others

export interface Said {
  readonly results: readonly unknown[]
  readonly settings: unknown
  readonly findings: readonly string[]
}

/** @throws Error when it fails; a benchmark that holds laws fails when one is broken */
export async function ask(name: Other, quick: boolean): Promise<Said> {
  const file = fileURLToPath(new URL(`../${name}.ts`, import.meta.url))
  const args = [...process.execArgv, file, '--json', ...(quick ? quickly : others)[name].split(' ')]
  const { stdout } = await run(process.execPath, args, { maxBuffer: 2 ** 28, timeout: 1_800_000 })
  return JSON.parse(stdout) as Said
}

/** The line that a reader can type. */
export function commandOf(name: Other): string {
  return `npm run bench -- ${name} ${others[name]}`
}
