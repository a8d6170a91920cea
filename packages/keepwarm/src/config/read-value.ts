import type { ConfigProblem } from '../errors.ts'
import { kinds } from './kinds.ts'
import type { Kind } from './kinds.ts'
import { maskUrl } from './mask.ts'
import type { OptionRow } from './option-row.ts'

export type Value =
  number | string | boolean | readonly string[] | readonly number[] | { readonly quantile: number }

/** What was given for one option: its value, or what is wrong with it. */
export type Reading =
  | { readonly value: Value; readonly problem?: never }
  | { readonly value?: never; readonly problem: ConfigProblem }

/** Reads what stands in an environment variable. */
export function readText(row: OptionRow, variable: string, text: string): Reading {
  const kind = kindOf(row)
  const value = parse(row, text)
  if (isAllowed(row, value)) return { value }
  const fix = `${variable}=${suggest(row, text) ?? '…'}`
  const expected = kind.inText + range(row)
  const reason = value === undefined ? unreadable(row, text) : 'out_of_range'
  return { problem: { variable, received: show(row, text), expected, fix, reason } }
}

/** Reads what was given in code. */
export function readCode(row: OptionRow, variable: string, given: unknown): Reading {
  const kind = kindOf(row)
  const isOff = row.off === true && (given === 0 || given === Infinity || given === 'none' || given === 'off')
  const value = isOff ? Infinity : kind.fromCode(given)
  if (isAllowed(row, value)) return { value }
  const reason = value === undefined ? unreadable(row, given) : 'out_of_range'
  return { problem: { variable, received: show(row, given), expected: kind.inCode + range(row), reason } }
}

/** The default of the row alone; undefined where there is none. */
export function defaultOf(row: OptionRow): Value | undefined {
  return row.default === undefined ? undefined : parse(row, row.default)
}

/** A value as it is written in the environment, with its unit and without credentials. */
export function valueText(row: OptionRow, value: Value | undefined): string {
  if (value === undefined || value === Infinity) return 'none'
  if (row.secret === undefined) return kindOf(row).toText(value)
  const parts = Array.isArray(value) ? (value as readonly string[]) : [kindOf(row).toText(value)]
  return parts.map(maskUrl).join(',')
}

/** What was written, without credentials and not endless. */
export function show(row: OptionRow, given: unknown): string {
  if (given instanceof URL) return show(row, given.href)
  if (Array.isArray(given)) return `[${given.map((each: unknown) => show(row, each)).join(', ')}]`
  if (typeof given === 'object' && given !== null)
    return row.secret === undefined ? shown(given) : 'an object'
  if (typeof given !== 'string') return String(given)
  const text = row.secret === undefined ? given : maskUrl(given)
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text)
}

function shown(given: object): string {
  const text = JSON.stringify(given)
  return text.length > 80 ? 'an object' : text
}

/** The range in words, to follow the kind: `, from 1 to 100`. */
function range({ min, max, off, choices }: OptionRow): string {
  if (choices !== undefined) return ` ${choices.join(', ')}`
  const orNone = off === true ? ', or none' : ''
  if (min === undefined) return orNone
  return (max === undefined ? `, from ${min}` : `, from ${min} to ${max}`) + orNone
}

/** The rows of the table are of many kinds; whoever reads a value does not care which. */
function kindOf(row: OptionRow): Kind<Value> {
  return kinds[row.kind]
}

function parse(row: OptionRow, text: string): Value | undefined {
  return row.off === true && /^(none|off|0)$/i.test(text) ? Infinity : kindOf(row).fromText(text)
}

function isAllowed(row: OptionRow, value: Value | undefined): value is Value {
  if (value === undefined) return false
  if (row.choices !== undefined) return row.choices.some((choice) => choice === value)
  return value === Infinity ? row.off === true : value === within(row, value)
}

/** The nearest value in the range. */
function within(row: OptionRow, value: Value): Value {
  const bound = (text: string | undefined): Value | undefined =>
    text === undefined ? undefined : kindOf(row).fromText(text)
  const [min, max] = [bound(row.min), bound(row.max)]
  if (min !== undefined && value < min) return min
  return max !== undefined && value > max ? max : value
}

const numeric: ReadonlySet<string> = new Set(['count', 'factor', 'duration', 'size', 'moment'])

/** Whether it is the number or its unit that cannot be read. */
function unreadable({ kind }: OptionRow, given: unknown): NonNullable<ConfigProblem['reason']> {
  if (numeric.has(kind) && /^\s*-\s*[\d.]/.test(String(given))) return 'out_of_range'
  const begins = typeof given === 'string' && /^\s*[\d.]/.test(given)
  if (kind === 'duration' || kind === 'size' || kind === 'moment') return begins ? 'bad_unit' : 'not_a_number'
  return kind === 'count' || kind === 'factor' ? 'not_a_number' : 'not_allowed'
}

/** What was probably meant: `30sec` is 30s. Otherwise the default. */
function suggest(row: OptionRow, text: string): string | undefined {
  const repaired = kindOf(row).repair?.(text.trim()) ?? (row.choices ? undefined : parse(row, text))
  if (repaired !== undefined) return kindOf(row).toText(within(row, repaired))
  return row.default ?? row.choices?.[0] ?? examples[row.kind]
}

const examples: Partial<Record<OptionRow['kind'], string>> = {
  origins: 'https://api.example.com',
  urls: 'http://localhost:8080',
  text: 'my-service/1.0',
}
