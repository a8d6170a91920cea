/** Named clients in a JSON file: options by the names of the table, for all clients, for groups and for each. */
import { readFileSync } from 'node:fs'
import type { ConfigOverrides, FilePart } from '../../config/given.ts'
import type { ConfigProblem } from '../../errors.ts'
import { isObject, optionProblems } from '../../known-options.ts'
import { nearest } from '../../nearest.ts'

/** What such a file says. */
export interface ClientsFile {
  readonly defaults?: ConfigOverrides
  readonly groups?: Readonly<Record<string, ConfigOverrides>>
  readonly clients?: Readonly<Record<string, ConfigOverrides & { readonly group?: string }>>
}

/** A file that was read, with its name for messages. */
export interface ReadFile {
  readonly label: string
  readonly content: ClientsFile
}

const sections: ReadonlySet<string> = new Set(['defaults', 'groups', 'clients'])

/** Reads the file, and checks its shape; the options in it are checked with each client's. */
export function readClientsFile(
  file: string | URL | ClientsFile,
  names: readonly string[],
  problems: ConfigProblem[],
): ReadFile {
  const isPath = typeof file === 'string' || file instanceof URL
  const label = isPath ? String(file).replace(/^.*[\\/]/, '') : 'file'
  const content: unknown = isPath ? parse(file, problems) : file
  const found = shapeProblems(label, content, names)
  problems.push(...found)
  return { label, content: found.length > 0 ? {} : (content as ClientsFile) }
}

/** What a client gets from the file, what counts most first. */
export function partsFor(
  { label, content }: ReadFile,
  name: string,
  codeGroup: string | undefined,
  problems: ConfigProblem[],
): readonly FilePart[] {
  const { defaults = {}, groups = {}, clients = {} } = content
  const { group = codeGroup, ...own } = clients[name] ?? {}
  const named = group === undefined ? undefined : groups[group]
  if (named === undefined && group !== codeGroup) {
    const variable = `${label}: clients.${name}.group`
    const expected = Object.keys(groups).join(', ') || 'none, as there are no groups in the file'
    const received = JSON.stringify(group)
    problems.push({ variable, received, expected, reason: 'missing', client: name, source: 'file' })
  }
  return [
    { place: `${label}: clients.${name}`, values: own },
    ...(named === undefined ? [] : [{ place: `${label}: groups.${group}`, values: named }]),
    { place: `${label}: defaults`, values: defaults },
  ]
}

/** What the parser says of wrong JSON quotes it, secrets included; so only the place is told. */
function parse(file: string | URL, problems: ConfigProblem[]): unknown {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
    return JSON.parse(text) as unknown
  } catch (error) {
    const isSyntax = error instanceof SyntaxError
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable'
    const line = isSyntax ? /line (\d+)/.exec(error.message)?.[1] : undefined
    const where = line === undefined ? '' : `; look at line ${line}`
    const expected = isSyntax ? `JSON${where}` : `a file that can be read: ${code}`
    problems.push({ variable: 'file', received: JSON.stringify(String(file)), expected, source: 'code' })
    return {}
  }
}

function shapeProblems(label: string, content: unknown, names: readonly string[]): ConfigProblem[] {
  const problems = optionProblems(content, sections, label)
  if (problems.length > 0 || !isObject(content)) return problems.map(fromFile)
  const { defaults = {}, groups = {}, clients = {} } = content
  const objects: Record<string, unknown> = { defaults, groups, clients, ...within('groups', groups) }
  const wrong = Object.entries({ ...objects, ...within('clients', clients) })
    .filter(([, value]) => !isObject(value))
    .map(([place]) => ({
      variable: `${label}: ${place}`,
      received: 'something else',
      expected: 'an object',
    }))
  const unknown = Object.keys(isObject(clients) ? clients : {}).filter((name) => !names.includes(name))
  return [...wrong, ...unknown.map((name) => unknownClient(label, name, names))].map(fromFile)
}

function within(section: string, values: unknown): Record<string, unknown> {
  if (!isObject(values)) return {}
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [`${section}.${name}`, value]))
}

function unknownClient(label: string, name: string, names: readonly string[]): ConfigProblem {
  const meant = nearest(name, names)
  const expected = meant === undefined ? names.join(', ') : `a known client; did you mean ${meant}?`
  return {
    variable: `${label}: clients.${name}`,
    received: '(not shown)',
    expected,
    reason: 'unknown_option',
  }
}

function fromFile(problem: ConfigProblem): ConfigProblem {
  return { ...problem, source: 'file' }
}
