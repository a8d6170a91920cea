/** What `Content-Encoding` says: which codings lie over a body, and in which order they come off. */

export type Coding = 'gzip' | 'deflate' | 'br' | 'zstd'

/** What a client asks for when it decodes. */
export const acceptEncoding = 'gzip, deflate, br, zstd'

/** Nobody packs a body more often; each layer costs memory, and multiplies what a small body can become. */
export const MOST_CODINGS = 3

/** The codings to undo, the first one first; or, as a text, why the body cannot be decoded. */
export type Codings = readonly Coding[] | string

const names: Readonly<Record<string, Coding>> = {
  gzip: 'gzip',
  'x-gzip': 'gzip',
  deflate: 'deflate',
  br: 'br',
  zstd: 'zstd',
}

const none: readonly Coding[] = []

/**
 * Reads the header. `identity` is no coding.
 *
 * @example codingsOf('deflate, gzip') // ['gzip', 'deflate']: gzip came last, and goes first
 */
export function codingsOf(header: string | readonly string[] | undefined): Codings {
  if (header === undefined) return none
  const text = typeof header === 'string' ? header : header.join(',')
  const codings: Coding[] = []
  for (const part of text.split(',')) {
    const name = part.trim().toLowerCase()
    if (name === '' || name === 'identity') continue
    const coding = Object.hasOwn(names, name) ? names[name] : undefined
    if (coding === undefined) return `its content-encoding "${shown(name)}" is not known`
    codings.push(coding)
  }
  if (codings.length > MOST_CODINGS)
    return `its content-encoding names ${codings.length} codings, and no more than ${MOST_CODINGS} are undone`
  return codings.reverse()
}

function shown(name: string): string {
  const clean = name.replace(/[^\x21-\x7e]/g, '·')
  return clean.length > 40 ? `${clean.slice(0, 40)}…` : clean
}
