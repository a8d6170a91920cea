import { choice, file, flag, hops, jitter, moment, statuses, text } from './kinds-of-text.ts'
import { origins, path, proxy, urls } from './kinds-of-url.ts'
import { formatDuration, parseDuration } from './parse-duration.ts'
import { formatSize, parseSize } from './parse-size.ts'

/** A kind of value: how it is written in the environment, how in code, and how it is shown. */
export interface Kind<Value> {
  /** What is allowed in the environment, in words. */
  readonly inText: string
  /** What is allowed in code, in words. */
  readonly inCode: string
  fromText(text: string): Value | undefined
  fromCode(value: unknown): Value | undefined
  toText(value: Value): string
  /** What somebody meant who wrote something that is not quite right. */
  repair?(text: string): Value | undefined
}

/** Counts and factors are plain numbers; durations are milliseconds; sizes are bytes. */
export interface Kinds {
  readonly count: Kind<number>
  readonly factor: Kind<number>
  readonly duration: Kind<number>
  readonly size: Kind<number>
  readonly flag: Kind<boolean>
  readonly choice: Kind<string>
  readonly urls: Kind<string | readonly string[]>
  readonly path: Kind<string>
  readonly text: Kind<string>
  readonly file: Kind<string>
  readonly proxy: Kind<string>
  readonly origins: Kind<readonly string[]>
  readonly hops: Kind<boolean | number>
  readonly statuses: Kind<readonly number[]>
  readonly jitter: Kind<'full' | number>
  readonly moment: Kind<number | { readonly quantile: number }>
}

const count: Kind<number> = {
  inText: 'a whole number',
  inCode: 'a whole number',
  fromText: (text) => (/^\d{1,15}$/.test(text) ? Number(text) : undefined),
  fromCode: (value) => (Number.isSafeInteger(value) ? Number(value) : undefined),
  toText: String,
  repair: (text) => finite(Math.round(Number.parseFloat(text))),
}

const factor: Kind<number> = {
  inText: 'a number',
  inCode: 'a number',
  fromText: (text) => (/^\d+(?:\.\d+)?$/.test(text) ? finite(Number(text)) : undefined),
  fromCode: (value) => (typeof value === 'number' ? finite(value) : undefined),
  toText: String,
  repair: (text) => finite(Number.parseFloat(text) / (text.endsWith('%') ? 100 : 1)),
}

/** A bare number is seconds in the environment, as in the original, and milliseconds in code. */
const duration: Kind<number> = {
  inText: 'a duration such as 30s, 500ms or 1m',
  inCode: "milliseconds, or a duration such as '30s'",
  fromText: (text) => parseDuration(text, 's'),
  fromCode: (value) => (typeof value === 'string' ? parseDuration(value) : positive(value)),
  toText: formatDuration,
  repair: (text) => {
    const [, amount = '', word = 's'] = /^(-?[\d.]+)\s*(mil|ms|[smhd])?/.exec(text.toLowerCase()) ?? []
    return amount.startsWith('-') ? 0 : parseDuration(amount + (word === 'mil' ? 'ms' : word))
  },
}

const size: Kind<number> = {
  inText: 'a size such as 64MiB, 10MB or 1000',
  inCode: "bytes, or a size such as '64MiB'",
  fromText: parseSize,
  fromCode: (value) => (typeof value === 'string' ? parseSize(value) : count.fromCode(value)),
  toText: formatSize,
}

export const kinds: Kinds = {
  ...{ count, factor, duration, size },
  ...{ urls, path, proxy, origins },
  ...{ flag, choice, text, file, statuses, jitter, moment, hops },
}

function finite(value: number): number | undefined {
  return Number.isFinite(value) ? value : undefined
}

function positive(value: unknown): number | undefined {
  return typeof value === 'number' && value >= 0 ? finite(value) : undefined
}
