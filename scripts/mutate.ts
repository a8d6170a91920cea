/**
 * `npm run mutate [-- <words>]`: puts one fault after another into a copy of the pool's core and asks the scenes (all of
 * core*.test.ts, and the tests of the core's parts) and the simulation whether they notice. Exits with 1 when a fault
 * survives, or no longer fits the source. Words choose the mutations whose names contain them.
 *
 * The copies are in .data/mutants; the sources are never touched. A mutated core may run in circles or fill the memory,
 * so each run has a hard limit of both; running into it counts as noticed, and is told.
 */
import { spawn } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { mutations } from './mutations/all.ts'
import type { Mutation } from './mutations/mutation.ts'
import { house, vitest } from './steps.ts'

const source = join(house, 'packages/keepwarm/src')
const scratch = join(house, `.data/mutants/${process.pid}`)
/** How long the tests of a mutant may take, in ms; and how many times as long as those of the sources. */
const LEAST_LIMIT = 20_000
const TIMES_HEALTHY = 4
const MEGABYTES = 512
const SEEDS = 300
const simulationFile = 'core.simulation.test.ts'
/** The scenes of the core, and the tests that stand beside its parts. */
const sceneFiles = readdirSync(join(source, 'pool')).filter(
  (name) => /^(core|sizing|idle-lesson)\b.*\.test\.ts$/.test(name) && name !== simulationFile,
)

/** What the tests of one kind said of a mutant. */
interface Answer {
  readonly outcome: 'passes' | 'notices' | 'hangs' | 'does not run'
  /** The first test that failed, or the law that was broken. */
  readonly by: string
}

interface Row {
  readonly mutation: Mutation
  readonly scenes: Answer
  readonly simulation: Answer
  readonly seconds: number
}

const words = process.argv.slice(2)
const chosen = mutations.filter(({ name }) => words.length === 0 || words.some((word) => name.includes(word)))
let timeLimit = 120_000
process.exitCode = await main()

async function main(): Promise<number> {
  if (chosen.length === 0) return complain(`No mutation is called like "${words.join(' ')}".`)
  const unfit = chosen.filter((mutation) => mutated(mutation) === undefined)
  for (const { name, file = 'core.ts' } of unfit) complain(`"${name}" no longer fits ${file}: adapt it.`)
  try {
    console.log(line('', 'mutation', 'noticed by the scenes', 'noticed by the simulation', 'time'))
    const healthy = await examine({ name: 'no mutation', says: '', find: '', put: '' }, 'healthy')
    if (verdict(healthy) !== 'SURVIVES') return complain(`The sources themselves fail: ${by(healthy)}`)
    timeLimit = Math.max(LEAST_LIMIT, TIMES_HEALTHY * Math.round(1_000 * healthy.seconds))
    const rows = await examineAll(chosen.filter((mutation) => !unfit.includes(mutation)))
    const survivors = rows.filter((row) => verdict(row) !== 'caught')
    console.log(`\n${rows.length - survivors.length} of ${chosen.length} caught`)
    for (const { mutation } of survivors) complain(`"${mutation.name}" survives: ${mutation.says}.`)
    return survivors.length + unfit.length > 0 ? 1 : 0
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

function complain(text: string): 1 {
  console.error(`✗ ${text}`)
  return 1
}

/** As many at a time as there are processors. */
async function examineAll(waiting: readonly Mutation[]): Promise<Row[]> {
  const rows: Row[] = []
  let next = 0
  const work = async (): Promise<void> => {
    while (next < waiting.length) {
      const number = next++
      const row = await examine(waiting[number]!, String(number))
      rows.push(row)
      print(row)
    }
  }
  await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, work))
  return rows
}

