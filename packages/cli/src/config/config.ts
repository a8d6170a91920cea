/** `keepwarm config`. */
import { readFileSync } from 'node:fs'
import { parseEnv } from 'node:util'
import { ConfigError } from 'keepwarm'
import { CliError } from '../cli-error.ts'
import type { Invocation } from '../command.ts'
import { exitCodes, type ExitCode } from '../exit-codes.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { common, prefixesIn, prefixOf, type Variables } from './prefixes.ts'
import { configJson, paintProblems, settingsText } from './render.ts'
import { subjectsInFile, subjectsOf, type Subjects } from './subjects.ts'

interface Options {
  readonly check?: boolean
  readonly changed?: boolean
  readonly env?: boolean
  readonly file?: string
  readonly envFile?: readonly string[]
}

export async function runConfig({ args, options: given }: Invocation, terminal: Terminal): Promise<ExitCode> {
  const options = given as Options
  const [prefix] = args as readonly (string | undefined)[]
  refuseTogether(options, terminal)
  const variables = withFiles(options.envFile ?? [], terminal.surroundings.env)
  const found = find(prefix, options, variables)
  if (options.check === true) return check(found, terminal)
  if (found.subjects.length === 0) throw new CliError(messageOf(found), exitCodes.config)
  show(found, options, variables, terminal)
  if (found.problems.length > 0) terminal.note(paintProblems(messageOf(found), terminal.paintErr))
  if (prefix === undefined && options.file === undefined) tellOthers(variables, terminal)
  return exitCodes.ok
}

function refuseTogether({ check, env, changed }: Options, { json }: Terminal): void {
  const forms = [check === true && '--check', env === true && '--env', changed === true && '--changed']
  const chosen = forms.filter((form) => form !== false)
  if (chosen.length > 1) throw new CliError(`${chosen.join(' and ')} do not go together: give one of them`)
  if (env === true && json) throw new CliError('--env and --json do not go together: give one of them')
}

/** As with Node's own --env-file: what the environment says counts more. */
function withFiles(files: readonly string[], env: Variables): Variables {
  const read = files.map((file) => {
    try {
      return parseEnv(readFileSync(file, 'utf8'))
    } catch (error) {
      throw new CliError(
        `--env-file ${file} cannot be read (${(error as NodeJS.ErrnoException).code ?? String(error)})`,
      )
    }
  })
  return Object.assign({}, ...read, env) as Variables
}

function find(prefix: string | undefined, { file, check }: Options, variables: Variables): Subjects {
  if (file !== undefined) return subjectsInFile(file, prefix, variables)
  if (prefix !== undefined) return subjectsOf([prefixOf(prefix, variables)], variables)
  return subjectsOf(check === true ? prefixesIn(variables) : [common], variables)
}

function check(found: Subjects, terminal: Terminal): ExitCode {
  const { subjects, problems } = found
  if (terminal.json) terminal.outJson({ version: 1, problems })
  else if (problems.length > 0) terminal.out(paintProblems(messageOf(found), terminal.paintOut))
  else {
    const names = subjects.map(({ name }) => name).join(', ')
    terminal.out(`${terminal.paintOut('green', '✓')} nothing is wrong with ${names}`)
  }
  return problems.length > 0 ? exitCodes.found : exitCodes.ok
}

function show({ subjects }: Subjects, options: Options, variables: Variables, terminal: Terminal): void {
  if (options.env === true) {
    for (const { config } of subjects) terminal.out(config.toEnv())
    return
  }
  if (terminal.json)
    return terminal.outJson({ version: 1, clients: subjects.map((one) => configJson(one, variables)) })
  const isChanged = options.changed === true
  for (const [index, subject] of subjects.entries()) {
    if (index > 0) terminal.out()
    terminal.out(
      settingsText(subject, { isChanged, isNamed: subjects.length > 1 }, variables, terminal.paintOut),
    )
  }
}

/** The library's own words for it. */
function messageOf({ problems }: Subjects): string {
  return new ConfigError(problems).message
}

function tellOthers(variables: Variables, terminal: Terminal): void {
  const others = prefixesIn(variables).filter((prefix) => prefix !== common)
  if (others.length > 0)
    terminal.note(`Variables of their own have: ${others.join(', ')} (keepwarm config ${others[0]})`)
}
