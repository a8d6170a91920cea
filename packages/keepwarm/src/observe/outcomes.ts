/** How calls and attempts end, as numbers that index counters: the class of a status, or the code of an error. */
import { errorCodes } from '../error-codes.ts'
import type { ErrorCode } from '../errors.ts'
import type { CallOutcome } from './snapshot.ts'

const classes = ['1xx', '2xx', '3xx', '4xx', '5xx'] as const
const codes = Object.keys(errorCodes) as ErrorCode[]

/** By their number. */
export const outcomeNames: readonly string[] = [...classes, ...codes]

const numberOfCode: Readonly<Record<ErrorCode, number>> = Object.fromEntries(
  codes.map((code, index) => [code, classes.length + index]),
) as Record<ErrorCode, number>

/** The number of an ending. A status that belongs to no class is a fault of the server. */
export function outcomeNumber(ending: ErrorCode | number): number {
  if (typeof ending === 'string') return numberOfCode[ending]
  return ending < 100 || ending > 599 ? 4 : Math.floor(ending / 100) - 1
}

/** How often each happened: the classes of statuses always, codes only where there is something to say. */
export function byOutcome(counts: ArrayLike<number>): Record<CallOutcome, number> {
  const seen: Record<string, number> = {}
  for (let i = 0; i < outcomeNames.length; i++) {
    if (i < classes.length || counts[i]! > 0) seen[outcomeNames[i]!] = counts[i]!
  }
  return seen
}
