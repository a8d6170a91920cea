/** Kinds of values that are no numbers: words, addresses, lists. */
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

export const choice: Kind<string> = {
  inText: 'one of',
  inCode: 'one of',
  fromText: (text) => text.toLowerCase(),
  fromCode: (value) => (typeof value === 'string' ? value : undefined),
  toText: String,
}

/** Base URLs: one, or several that a comma and the next scheme part. */
export const urls: Kind<string | readonly string[]> = {
  inText: 'an http or https URL without a query, or several with commas between',
  inCode: 'an http or https URL without a query, or a list of them',
  fromText: (text) => oneOrMore(text.split(/\s*,\s*(?=https?:)/i)),
  fromCode: (value) => oneOrMore(Array.isArray(value) ? (value as readonly unknown[]) : [value]),
  toText: (value) => (typeof value === 'string' ? value : value.join(',')),
}

export const path: Kind<string> = {
  inText: 'a path that begins with /',
  inCode: 'a path that begins with /',
  fromText: readPath,
  fromCode: readPath,
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

export const proxy: Kind<string> = {
  inText: 'the URL of an http, https or socks5 proxy, environment, or none',
  inCode: 'the URL of an http, https or socks5 proxy, environment, or none',
  fromText: readProxy,
  fromCode: (value) => (value instanceof URL ? readProxy(value.href) : readProxy(value)),
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

function oneOrMore(given: readonly unknown[]): string | readonly string[] | undefined {
  const read = given.map((value) => (value instanceof URL ? readUrl(value.href) : readUrl(value)))
  if (read.length === 0 || read.includes(undefined)) return undefined
  return read.length === 1 ? read[0] : (read as string[])
}

function readUrl(value: unknown): string | undefined {
  const parsed = typeof value === 'string' ? URL.parse(value) : null
  if (parsed === null || typeof value !== 'string' || /[?#]/.test(value)) return undefined
  return parsed.protocol === 'http:' || parsed.protocol === 'https:' ? value : undefined
}

function readPath(value: unknown): string | undefined {
  return typeof value === 'string' && /^\/[!-~]*$/.test(value) ? value : undefined
}

function readText(value: unknown): string | undefined {
  return typeof value === 'string' && /^[!-~](?:[ -~]*[!-~])?$/.test(value) ? value : undefined
}

function readProxy(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined
  const word = value.toLowerCase()
  if (word === 'environment') return word
  if (word === 'none' || word === 'off') return 'none'
  const url = URL.parse(value)
  const known = url !== null && /^(https?|socks5h?):$/.test(url.protocol) && url.hostname !== ''
  return known && /^\/?$/.test(url.pathname) && !/[?#]/.test(value) ? value : undefined
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
