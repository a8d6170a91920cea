const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']

const time = String.raw`(?<hour>\d\d):(?<minute>\d\d):(?<second>\d\d)`
const forms = [
  // Sun, 06 Nov 1994 08:49:37 GMT
  new RegExp(
    String.raw`^(?:mon|tue|wed|thu|fri|sat|sun), (?<day>\d\d) (?<month>[a-z]{3}) (?<year>\d{4}) ${time} gmt$`,
    'i',
  ),
  // Sunday, 06-Nov-94 08:49:37 GMT
  new RegExp(
    String.raw`^(?:mon|tues|wednes|thurs|fri|satur|sun)day, (?<day>\d\d)-(?<month>[a-z]{3})-(?<year>\d\d) ${time} gmt$`,
    'i',
  ),
  // Sun Nov  6 08:49:37 1994
  new RegExp(
    String.raw`^(?:mon|tue|wed|thu|fri|sat|sun) (?<month>[a-z]{3}) (?<day>[ \d]\d) ${time} (?<year>\d{4})$`,
    'i',
  ),
]

/**
 * Reads the three forms of date that HTTP allows (RFC 9110, 5.6.7), and nothing else: `Date.parse` would also take
 * "5", ISO dates and local times.
 *
 * @param wallClock milliseconds since 1970, needed to place a year of two digits.
 * @returns milliseconds since 1970, or undefined when the text is no such date.
 * @example parseHttpDate('Sun, 06 Nov 1994 08:49:37 GMT', Date.now()) // 784111777000
 */
export function parseHttpDate(text: string, wallClock: number): number | undefined {
  for (const form of forms) {
    const parts = form.exec(text)?.groups
    if (parts !== undefined) return assemble(parts, wallClock)
  }
  return undefined
}

function assemble(parts: Record<string, string | undefined>, wallClock: number): number | undefined {
  const month = months.indexOf((parts.month ?? '').toLowerCase())
  const [day, hour, minute, second] = [parts.day, parts.hour, parts.minute, parts.second].map(Number)
  if (month < 0 || day === undefined || hour === undefined || minute === undefined || second === undefined)
    return undefined
  // A leap second is allowed; JavaScript counts it as the first of the next minute.
  if (hour > 23 || minute > 59 || second > 60) return undefined
  const year = fullYear(parts.year ?? '', wallClock)
  const midnight = new Date(Date.UTC(year, month, day))
  const exists = midnight.getUTCFullYear() === year && midnight.getUTCDate() === day
  return exists ? midnight.getTime() + ((hour * 60 + minute) * 60 + second) * 1_000 : undefined
}

/** Two digits that would lie more than 50 years ahead mean the century before. */
function fullYear(digits: string, wallClock: number): number {
  if (digits.length === 4) return Number(digits)
  const thisYear = new Date(wallClock).getUTCFullYear()
  const year = thisYear - (thisYear % 100) + Number(digits)
  return year > thisYear + 50 ? year - 100 : year
}
