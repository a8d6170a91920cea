/**
 * Readers for what stands behind an option, for commander's `.option(flags, text, reader)` and `.argument()`. Each says in
 * its complaint what is allowed; commander adds the option and what came.
 */
import { InvalidArgumentError } from 'commander'
import { nearest } from './nearest.ts'

export type Reader<Value> = (text: string) => Value

const units: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }

/**
 * Milliseconds of `500ms`, `30s`, `1.5m`, `2h`; a bare number is seconds, as in the environment.
 * @param least milliseconds; what is shorter is refused
 */
export function duration(least: number = 0): Reader<number> {
  return (text) => {
    const [, amount = '', unit = ''] = /^(\d+(?:\.\d+)?|\.\d+)\s*(ms|s|m|h)?$/.exec(text.trim()) ?? []
    const milliseconds = Number(amount) * units[unit === '' ? 's' : unit]!
    if (amount === '' || milliseconds < least)
      throw new InvalidArgumentError(
        `Allowed: a duration such as 500ms, 30s, 1.5m or 2h${least > 0 ? `, from ${least}ms` : ''}; a bare number is seconds.`,
      )
    // 1.001 s × 1000 is 1000.9999999999999.
    return Number(milliseconds.toPrecision(15))
  }
}

export interface Bounds {
  readonly min?: number
  readonly max?: number
}

/** A whole number. */
export function wholeNumber({ min = 0, max = Number.MAX_SAFE_INTEGER }: Bounds = {}): Reader<number> {
  return numberThat((text) => /^-?\d+$/.test(text), 'a whole number', { min, max })
}

/** A number that may have a fraction. */
export function number({ min = 0, max = Number.MAX_VALUE }: Bounds = {}): Reader<number> {
  return numberThat((text) => /^-?(\d+(\.\d+)?|\.\d+)$/.test(text), 'a number', { min, max })
}

function numberThat(
  isOne: (text: string) => boolean,
  what: string,
  { min, max }: Required<Bounds>,
): Reader<number> {
  return (text) => {
    const trimmed = text.trim()
    const value = Number(trimmed)
    if (isOne(trimmed) && value >= min && value <= max) return value
    const bounded = max < Number.MAX_SAFE_INTEGER ? `from ${min} to ${max}` : `from ${min}`
    throw new InvalidArgumentError(`Allowed: ${what} ${bounded}.`)
  }
}

/** A share: `0.05` or `5%`. */
export function share(): Reader<number> {
  return (text) => {
    const [, amount = '', percent] = /^(\d+(?:\.\d+)?|\.\d+)\s*(%)?$/.exec(text.trim()) ?? []
    const value = percent === undefined ? Number(amount) : Number((Number(amount) / 100).toPrecision(15))
    if (amount !== '' && value <= 1) return value
    throw new InvalidArgumentError('Allowed: a share such as 0.05 or 5%, up to 1 or 100%.')
  }
}

/** One of some words. */
export function oneOf<Word extends string>(words: readonly Word[]): Reader<Word> {
  return (text) => {
    const found = words.find((word) => word === text.trim())
    if (found !== undefined) return found
    const meant = nearest(text.trim(), words)
    const hint = meant === undefined ? '' : ` Did you mean ${meant}?`
    throw new InvalidArgumentError(`Allowed: ${words.join(', ')}.${hint}`)
  }
}

/** An http or https URL; the scheme may be left out, and then it is http. Credentials in it are refused. */
export function httpUrl(): Reader<URL> {
  return (text) => {
    const given = text.trim()
    const whole = /^[a-z][a-z\d+.-]*:\/\//i.test(given) ? given : `http://${given}`
    const url = URL.canParse(whole) ? new URL(whole) : undefined
    if (url === undefined || !/^https?:$/.test(url.protocol) || url.hostname === '')
      throw new InvalidArgumentError('Allowed: an http or https URL, such as http://127.0.0.1:9090/.')
    if (url.username !== '' || url.password !== '')
      throw new InvalidArgumentError('A URL on the command line must not have a user or password in it.')
    return url
  }
}

/** An option that may be given several times: each is read, and all are kept in their order. */
export function several<Value>(
  read: Reader<Value>,
): (text: string, before: readonly Value[] | undefined) => readonly Value[] {
  return (text, before = []) => [...before, read(text)]
}
