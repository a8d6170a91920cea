import { parseHttpDate } from './http-date.ts'

/** Ten digits are three hundred years; whatever is longer is not meant as a wait. */
const seconds = /^\d{1,10}(?:\.\d{1,9})?$/

/**
 * Reads a `Retry-After` header: seconds (a fraction is tolerated, some servers send one) or a date in one of the three
 * HTTP forms. A date is compared with the server's own `Date` header when there is one, so that two clocks that
 * disagree do not stretch or shrink the wait.
 *
 * @param value the header as it came; of several values, or of a list, the first valid one counts.
 * @param wallClock milliseconds since 1970, used when there is no `serverDate`.
 * @param serverDate the `Date` header of the same response.
 * @returns milliseconds to wait, 0 for a date that has passed, undefined when nobody asked in a way we understand.
 *   Never throws.
 * @example parseRetryAfter('120', Date.now()) // 120000
 */
export function parseRetryAfter(
  value: string | readonly string[] | undefined,
  wallClock: number,
  serverDate?: string,
): number | undefined {
  if (value === undefined) return undefined
  const serverClock = serverDate === undefined ? undefined : parseHttpDate(serverDate.trim(), wallClock)
  for (const line of typeof value === 'string' ? [value] : value) {
    const wait = firstWait(line, wallClock, serverClock)
    if (wait !== undefined) return wait
  }
  return undefined
}

/** Dates contain a comma themselves, so each part of a list is tried alone and together with the next. */
function firstWait(line: string, wallClock: number, serverClock: number | undefined): number | undefined {
  const parts = line.split(',')
  for (const [index, part] of parts.entries()) {
    const next = parts[index + 1]
    const wait =
      readWait(part.trim(), wallClock, serverClock) ??
      (next === undefined ? undefined : readWait(`${part},${next}`.trim(), wallClock, serverClock))
    if (wait !== undefined) return wait
  }
  return undefined
}

function readWait(text: string, wallClock: number, serverClock: number | undefined): number | undefined {
  if (seconds.test(text)) return Number(text) * 1_000
  const date = parseHttpDate(text, wallClock)
  return date === undefined ? undefined : Math.max(0, date - (serverClock ?? wallClock))
}
