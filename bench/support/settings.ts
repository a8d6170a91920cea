/** What a benchmark is told on its command line. */
import { parseArgs } from 'node:util'

/** One flag that takes a number, or a list of numbers with commas between them. */
export interface NumberFlag {
  readonly usual: number | readonly number[]
  /** What it is with `--quick`. */
  readonly quick: number | readonly number[]
  readonly least: number
  readonly most: number
  /** Whether fractions will do. */
  readonly fractions?: boolean
  readonly meaning: string
}

/** One flag that takes the name of a file, with its ending; nothing is written where it is not given. */
export interface FileFlag {
  readonly file: `.${string}`
  readonly meaning: string
}

/** One flag that takes one of some names. */
export interface ChoiceFlag {
  readonly choices: readonly string[]
  readonly meaning: string
}

type Flags = Readonly<Record<string, NumberFlag | FileFlag | ChoiceFlag>>

/** How the result is shown. */
export interface Shape {
  readonly quick: boolean
  readonly json: boolean
  readonly markdown: boolean
}

export type Settings<F extends Flags> = Shape & {
  readonly [K in keyof F]: F[K] extends NumberFlag
    ? F[K]['usual'] extends number
      ? number
      : readonly number[]
    : string | undefined
}

const switches = {
  quick: 'a short run: shows that the benchmark works, measures nothing worth keeping',
  json: 'the result as JSON',
  markdown: 'the result as Markdown; a run that is not quick puts it into docs/benchmarks.md, too',
  help: 'this text',
}

/** Reads the command line; one that is wrong ends the process with exit code 2 and says why. */
export function readSettings<const F extends Flags>(
  benchmark: string,
  flags: F,
  args: readonly string[] = process.argv.slice(2),
): Settings<F> {
  try {
    const settings = parseSettings(flags, args)
    if (settings !== 'help') return settings
    console.log(usage(benchmark, flags))
    process.exit(0)
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${usage(benchmark, flags)}`)
    process.exit(2)
  }
}

/** @throws Error that names the flag, what came, and what is allowed. */
export function parseSettings<const F extends Flags>(
  flags: F,
  args: readonly string[],
): Settings<F> | 'help' {
  const numbers = Object.keys(flags).map((name) => [name, { type: 'string' }] as const)
  const booleans = Object.keys(switches).map((name) => [name, { type: 'boolean' }] as const)
  const options = Object.fromEntries([...numbers, ...booleans])
  const values: Readonly<Record<string, unknown>> = parseArgs({ args: [...args], options }).values
  if (values['help'] === true) return 'help'
  if (values['json'] === true && values['markdown'] === true) {
    throw new Error('--json and --markdown exclude each other. Give one of them.')
  }
  const quick = values['quick'] === true
  const read = Object.entries(flags).map(([name, flag]) => {
    const given = values[name]
    if ('file' in flag) return [name, parseFile(name, flag, given)]
    if ('choices' in flag) return [name, parseChoice(name, flag, given)]
    if (typeof given === 'string') return [name, parseNumbers(name, flag, given)]
    return [name, quick ? flag.quick : flag.usual]
  })
  const shape: Shape = { quick, json: values['json'] === true, markdown: values['markdown'] === true }
  return { ...shape, ...Object.fromEntries(read) } as Settings<F>
}

function parseFile(name: string, { file }: FileFlag, given: unknown): string | undefined {
  if (given === undefined || (typeof given === 'string' && given.endsWith(file))) return given
  throw new Error(
    `--${name} is ${JSON.stringify(given)}; it takes the name of a file that ends in ${file}, such as --${name} result${file}`,
  )
}

function parseChoice(name: string, { choices }: ChoiceFlag, given: unknown): string | undefined {
  if (given === undefined || (typeof given === 'string' && choices.includes(given))) return given
  throw new Error(`--${name} is ${JSON.stringify(given)}; it takes one of ${choices.join(', ')}`)
}

function parseNumbers(name: string, flag: NumberFlag, given: string): number | number[] {
  const list = typeof flag.usual !== 'number'
  const numbers = (list ? given.split(',') : [given]).map((part) => (part.trim() === '' ? NaN : Number(part)))
  const fits = (value: number): boolean =>
    value >= flag.least && value <= flag.most && (flag.fractions === true || Number.isInteger(value))
  if (numbers.every(fits)) return list ? numbers : numbers[0]!
  const kind = flag.fractions === true ? 'number' : 'whole number'
  const expected = list ? `${kind}s with commas between them, each` : `a ${kind}`
  throw new Error(
    `--${name} is ${JSON.stringify(given)}; it takes ${expected} from ${flag.least} to ${flag.most}, such as --${name} ${String(flag.usual)}`,
  )
}

function usage(benchmark: string, flags: Flags): string {
  const rows = [
    ...Object.entries(flags).map(([name, flag]) => usageOf(name, flag)),
    ...Object.entries(switches).map(([name, meaning]) => [`--${name}`, meaning]),
  ]
  const width = Math.max(...rows.map(([flag = '']) => flag.length))
  const lines = rows.map(([flag = '', meaning = '']) => `  ${flag.padEnd(width)}  ${meaning}`)
  return `npm run bench -- ${benchmark} [flags]\n\n${lines.join('\n')}`
}

function usageOf(name: string, flag: Flags[string]): [string, string] {
  if ('file' in flag) return [`--${name} FILE${flag.file}`, flag.meaning]
  if ('choices' in flag) return [`--${name} NAME`, `${flag.meaning}: ${flag.choices.join(', ')}`]
  const { usual, meaning } = flag
  return [`--${name} ${typeof usual === 'number' ? 'N' : 'N,N'}`, `${meaning} (${String(usual)})`]
}