async function examine(mutation: Mutation, folder: string): Promise<Row> {
  const began = performance.now()
  const copy = join(scratch, folder)
  mkdirSync(copy, { recursive: true })
  cpSync(source, copy, { recursive: true })
  const { file = 'core.ts' } = mutation
  if (mutation.find !== '') writeFileSync(join(copy, 'pool', file), mutated(mutation)!)
  const scenes = await ask(copy, sceneFiles)
  const simulation = await ask(copy, [simulationFile])
  rmSync(copy, { recursive: true, force: true })
  return { mutation, scenes, simulation, seconds: (performance.now() - began) / 1_000 }
}

/** The file with the fault in it; undefined when the place is not there, or there twice. */
function mutated({ file = 'core.ts', find, put }: Mutation): string | undefined {
  const parts = readFileSync(join(source, 'pool', file), 'utf8').split(find)
  return parts.length === 2 ? parts.join(put) : undefined
}

/** Runs files of tests in the copy. They run in one process, so that killing it leaves nothing behind. */
function ask(copy: string, files: readonly string[]): Promise<Answer> {
  const report = join(copy, 'report.json')
  rmSync(report, { force: true })
  const reporter = ['--reporter=json', `--outputFile=${report}`]
  const paths = files.map((file) => `pool/${file}`)
  const child = spawn(
    process.execPath,
    [
      `--max-old-space-size=${MEGABYTES}`,
      join(house, vitest),
      'run',
      '--pool=threads',
      ...reporter,
      ...paths,
    ],
    {
      cwd: copy,
      env: { ...process.env, KEEPWARM_SEEDS: String(SEEDS), KEEPWARM_SHRINK: '0' },
      stdio: 'ignore',
      timeout: timeLimit,
      killSignal: 'SIGKILL',
    },
  )
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => resolve(read(report, code, signal)))
  })
}

function read(report: string, code: number | null, signal: NodeJS.Signals | null): Answer {
  if (signal === 'SIGKILL')
    return { outcome: 'hangs', by: `hangs (killed after ${Math.round(timeLimit / 1_000)} s)` }
  if (code === 0) return { outcome: 'passes', by: '–' }
  if (!existsSync(report)) return { outcome: 'hangs', by: 'dies without a word: out of memory' }
  const { testResults } = JSON.parse(readFileSync(report, 'utf8')) as {
    testResults: {
      message: string
      assertionResults: { status: string; title: string; failureMessages: string[] }[]
    }[]
  }
  const failed = testResults.flatMap(({ assertionResults }) =>
    assertionResults.filter(({ status }) => status === 'failed'),
  )
  const [first] = failed
  if (first === undefined) {
    const message = testResults.map(({ message }) => message).find((text) => text !== '')
    return { outcome: 'does not run', by: message ?? 'no tests' }
  }
  const law = /broken: (.+)/.exec(first.failureMessages.join('\n'))?.[1]
  return {
    outcome: 'notices',
    by: law ?? `${first.title}${failed.length > 1 ? ` (+ ${failed.length - 1})` : ''}`,
  }
}

function verdict({ scenes, simulation }: Row): 'caught' | 'SURVIVES' | 'DOES NOT RUN' {
  const outcomes = [scenes.outcome, simulation.outcome]
  if (outcomes.includes('does not run')) return 'DOES NOT RUN'
  return outcomes.every((outcome) => outcome === 'passes') ? 'SURVIVES' : 'caught'
}

function by({ scenes, simulation }: Row): string {
  return `scenes: ${scenes.by} · simulation: ${simulation.by}`
}

function print(row: Row): void {
  const { mutation, scenes, simulation, seconds } = row
  console.log(line(verdict(row), mutation.name, scenes.by, simulation.by, `${seconds.toFixed(1)} s`))
}

function line(...[result, name, scenes, simulation, time]: [string, string, string, string, string]): string {
  const columns = [
    result.padEnd(9),
    name.padEnd(36),
    cut(scenes, 60).padEnd(60),
    cut(simulation, 60).padEnd(60),
  ]
  return [...columns, time.padStart(7)].join(' ')
}

function cut(text: string, width: number): string {
  const [line = ''] = text.split('\n')
  return line.length <= width ? line : `${line.slice(0, width - 1)}…`
}
