/** Paths with parameters: `/documents/{id}/versions/{version}`. */
import { described } from '../client/described.ts'
import { invalid } from '../client/invalid.ts'

/** The names between braces. */
export type PathParameters<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? Name | PathParameters<Rest>
  : never

export type ParameterValue = string | number | bigint | boolean

/** The text of a path and the parameters between: one part more than there are parameters. */
export interface PathTemplate {
  readonly parts: readonly string[]
  readonly names: readonly string[]
}

/** What is wrong with the path of a declaration; undefined where nothing is. */
export function pathProblem(path: string): string | undefined {
  if (!path.startsWith('/')) return 'a path that begins with /'
  const rest = path.replace(/\{[A-Za-z_]\w*\}/g, '')
  if (/[{}]/.test(rest)) return 'a path whose parameters are names between braces, such as /documents/{id}'
  if (/[?#]/.test(rest)) return 'a path without a query, which belongs into `query`'
  const { names } = parsePath(path)
  const twice = names.find((name, index) => names.indexOf(name) < index)
  return twice === undefined ? undefined : `a path that names "${twice}" once`
}

export function parsePath(path: string): PathTemplate {
  const pieces = path.split(/\{(\w+)\}/)
  return {
    parts: pieces.filter((_, index) => index % 2 === 0),
    names: pieces.filter((_, index) => index % 2 === 1),
  }
}

/**
 * The path with its parameters, each encoded so that it stays one segment: a slash in a value is no slash of the path.
 * `.` and `..`, which servers take for steps whatever way they are written, are refused.
 * @throws KeepwarmError `invalid_request`
 */
export function fillPath(
  { parts, names }: PathTemplate,
  values: Readonly<Record<string, unknown>> = {},
): string {
  const stray = Object.keys(values).find((name) => !names.includes(name))
  if (stray !== undefined) throw invalid(`its path has no parameter "${stray}"; it has ${listed(names)}`)
  return names.reduce(
    (path, name, index) => path + segment(name, values[name]) + parts[index + 1]!,
    parts[0]!,
  )
}

function segment(name: string, value: unknown): string {
  const isOther = typeof value === 'bigint' || typeof value === 'boolean' || Number.isFinite(value)
  if (typeof value !== 'string' && !isOther) {
    throw invalid(`the parameter "${name}" of its path is ${described(value)}; give text or a number`)
  }
  const text = String(value).toWellFormed()
  if (text === '') throw invalid(`the parameter "${name}" of its path is empty`)
  if (text === '.' || text === '..')
    throw invalid(`the parameter "${name}" of its path is "${text}", a step and no name`)
  return encodeURIComponent(text)
}

function listed(names: readonly string[]): string {
  return names.length === 0 ? 'none' : names.map((name) => `"${name}"`).join(', ')
}
