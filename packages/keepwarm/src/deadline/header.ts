/**
 * A deadline on the wire, in two dialects. Both say how much time is left, not when it is over, so that two clocks need
 * not agree. It is written anew for each attempt.
 */
export type DeadlineHeader = 'grpc-timeout' | 'x-envoy-expected-rq-timeout-ms'

/** Why a header says nothing: it is ignored, never guessed at. */
export type UnreadableDeadline = 'not_a_number' | 'too_many_digits' | 'unknown_unit'

/** The time left in ms, or why the header is ignored. */
export type ReadDeadline = { readonly left: number } | { readonly ignored: UnreadableDeadline }

/** Milliseconds in each unit, the finest first. */
const units = { n: 1e-6, u: 1e-3, m: 1, S: 1_000, M: 60_000, H: 3_600_000 } as const
type Unit = keyof typeof units
const finestFirst = Object.keys(units) as Unit[]

const MOST_DIGITS = 8
const MOST_VALUE = 10 ** MOST_DIGITS - 1

/**
 * Reads a header, strictly: up to eight digits and one of `H M S m u n` for `grpc-timeout`, whole milliseconds in up to
 * fifteen digits for `x-envoy-expected-rq-timeout-ms`. No spaces, signs or fractions.
 *
 * @example readDeadline('grpc-timeout', '1500m') // { left: 1500 }
 * @example readDeadline('grpc-timeout', '1.5S') // { ignored: 'not_a_number' }
 */
export function readDeadline(header: DeadlineHeader, text: string): ReadDeadline {
  if (header === 'grpc-timeout') return readGrpc(text)
  if (!/^\d+$/.test(text)) return { ignored: 'not_a_number' }
  return text.length > 15 ? { ignored: 'too_many_digits' } : { left: Number(text) }
}

/**
 * Writes the time left, never more than there is: rounded down, in the finest unit that has room for it. A whole
 * millisecond of Envoy's dialect that would become 0 there means that there is none: it reads 0 as "no limit".
 *
 * @param left ms
 * @returns undefined where nothing can be said: no time left, or no limit.
 * @example writeDeadline('grpc-timeout', 1_500) // '1500000u'
 * @example writeDeadline('x-envoy-expected-rq-timeout-ms', 1_500.9) // '1500'
 */
export function writeDeadline(header: DeadlineHeader, left: number): string | undefined {
  if (!(left > 0) || left === Infinity) return undefined
  if (header === 'grpc-timeout') return writeGrpc(left)
  const whole = Math.floor(left)
  return whole > 0 && whole < 1e15 ? String(whole) : undefined
}

function readGrpc(text: string): ReadDeadline {
  const digits = text.slice(0, -1)
  if (!/^\d+$/.test(digits)) return { ignored: 'not_a_number' }
  if (digits.length > MOST_DIGITS) return { ignored: 'too_many_digits' }
  const unit = finestFirst.find((name) => name === text.at(-1))
  return unit === undefined ? { ignored: 'unknown_unit' } : { left: Number(digits) * units[unit] }
}

function writeGrpc(left: number): string | undefined {
  for (const unit of finestFirst) {
    const value = Math.floor(left / units[unit])
    if (value > MOST_VALUE) continue
    return value === 0 ? undefined : `${value}${unit}`
  }
  return `${MOST_VALUE}H`
}
