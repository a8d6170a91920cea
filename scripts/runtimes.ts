/**
 * `node scripts/runtimes.ts`: the tour (test/runtimes/tour.ts) of the packed library under this Node, Deno and Bun, which
 * npm brings into .data/runtimes. Exits with 1 when one of them does otherwise than docs/releasing.md says.
 */
import { spawnSync } from 'node:child_process'
import { cpSync, globSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { packAll } from './published.ts'
import { house, step } from './steps.ts'

const folder = join(house, '.data/runtimes')
const limit = 60_000

interface Runtime {
  readonly name: string
  /** Where npm puts the program of this platform; without it, this Node. */
  readonly program?: string
  readonly args: readonly string[]
  /** What it writes when it cannot run the tour at all; without it, every step must come out well. */
  readonly refuses?: RegExp
}

const runtimes: readonly Runtime[] = [
  { name: 'Node', args: [] },
  { name: 'Deno', program: 'node_modules/@deno/*/deno{,.exe}', args: ['run', '--allow-all'] },
  {
    name: 'Bun',
    program: 'node_modules/@oven/*/bin/bun{,.exe}',
    args: [],
    refuses: /not found in module 'undici'/,
  },
]

const library = packAll('.data/packed').find(({ name }) => name === 'keepwarm')!
rmSync(folder, { recursive: true, force: true })
mkdirSync(folder, { recursive: true })
writeFileSync(join(folder, 'package.json'), '{ "name": "stranger", "private": true, "type": "module" }')
const install = [
  'install',
  '--prefix',
  folder,
  '--ignore-scripts',
  '--no-audit',
  '--no-fund',
  '--loglevel=error',
]
step('install', 'npm', ...install, join(house, library.path), 'deno@2.9.6', 'bun@1.4.5')
cpSync(join(house, 'test/runtimes/tour.ts'), join(folder, 'tour.ts'))
const asExpected = runtimes.map(goThrough)
process.exitCode = asExpected.every(Boolean) ? 0 : 1

/** Says what came of it, and whether that was to be expected. */
function goThrough({ name, program, args, refuses }: Runtime): boolean {
  const [found] = program === undefined ? [process.execPath] : globSync(program, { cwd: folder })
  if (found === undefined) return tell(false, `${name}: npm has none for this platform`)
  const { stdout, stderr } = spawnSync(
    join(program === undefined ? '' : folder, found),
    [...args, 'tour.ts'],
    {
      cwd: folder,
      encoding: 'utf8',
      timeout: limit,
    },
  )
  const steps = stepsOf(stdout)
  const failed = steps.filter(([, outcome]) => outcome !== 'ok')
  if (steps.length === 0) return tell(refuses?.test(stderr) === true, `${name}: refuses: ${stderr.trim()}`)
  for (const [step, outcome] of failed) console.log(`  ${step}: ${outcome}`)
  const works = failed.length === 0
  return tell(
    works && refuses === undefined,
    `${name}: ${steps.length - failed.length} of ${steps.length} steps`,
  )
}

function stepsOf(stdout: string): [string, string][] {
  try {
    return Object.entries(JSON.parse(stdout) as Record<string, string>)
  } catch {
    return []
  }
}

function tell(isExpected: boolean, text: string): boolean {
  console.log(`${isExpected ? '✓' : '✗'} ${text}`)
  return isExpected
}
