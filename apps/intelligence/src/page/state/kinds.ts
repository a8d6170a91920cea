/** How kinds of entities look: a colour, a line below and a sign, so that none depends on its colour. Pure. */

export interface Kind {
  /** Of the style sheet: `kind-0` to `kind-5`. */
  readonly look: number
  readonly sign: string
  readonly word: string
}

/** Extractors name kinds as they like: what is alike looks alike, everything else has the last look. */
const families: readonly (readonly [look: number, sign: string, words: RegExp])[] = [
  [0, '●', /PERSON|AUTHOR|USER|PEOPLE/],
  [1, '■', /ORG|COMPANY|TEAM|PLACE|LOCATION|CITY|COUNTRY/],
  [2, '▲', /TECH|TOOL|LIBRARY|FRAMEWORK|LANGUAGE|PRODUCT|COMPONENT|SERVICE/],
  [3, '◆', /FUNC|CLASS|METHOD|CODE|API|ENDPOINT|VARIABLE|FILE|MODULE/],
  [4, '○', /CONCEPT|TOPIC|THEME|PROCESS|EVENT/],
]

/** @example kindOf('API_ENDPOINT') // { look: 3, sign: '◆', word: 'api endpoint' } */
export function kindOf(type: string): Kind {
  const word = type.toLowerCase().replaceAll('_', ' ')
  const [look, sign] = families.find(([, , words]) => words.test(type.toUpperCase())) ?? [5, '▽']
  return { look, sign, word }
}

/** Kinds with how many there are of each, the most frequent first. */
export function countKinds(entities: readonly { readonly type: string }[]): [type: string, count: number][] {
  const counts = new Map<string, number>()
  for (const { type } of entities) counts.set(type, (counts.get(type) ?? 0) + 1)
  return [...counts].sort((a, b) => b[1] - a[1])
}
