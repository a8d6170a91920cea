/** What is configured: the settings of each prefix or named client, or what is wrong with them. */
import { readFileSync } from 'node:fs'
import { ConfigError, createClients, HTTPClientConfig, type ConfigProblem } from 'keepwarm'
import { ManualRuntime, SimulatedNetwork } from 'keepwarm/testing'
import { CliError } from '../cli-error.ts'
import { nearest } from '../options/nearest.ts'
import type { Variables } from './prefixes.ts'

export interface Subject {
  /** The prefix of its variables, or the name of the client. */
  readonly name: string
  readonly config: HTTPClientConfig
}

export interface Subjects {
  readonly subjects: readonly Subject[]
  /** Everything that is wrong, once. */
  readonly problems: readonly ConfigProblem[]
}

/** Clients are made and thrown away to learn what only they find wrong; none of them ever dials. */
function nowhere(): { runtime: ManualRuntime; network: SimulatedNetwork } {
  const runtime = new ManualRuntime()
  return { runtime, network: new SimulatedNetwork(runtime) }
}

export function subjectsOf(prefixes: readonly string[], variables: Variables): Subjects {
  const told = prefixes.map((name) => attempt(() => [{ name, config: settle(name, variables) }]))
  return merge(told)
}

function settle(prefix: string, variables: Variables): HTTPClientConfig {
  // What is left out without strictness is among the problems: it needs no warning of the process besides.
  const config = new HTTPClientConfig({}, { prefix, variables, warn: () => {} })
  void config.createClient(nowhere()).destroy()
  return config
}

/** Those that the file has. @param only the one that is wanted; all without it */
export function subjectsInFile(file: string, only: string | undefined, variables: Variables): Subjects {
  const names = namesIn(file)
  if (only !== undefined && !names.includes(only)) {
    const meant = nearest(only, names)
    const hint = meant === undefined ? '' : ` Did you mean ${meant}?`
    throw new CliError(`${file} has no client "${only}". It has: ${names.join(', ') || 'none'}.${hint}`)
  }
  return attempt(() => {
    const clients = createClients(
      { clients: Object.fromEntries(names.map((name) => [name, nowhere()])), file },
      variables,
    )
    for (const name of names) void clients[name]?.destroy()
    return names
      .filter((name) => only === undefined || name === only)
      .map((name) => ({ name, config: clients.settings[name]! }))
  })
}

/** What the library cannot read of it, it tells better. */
function namesIn(file: string): readonly string[] {
  let content: unknown
  try {
    content = JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    throw new CliError(
      `--file ${file} ${code === undefined ? 'is no JSON' : `cannot be read (${code})`}. Allowed: a file such as { "clients": { "search": { "timeout": "10s" } } }`,
    )
  }
  const clients: unknown = (content as { clients?: unknown } | null)?.clients
  return typeof clients === 'object' && clients !== null ? Object.keys(clients) : []
}

function attempt(make: () => readonly Subject[]): Subjects {
  try {
    const subjects = make()
    return { subjects, problems: subjects.flatMap(({ config }) => config.warnings) }
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return { subjects: [], problems: error.problems }
  }
}

/** What is wrong with the common variables is wrong for every prefix, and told once. */
function merge(all: readonly Subjects[]): Subjects {
  const problems = new Map(
    all
      .flatMap(({ problems }) => problems)
      .map((problem) => [`${problem.variable}\n${problem.received}\n${problem.expected}`, problem]),
  )
  return { subjects: all.flatMap(({ subjects }) => subjects), problems: [...problems.values()] }
}
