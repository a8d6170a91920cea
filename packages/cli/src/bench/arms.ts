/** The arms of a comparison: what is measured beside what. */
import { CliError } from '../cli-error.ts'
import { nearest } from '../options/nearest.ts'

/** What is called by name: connections that are kept, one for each request, and a whole client for each request. */
const ways = ['pooled', 'unpooled', 'new-client'] as const

export type Way = (typeof ways)[number]

export interface Arm {
  readonly name: string
  readonly way: Way
  /** Options of the client as code has them. */
  readonly settings: Readonly<Record<string, string | number | boolean>>
  /** Options of the client as the environment has them, with the prefix HTTP_CLIENT_. */
  readonly variables: Readonly<Record<string, string>>
}

/**
 * Reads what `--compare` was given: words such as `pooled`, and settings such as `maxConnections=10 idleTimeout=4s` or
 * `MAX_CONNECTIONS=10`, in one text for one arm. Without any it is pooled against unpooled.
 * @throws CliError naming what cannot be read
 */
export function readArms(texts: readonly string[]): Arm[] {
  const arms = (texts.length === 0 ? ['pooled', 'unpooled'] : texts).map(readArm)
  const names = arms.map(({ name }) => name)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined)
    throw new CliError(`--compare has ${JSON.stringify(twice)} twice; an arm is compared with others`)
  return arms
}

function readArm(text: string): Arm {
  const words = text
    .trim()
    .split(/\s+/)
    .filter((word) => word !== '')
  if (words.length === 0) throw new CliError(`--compare ${JSON.stringify(text)} says nothing. ${allowed}`)
  const settings: Record<string, string | number | boolean> = {}
  const variables: Record<string, string> = {}
  let way: Way = 'pooled'
  for (const word of words) {
    const [, name, value] = /^([^=]+)=(.+)$/s.exec(word) ?? []
    if (name === undefined || value === undefined) way = readWay(word)
    else if (/^[A-Z0-9_]+$/.test(name)) variables[name.replace(/^HTTP_CLIENT_|^/, 'HTTP_CLIENT_')] = value
    else settings[name] = readValue(value)
  }
  return { name: words.join(' '), way, settings, variables }
}

const allowed = `Allowed: ${ways.join(', ')}, and settings such as maxConnections=10 or MAX_CONNECTIONS=10.`

function readWay(word: string): Way {
  const found = ways.find((way) => way === word)
  if (found !== undefined) return found
  const meant = nearest(word, ways)
  throw new CliError(
    `--compare ${JSON.stringify(word)} is no arm. ${allowed}${meant === undefined ? '' : ` Did you mean ${meant}?`}`,
  )
}

const switches: Readonly<Record<string, boolean>> = {
  on: true,
  true: true,
  yes: true,
  off: false,
  false: false,
  no: false,
}

/** As code would have it: numbers are numbers, switches are true or false. */
function readValue(text: string): string | number | boolean {
  return /^\d+(\.\d+)?$/.test(text) ? Number(text) : (switches[text] ?? text)
}
