/** Files and folders to index: what is read, what is not and why. */
import { existsSync } from 'node:fs'
import { realpath } from 'node:fs/promises'
import { basename, dirname, isAbsolute, join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readDocumentFile, readFolder, type FolderDocument, type Skipped } from './read-folder.ts'

export interface Source {
  readonly kind: 'folder' | 'file'
  readonly path: string
}

/** A file of a source, named as a reader in the present folder would name it. */
export type SourceItem = (FolderDocument | Skipped) & { readonly source: string }

/**
 * Every file of every source, one at a time.
 *
 * @throws FolderError when a folder cannot be read.
 */
export async function* readSources(
  sources: readonly Source[],
  signal?: AbortSignal,
): AsyncGenerator<SourceItem> {
  for (const { kind, path } of sources) {
    signal?.throwIfAborted()
    if (kind === 'file') {
      const item = await readDocumentFile({ path: basename(path), absolutePath: path })
      yield { ...item, source: nameOf(path) }
      continue
    }
    for await (const item of readFolder(path, signal === undefined ? {} : { signal })) {
      // The real folder, so that a folder is the same one by whatever link it is reached.
      const root = await realpath(path)
      yield { ...item, source: nameOf(join(root, item.path)) }
    }
  }
}

/** Relative to the present folder where it lies inside, with `/`; else the whole path. */
function nameOf(path: string): string {
  const name = relative(process.cwd(), path)
  const inside = name !== '' && !name.startsWith('..') && !isAbsolute(name)
  return (inside ? name : path).split(sep).join('/')
}

const packages = fileURLToPath(new URL('../../../../', import.meta.url))

/** The project's own pages, and the documentation that ships with the HTTP engine it stands on; what is there of it. */
export function defaultSources(): Source[] {
  const own: Source[] = [
    { kind: 'file', path: join(packages, 'README.md') },
    { kind: 'folder', path: join(packages, 'docs') },
  ]
  return [...own, ...engineDocs()].filter(({ path }) => existsSync(path))
}

function engineDocs(): Source[] {
  try {
    const manifest = fileURLToPath(import.meta.resolve('undici/package.json'))
    return [{ kind: 'folder', path: join(dirname(manifest), 'docs') }]
  } catch {
    return []
  }
}
