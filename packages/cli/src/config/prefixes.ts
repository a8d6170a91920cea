/** Which prefixes there are. Pure. */

export type Variables = Readonly<Record<string, string | undefined>>

/** The prefix that every service falls back to. */
export const common = 'HTTP_CLIENT'

const service = /^([A-Z][A-Z0-9_]*_HTTP_CLIENT)_[A-Z]/

/** All prefixes that some variable has, the common one first. */
export function prefixesIn(variables: Variables): readonly string[] {
  const found = Object.entries(variables)
    .filter(([, text]) => text !== undefined && text.trim() !== '')
    .flatMap(([name]) => service.exec(name)?.[1] ?? [])
  return [common, ...new Set(found.toSorted())]
}

/**
 * What is meant by `SEARCH_SERVICE`: itself where there are variables that begin so and none with `_HTTP_CLIENT`,
 * otherwise the prefix of that service. What no prefix can be is left as it is, for the library to complain of.
 */
export function prefixOf(given: string, variables: Variables): string {
  if (given === common || given.endsWith(`_${common}`) || !/^[A-Z][A-Z0-9_]*[A-Z0-9]$/.test(given))
    return given
  const whole = `${given}_${common}`
  const names = Object.keys(variables)
  const isOwn = names.some((name) => name.startsWith(`${given}_`))
  return isOwn && !names.some((name) => name.startsWith(`${whole}_`)) ? given : whole
}
