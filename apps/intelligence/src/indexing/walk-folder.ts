import { readdir, realpath, stat } from 'node:fs/promises'
import type { Dirent } from 'node:fs'
import { basename, extname, join, resolve, sep } from 'node:path'
import { messageOf } from '../store/errors.ts'

/** Why something in a folder was not read. */
export type SkipReason =
  | 'hidden'
  | 'node_modules'
  | 'other_type'
  | 'not_a_file'
  | 'broken_link'
  | 'link_outside'
  | 'already_read'
  | 'binary'
  | 'not_utf8'
  | 'empty'
  | 'too_large'
  | 'unreadable'

export interface Skipped {
  readonly kind: 'skipped'
  /** Relative to the folder, with `/`. */
  readonly path: string
  readonly reason: SkipReason
  /** The reason as a sentence. */
  readonly message: string
}

export interface FoundFile {
  readonly kind: 'file'
  readonly path: string
  /** Where it really is, links resolved. */
  readonly absolutePath: string
}

/** The folder as a whole cannot be read. */
export class FolderError extends Error {
  override get name(): string {
    return 'FolderError'
  }
}

const TEXT_FILES: ReadonlySet<string> = new Set(['.md', '.mdx', '.markdown', '.txt', '.rst'])

/** A file or folder on the way: as the caller sees it, and where it really is. */
interface Place {
  readonly path: string
  readonly real: string
}

interface Walk {
  readonly root: string
  readonly enterNodeModules: boolean
  /** Real paths of folders and text files that were met. */
  readonly met: Set<string>
  readonly folders: Place[]
  /** Symbolic links wait until everything else was seen, so that the thing itself wins over a link to it. */
  readonly links: Place[]
}

/**
 * Every text file below the folder, and everything that is none with the reason, in a steady order. Links are
 * followed as long as they stay inside the folder, and nothing is met twice, so loops end.
 *
 * @throws FolderError when the folder does not exist, is none, or cannot be read.
 */
export async function* walkFolder(folder: string): AsyncGenerator<FoundFile | Skipped> {
  const root = await openRoot(folder)
  const enterNodeModules = [resolve(folder), root].some((path) => path.split(sep).includes('node_modules'))
  const walk: Walk = {
    root,
    enterNodeModules,
    met: new Set([root]),
    folders: [{ path: '', real: root }],
    links: [],
  }
  for (;;) {
    const place = walk.folders.pop()
    const link = place === undefined ? walk.links.shift() : undefined
    if (place !== undefined) yield* enter(walk, place)
    else if (link !== undefined) yield* follow(walk, link)
    else return
  }
}

async function openRoot(folder: string): Promise<string> {
  try {
    const root = await realpath(folder)
    if ((await stat(root)).isDirectory()) return root
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    const why = missing ? 'it does not exist. Check the path' : messageOf(error)
    throw new FolderError(`cannot read the folder ${JSON.stringify(folder)}: ${why}`, { cause: error })
  }
  throw new FolderError(
    `cannot read the folder ${JSON.stringify(folder)}: it is a file. Give the folder it is in`,
  )
}

async function* enter(walk: Walk, place: Place): AsyncGenerator<FoundFile | Skipped> {
  let entries: Dirent[]
  try {
    entries = await readdir(place.real, { withFileTypes: true })
  } catch (error) {
    if (place.path === '')
      throw new FolderError(`cannot read the folder ${place.real}: ${messageOf(error)}`, { cause: error })
    yield skip(place.path, 'unreadable', `the folder cannot be read: ${messageOf(error)}`)
    return
  }
  entries.sort((a, b) => (a.name < b.name ? -1 : 1))
  const inside: Place[] = []
  for (const entry of entries) {
    const next = {
      path: place.path === '' ? entry.name : `${place.path}/${entry.name}`,
      real: join(place.real, entry.name),
    }
    if (entry.isSymbolicLink()) walk.links.push(next)
    else if (!entry.isDirectory()) yield meetFile(walk, next, entry.isFile())
    else yield* meetFolder(walk, next, inside)
  }
  walk.folders.push(...inside.reverse())
}

function* meetFolder(walk: Walk, place: Place, inside: Place[]): Generator<Skipped> {
  const name = basename(place.path)
  if (name.startsWith('.')) yield skip(place.path, 'hidden', 'hidden folders are not read')
  else if (name === 'node_modules' && !walk.enterNodeModules) {
    yield skip(place.path, 'node_modules', 'installed packages are not read')
  } else if (walk.met.has(place.real)) yield alreadyRead(walk, place)
  else {
    walk.met.add(place.real)
    inside.push(place)
  }
}

function meetFile(walk: Walk, place: Place, regular: boolean): FoundFile | Skipped {
  if (!regular)
    return skip(place.path, 'not_a_file', 'neither a file nor a folder, but a socket, pipe or device')
  if (!TEXT_FILES.has(extname(place.path).toLowerCase())) {
    return skip(place.path, 'other_type', `read are ${[...TEXT_FILES].join(' ')}`)
  }
  if (walk.met.has(place.real)) return alreadyRead(walk, place)
  walk.met.add(place.real)
  return { kind: 'file', path: place.path, absolutePath: place.real }
}

async function* follow(walk: Walk, link: Place): AsyncGenerator<FoundFile | Skipped> {
  try {
    const real = await realpath(link.real)
    const target = await stat(real)
    const place = { path: link.path, real }
    if (real !== walk.root && !real.startsWith(walk.root.endsWith(sep) ? walk.root : walk.root + sep)) {
      yield skip(link.path, 'link_outside', 'a link that leads out of the folder')
    } else if (target.isDirectory()) yield* meetFolder(walk, place, walk.folders)
    else yield meetFile(walk, place, target.isFile())
  } catch (error) {
    yield skip(link.path, 'broken_link', `a link that leads nowhere: ${messageOf(error)}`)
  }
}

function alreadyRead(walk: Walk, place: Place): Skipped {
  const target = place.real === walk.root ? 'the folder itself' : place.real.slice(walk.root.length + 1)
  return skip(place.path, 'already_read', `a link to ${target}, which is read anyway`)
}

function skip(path: string, reason: SkipReason, message: string): Skipped {
  return { kind: 'skipped', path, reason, message }
}
