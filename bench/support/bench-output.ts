/** Runs a benchmark as its user does, and reads what it says: for its tests. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect } from 'vitest'

const run = promisify(execFile)

export interface Output<Result> {
  readonly schema: string
  readonly benchmark: string
  readonly environment: Readonly<Record<string, unknown>>
  readonly settings: Readonly<Record<string, unknown>>
  readonly results: readonly Result[]
  readonly findings: readonly string[]
}

export async function outputOf<Result>(name: string, ...args: string[]): Promise<Output<Result>> {
  const { stdout, stderr } = await bench(name, '--quick', '--json', ...args)
  expect(stderr).toBe('')
  const output = JSON.parse(stdout) as Output<Result>
  expect(output).toMatchObject({ schema: 'keepwarm-bench/1', benchmark: name })
  expect(output.environment).toMatchObject({
    node: process.versions.node,
    undici: expect.stringMatching(/^\d+\.\d+\.\d+$/),
    cpu: expect.stringMatching(/./),
    date: expect.stringMatching(/^\d{4}-\d\d-\d\d$/),
  })
  return output
}

export function bench(name: string, ...args: string[]): Promise<{ stdout: string; stderr: string }> {
  const file = `${import.meta.dirname}/../${name}.ts`
  return run(process.execPath, ['--conditions=keepwarm-source', file, ...args], {
    timeout: 280_000,
    maxBuffer: 2 ** 26,
  })
}
