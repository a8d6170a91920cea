/** What the scripts share: a step prints one line, and the first step that fails names itself and ends the run. */
import { spawnSync } from 'node:child_process'
import { delimiter, dirname, join } from 'node:path'

/** The repository's top folder. */
export const house: string = dirname(import.meta.dirname)

/** Runs a program in the top folder; the whole script ends with the program's exit code when that is not 0. */
export function step(name: string, program: string, ...args: string[]): void {
  console.log(`▸ ${name}`)
  const { status, signal, error } = spawnSync(program, args, {
    cwd: house,
    env: surroundings(),
    stdio: 'inherit',
  })
  if (status === 0) return
  console.error(`✗ ${name} failed: ${error?.message ?? signal ?? `exit code ${status}`}`)
  process.exit(status ?? 1)
}

/** Like {@link step}, for a JavaScript or TypeScript file; it runs on the same Node as this script. */
export function nodeStep(name: string, file: string, ...args: string[]): void {
  step(name, process.execPath, join(house, file), ...args)
}

/** Children find the Node that runs this script first, whichever others the machine has. */
function surroundings(): NodeJS.ProcessEnv {
  const path = [dirname(process.execPath), process.env['PATH'] ?? ''].join(delimiter)
  return { ...process.env, PATH: path, KEEPWARM_NODE: process.version }
}

/** Commands that more than one script runs. */
export const tsc = 'node_modules/typescript/bin/tsc'
export const vitest = 'node_modules/vitest/vitest.mjs'
