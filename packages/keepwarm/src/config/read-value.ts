import type { ConfigProblem } from '../errors.ts'
import { kinds } from './kinds.ts'
import type { Kind } from './kinds.ts'
import { maskUrl } from './mask.ts'
import type { OptionRow } from './options-table.ts'

export type Value = number | string

/** What was given for one option: its value, or what is wrong with it. */
export type Reading =
  | { readonly value: Value; readonly problem?: never }
  | { readonly value?: never; readonly problem: ConfigProblem }

/** Reads what stands in an environment variable. */
export function readText(row: OptionRow, variable: string, text: string): Reading {
  const kind = kindOf(row)
  const value = kind.fromText(text)
  if (isAllowed(row, value)) return { value }
  const fix = `${variable}=${suggest(row, text) ?? '…'}`
  return { problem: { variable, received: show(row, text), expected: kind.inText + range(row), fix } }
}

/** Reads what was given in code. */
export function readCode(row: OptionRow, option: string, given: unknown): Reading {
  const kind = kindOf(row)
  const value = kind.fromCode(given)
  if (isAllowed(row, value)) return { value }
  return { problem: { variable: option, received: show(row, given), expected: kind.inCode + range(row) } }
}

/** The default of the row alone; undefined where there is none. */
export function defaultOf(row: OptionRow): Value | undefined {
  return row.default === undefined ? undefined : kindOf(row).fromText(row.default)
}

/** A value as it is written in the environment, with its unit and without credentials. */
export function valueText(row: OptionRow, value: Value | undefined): string {
  return value === undefined ? 'none' : hide(row, kindOf(row).toText(value))
}

/** What was written, without credentials and not endless. */
export function show(row: OptionRow, given: unknown): string {
  if (typeof given !== 'string') return given instanceof URL ? show(row, given.href) : String(given)
  const text = hide(row, given)
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text)
}

/** The range in words, to follow the kind: `, from 1 to 100`. */
export function range({ min, max }: OptionRow): string {
  if (min === undefined) return ''
  return max === undefined ? `, from ${min}` : `, from ${min} to ${max}`
}

function hide(row: OptionRow, text: string): string {
  return row.secret === undefined ? text : maskUrl(text)
}

/** The rows of the table are of many kinds; whoever reads a value does not care which. */
function kindOf(row: OptionRow): Kind<Value> {
  return kinds[row.kind]
}

function isAllowed(row: OptionRow, value: Value | undefined): value is Value {
  return value !== undefined && value === within(row, value)
}

/** The nearest value in the range. */
function within(row: OptionRow, value: Value): Value {
  const bound = (text: string | undefined): Value | undefined =>
    text === undefined ? undefined : kindOf(row).fromText(text)
  const [min, max] = [bound(row.min), bound(row.max)]
  if (min !== undefined && value < min) return min
  return max !== undefined && value > max ? max : value
}

/** What was probably meant: `30sec` is 30s. Otherwise the default. */
function suggest(row: OptionRow, text: string): string | undefined {
  const repaired = kindOf(row).repair?.(text.trim()) ?? kindOf(row).fromText(text)
  if (repaired !== undefined) return kindOf(row).toText(within(row, repaired))
  return row.default ?? (row.kind === 'url' ? 'http://localhost:8080' : undefined)
}
