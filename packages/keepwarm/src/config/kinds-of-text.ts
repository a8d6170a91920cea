/** Kinds of values that are words, or words and numbers. */
import type { Kind } from './kinds.ts'
import { formatDuration, parseDuration } from './parse-duration.ts'

const words: Readonly<Record<string, boolean>> = {
  ...{ true: true, '1': true, yes: true, on: true },
  ...{ false: false, '0': false, no: false, off: false },
}

export const flag: Kind<boolean> = {
  inText: 'on or off (also true, false, yes, no, 1, 0)',
  inCode: 'true or false',
  fromText: (text) => words[text.toLowerCase()],
  fromCode: (value) => (typeof value === 'boolean' ? value : undefined),
  toText: (value) => (value ? 'on' : 'off'),
}

/** How often something may lead elsewhere: not at all, as often as usual, or a number of times. */
export const hops: Kind<boolean | number> = {
  inText: 'on, off, or a whole number',
  inCode: 'true, false, or a whole number from 0',
  fromText: (given) => (/^\d{1,6}$/.test(given) ? Number(given) : words[given.toLowerCase()]),
  fromCode: readHops,
  toText: (value) => (typeof value === 'number' ? String(value) : flag.toText(value)),
}

export const choice: Kind<string> = {
  inText: 'one of',
  inCode: 'one of',
  fromText: (text) => text.toLowerCase(),
  fromCode: (value) => (typeof value === 'string' ? value : undefined),
  toText: String,
}

/** What may stand in a header, in full. */
export const text: Kind<string> = {
  inText: 'printable ASCII',
  inCode: 'printable ASCII',
  fromText: readText,
  fromCode: readText,
  toText: String,
}

export const file: Kind<string> = {
  inText: 'the path of a PEM file',
  inCode: 'the path of a PEM file',
  fromText: (given) => given,
  fromCode: (value) => (typeof value === 'string' && value !== '' ? value : undefined),
  toText: String,
}

export const statuses: Kind<readonly number[]> = {
  inText: 'statuses from 400 to 599 with commas between, or none',
  inCode: 'a list of statuses from 400 to 599',
  fromText: (given) =>
    given.toLowerCase() === 'none' ? [] : readStatuses(given.split(',').map((each) => toStatus(each))),
  fromCode: (value) =>
    typeof value === 'object' && value !== null && Symbol.iterator in value
      ? readStatuses([...(value as Iterable<unknown>)])
      : undefined,
  toText: (value) => (value.length === 0 ? 'none' : value.join(',')),
}

export const jitter: Kind<'full' | number> = {
  inText: 'full, or a number from 0 to 1',
  inCode: 'full, or a number from 0 to 1',
  fromText: (given) => readJitter(/^[\d.]+$/.test(given) ? Number(given) : given.toLowerCase()),
  fromCode: readJitter,
  toText: String,
}

/** A moment within a call: a duration, or a percentile of what is usual. */
export const moment: Kind<number | { readonly quantile: number }> = {
  inText: 'a duration from 1ms, such as 50ms, or a percentile such as p95',
  inCode: "milliseconds from 1, a duration such as '50ms', 'p95' or { quantile: 0.95 }",
  fromText: (given) => readMoment(given, 's'),
  fromCode: (value) => {
    if (typeof value === 'string') return readMoment(value)
    if (typeof value === 'number') return value >= 1 && value < Infinity ? value : undefined
    return typeof value === 'object' && value !== null && 'quantile' in value
      ? quantileOf(Number(value.quantile))
      : undefined
  },
  toText: (value) =>
    typeof value === 'number' ? formatDuration(value) : `p${Number((value.quantile * 100).toFixed(6))}`,
}

function readHops(value: unknown): boolean | number | undefined {
  if (typeof value === 'boolean') return value
  return Number.isSafeInteger(value) && Number(value) >= 0 ? Number(value) : undefined
}

function readText(value: unknown): string | undefined {
  return typeof value === 'string' && /^[!-~](?:[ -~]*[!-~])?$/.test(value) ? value : undefined
}

function toStatus(given: string): number {
  return /^\s*\d{3}\s*$/.test(given) ? Number(given) : NaN
}

function readStatuses(given: readonly unknown[]): readonly number[] | undefined {
  const fits = given.every((each) => Number.isInteger(each) && Number(each) >= 400 && Number(each) <= 599)
  return fits ? (given as readonly number[]) : undefined
}

function readJitter(value: unknown): 'full' | number | undefined {
  if (value === 'full') return value
  return typeof value === 'number' && value >= 0 && value <= 1 ? value : undefined
}

function readMoment(given: string, bareUnit?: 's'): number | { readonly quantile: number } | undefined {
  const [, percentile] = /^p(\d{1,2}(?:\.\d+)?)$/i.exec(given.trim()) ?? []
  if (percentile !== undefined) return quantileOf(Number(percentile) / 100)
  const duration = parseDuration(given, bareUnit)
  return duration !== undefined && duration >= 1 ? duration : undefined
}

function quantileOf(quantile: number): { readonly quantile: number } | undefined {
  return quantile > 0 && quantile < 1 ? { quantile } : undefined
}
