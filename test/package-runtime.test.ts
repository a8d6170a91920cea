/** The tour of the library, where a process may less than usual, and where Node says what it will take away. */
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { Worker } from 'node:worker_threads'
import { expect, test } from 'vitest'
import { house } from './sources.ts'

const run = promisify(execFile)
const tour = join(house, 'test/runtimes/tour.ts')
const sources = '--conditions=keepwarm-source'
const limit = 60_000

test(
  'nothing that Node has deprecated, or will deprecate',
  async () => {
    expect(troubles(await node('--throw-deprecation', '--pending-deprecation'))).toEqual({})
  },
  limit,
)

test(
  "Node's permission model: the network, and reading the sources, is all that it needs",
  async () => {
    // Node 24 has no permission for the network yet: it is always allowed there.
    const net = process.allowedNodeEnvironmentFlags.has('--allow-net') ? ['--allow-net'] : []
    expect(troubles(await node('--permission', `--allow-fs-read=${house}`, ...net))).toEqual({})
  },
  limit,
)

test(
  'code that is made of text is not allowed',
  async () => {
    expect(troubles(await node('--disallow-code-generation-from-strings'))).toEqual({})
  },
  limit,
)

test(
  'a frozen start: what Node itself is made of cannot be changed',
  async () => {
    expect(troubles(await node('--frozen-intrinsics', '--disable-proto=throw'))).toEqual({})
  },
  limit,
)

test(
  'several worker threads at once, which come to their end by themselves',
  async () => {
    const all = await Promise.all([inWorker(), inWorker(), inWorker()])
    expect(all.map(({ code, report }) => [code, troubles(report)])).toEqual(all.map(() => [0, {}]))
  },
  limit,
)

async function node(...flags: string[]): Promise<string> {
  const { stdout } = await run(process.execPath, [sources, ...flags, tour], { timeout: limit - 10_000 })
  return stdout
}

async function inWorker(): Promise<{ code: number; report: string }> {
  const worker = new Worker(tour, { execArgv: [sources], stdout: true })
  const [[code], report] = await Promise.all([once(worker, 'exit') as Promise<[number]>, text(worker.stdout)])
  return { code, report }
}

/** What did not come out well; a tour of a few steps is none. */
function troubles(report: string): Record<string, string> {
  const steps = Object.entries(JSON.parse(report) as Record<string, string>)
  expect(steps.length).toBeGreaterThan(10)
  return Object.fromEntries(steps.filter(([, outcome]) => outcome !== 'ok'))
}
