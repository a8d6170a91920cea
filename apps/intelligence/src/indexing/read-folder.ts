import { open } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { basename, extname } from 'node:path'
import { sizeText } from '../size-text.ts'
import { messageOf } from '../store/errors.ts'
import { firstHeading } from './blocks.ts'
import { walkFolder } from './walk-folder.ts'
import type { FoundFile, SkipReason, Skipped } from './walk-folder.ts'

export { FolderError } from './walk-folder.ts'
export type { Skipped } from './walk-folder.ts'

export interface FolderDocument {
  readonly kind: 'document'
  /** Relative to the folder, with `/`. */
  readonly path: string
  readonly absolutePath: string
  /** The first heading, else the file's name without its ending. */
  readonly title: string
  readonly content: string
  /** Bytes. */
  readonly size: number
  readonly type: 'markdown' | 'text' | 'rst'
  /** When the file was changed, milliseconds since 1970. */
  readonly modifiedAt: number
}

export interface ReadFolderOptions {
  /** Bytes above which a file is skipped. Default 2 MiB. */
  readonly maxBytes?: number
  /** Stops between two files. */
  readonly signal?: AbortSignal
}

/**
 * Reads the Markdown and text files (.md .mdx .markdown .txt .rst) of a folder, one at a time. What is not read is
 * reported with its reason: hidden folders, installed packages, other files, links out of the folder or nowhere,
 * binary, empty, too large or unreadable files.
 *
 * @throws FolderError when the folder itself cannot be read.
 * @example
 * for await (const found of readFolder('./docs')) {
 *   if (found.kind === 'document') await index(found)
 *   else console.warn(`${found.path}: ${found.message}`)
 * }
 */
export async function* readFolder(
  folder: string,
  options: ReadFolderOptions = {},
): AsyncGenerator<FolderDocument | Skipped> {
  const maxBytes = options.maxBytes ?? 2 * 1024 * 1024
  if (!Number.isSafeInteger(maxBytes) || maxBytes < 1) {
    throw new RangeError(`maxBytes = ${maxBytes}: expected a whole number of bytes, 1 or more`)
  }
  for await (const found of walkFolder(folder)) {
    options.signal?.throwIfAborted()
    yield found.kind === 'file' ? await readDocumentFile(found, maxBytes) : found
  }
}

/** Reads one file, as `readFolder` does. Its path is kept as it is given. */
export async function readDocumentFile(
  file: Pick<FoundFile, 'path' | 'absolutePath'>,
  maxBytes = 2 * 1024 * 1024,
): Promise<FolderDocument | Skipped> {
  try {
    await using handle = await open(file.absolutePath)
    const { mtimeMs } = await handle.stat()
    const bytes = await readUpTo(handle, maxBytes + 1)
    const content = decode(bytes, maxBytes)
    if (typeof content !== 'string') return { kind: 'skipped', path: file.path, ...content }
    const extension = extname(file.path).toLowerCase()
    const title = firstHeading(content) ?? basename(file.path, extname(file.path))
    const type = extension === '.txt' ? 'text' : extension === '.rst' ? 'rst' : 'markdown'
    const { path, absolutePath } = file
    return {
      kind: 'document',
      path,
      absolutePath,
      title,
      content,
      size: bytes.length,
      type,
      modifiedAt: mtimeMs,
    }
  } catch (error) {
    return {
      kind: 'skipped',
      path: file.path,
      reason: 'unreadable',
      message: `cannot be read: ${messageOf(error)}`,
    }
  }
}

/** Reads what is there and not what the file system says is there: the file may grow meanwhile. */
async function readUpTo(handle: FileHandle, limit: number): Promise<Buffer> {
  const pieces: Buffer[] = []
  let length = 0
  while (length < limit) {
    const piece = Buffer.allocUnsafe(Math.min(65_536, limit - length))
    const { bytesRead } = await handle.read(piece, 0, piece.length, null)
    if (bytesRead === 0) break
    pieces.push(piece.subarray(0, bytesRead))
    length += bytesRead
  }
  return Buffer.concat(pieces)
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

function decode(bytes: Buffer, maxBytes: number): string | { reason: SkipReason; message: string } {
  if (bytes.length > maxBytes) return { reason: 'too_large', message: `larger than ${sizeText(maxBytes)}` }
  const zero = bytes.indexOf(0)
  if (zero !== -1) return { reason: 'binary', message: `not a text: byte ${zero} is zero` }
  let text: string
  try {
    text = utf8.decode(bytes)
  } catch {
    return { reason: 'not_utf8', message: 'not in UTF-8. Convert the file' }
  }
  return text.trim() === '' ? { reason: 'empty', message: 'nothing but white space' } : text
}
