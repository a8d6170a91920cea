/** What the rules call a thing, and what a request's schema may call it. Pure. */

/** Types that a schema's enum may name differently. The first that the enum allows is taken. */
const otherNames: Readonly<Record<string, readonly string[]>> = {
  PERSON: ['PEOPLE', 'PER'],
  PLACE: ['LOCATION', 'LOC', 'GPE'],
  ORGANIZATION: ['ORGANISATION', 'COMPANY', 'ORG'],
  TECHNOLOGY: ['TOOL', 'PRODUCT', 'SERVICE', 'COMPONENT', 'CONCEPT'],
  CLASS: ['COMPONENT'],
  INTERFACE: ['CLASS'],
  FUNCTION: ['METHOD'],
  CONSTANT: ['CONFIG_SETTING', 'VARIABLE'],
  CONFIG_SETTING: ['CONSTANT', 'VARIABLE'],
  MODULE: ['FILE', 'DOCUMENT'],
  API_ENDPOINT: ['ENDPOINT', 'URL'],
  URL: ['LINK', 'API_ENDPOINT'],
  CONCEPT: ['TOPIC', 'HEADING'],
  RELATES_TO: ['RELATED_TO'],
}
const catchAll = ['OTHER', 'MISC', 'RELATES_TO', 'RELATED_TO']

/** The value of an enum that stands for `name`, or undefined when none does; upper and lower case are one. */
export function allowedName(allowed: readonly unknown[], name: string): string | undefined {
  const texts = allowed.filter((value) => typeof value === 'string')
  for (const candidate of [name, ...(otherNames[name] ?? []), ...catchAll]) {
    const found = texts.find((value) => value.toUpperCase() === candidate.toUpperCase())
    if (found !== undefined) return found
  }
  return undefined
}
