/** Where a document's text comes from: the request, or a file below the one folder that was opened to the server. */
import { readFile, realpath } from 'node:fs/promises'
import { resolve, sep } from 'node:path'

/** Why a document cannot be had, in words for the caller. */
export class DocumentUnavailable extends Error {}

/** Reads documents below `root` only, links followed; without a root it reads none. */
export async function readDocument(root: string | undefined, path: string): Promise<string> {
  if (root === undefined) {
    throw new DocumentUnavailable(
      `"content" is missing, and this server may not read files: send the text of ${path}, or start it with documentsRoot`,
    )
  }
  const base = await realpath(root)
  const file = await realpath(resolve(base, path)).catch(() => undefined)
  // One answer for both, so that nobody learns which files exist outside.
  if (file === undefined || !file.startsWith(base + sep)) {
    throw new DocumentUnavailable(`no document ${path} below the server's documentsRoot`)
  }
  return readFile(file, 'utf8')
}
