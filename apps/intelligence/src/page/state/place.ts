/** What the reader looks at, as it stands behind the # of the address: it can be kept, sent, and gone back to. Pure. */

export interface Place {
  readonly query: string
  readonly source: string
  readonly type: string
  readonly entity: string
  /** The document that is open. */
  readonly document: string
}

const names = { query: 'q', source: 'source', type: 'type', entity: 'entity', document: 'document' } as const
const keys = Object.keys(names) as (keyof Place)[]

export const nowhere: Place = { query: '', source: '', type: '', entity: '', document: '' }

export function readPlace(hash: string): Place {
  const given = new URLSearchParams(hash.replace(/^#/, ''))
  return Object.fromEntries(keys.map((key) => [key, given.get(names[key]) ?? ''])) as unknown as Place
}

export function writePlace(place: Place): string {
  const given = keys
    .filter((key) => place[key] !== '')
    .map((key): [string, string] => [names[key], place[key]])
  return new URLSearchParams(given).toString()
}

/** Whether both ask the same of the search. */
export function asksSame(one: Place, other: Place): boolean {
  return keys.every((key) => key === 'document' || one[key] === other[key])
}
