/** The program in a process of its own, and folders for it. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import { tempFolder, texts } from './app-support.ts'

export const main: string = fileURLToPath(new URL('../src/main.ts', import.meta.url))

export interface Program {
  readonly child: ChildProcess
  readonly ended: Promise<{ code: number | null; stdout: string; stderr: string }>
  readonly said: () => string
}

/** Its temporary folders lie in `temp`, so that a test sees what is left of them. */
export function program(
  args: readonly string[],
  env: Record<string, string> = {},
  temp: string = tempFolder(),
  timeout = 20_000,
): Program {
  const { NO_COLOR: _, FORCE_COLOR: __, ...rest } = process.env
  const child = spawn(process.execPath, ['--conditions=keepwarm-source', main, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...rest, PORT: '0', TMPDIR: temp, ...env },
    timeout,
    killSignal: 'SIGKILL',
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const out = { stdout: '', stderr: '' }
  child.stdout.on('data', (data: Buffer) => (out.stdout += data.toString()))
  child.stderr.on('data', (data: Buffer) => (out.stderr += data.toString()))
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, ...out }))
  return { child, ended, said: () => out.stderr }
}

export function pages(amount = 5): string {
  const folder = tempFolder()
  for (const { content, source } of texts(amount))
    writeFileSync(join(folder, source.replace('docs/', '')), content)
  writeFileSync(join(folder, 'picture.png'), 'no picture')
  writeFileSync(join(folder, 'empty.md'), ' \n')
  return folder
}
