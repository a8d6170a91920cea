/** Gives documents to the service: reads what was dropped, chosen or pasted, and sends it in batches. */
import { ask, Refusal, textOf, type Rejected } from './ask.ts'
import { batchesOf, readText, sourceOf, titleOf, type Given } from './state/given.ts'
import { refused, sent, taken, without } from './state/work.ts'
import { announce, work } from './store.ts'
import type { AcceptedBatch, NewDocument } from './wire.ts'
import { counted } from './state/text.ts'
import { lookSoon } from './look.ts'

/** A file with where it was found. */
export interface NamedFile {
  readonly path: string
  readonly file: File
}

let made = 0

export async function giveFiles(files: readonly NamedFile[]): Promise<void> {
  if (files.length === 0) return
  const read = await Promise.all(files.map(readFile))
  await give(read.filter((one) => one !== undefined))
}

export async function giveText(text: string, title?: string): Promise<void> {
  if (text.trim() === '') return announce('There is no text to add.')
  const name = title?.trim() || titleOf(text)
  const key = nextKey()
  work.value = sent(work.value, key, name)
  await give([{ key, document: { content: text.toWellFormed().replaceAll('\0', ''), title: name } }])
}

async function readFile({ path, file }: NamedFile): Promise<Given | undefined> {
  const key = nextKey()
  work.value = sent(work.value, key, path)
  const read = await file.arrayBuffer().then(
    (buffer) => readText(new Uint8Array(buffer)),
    () => ({ problem: 'it cannot be read' }),
  )
  if ('problem' in read) {
    work.value = refused(work.value, key, read.problem)
    return undefined
  }
  const document: NewDocument = {
    ...{ content: read.text, source: sourceOf(path) },
    ...(file.lastModified > 0 && { modified_at: file.lastModified }),
  }
  return { key, document }
}

async function give(given: readonly Given[]): Promise<void> {
  let accepted = 0
  for (const batch of batchesOf(lastOfEach(given))) accepted += await sendBatch(batch)
  const rest = given.length - accepted
  announce(`${counted(accepted, 'document')} given to the service${rest === 0 ? '' : `, ${rest} refused`}.`)
  lookSoon()
}

/** Of several files with one path the last counts, as if they had come one after another. */
function lastOfEach(given: readonly Given[]): Given[] {
  const last = new Map<string, Given>()
  for (const one of given) {
    const name = one.document.source ?? one.key
    const before = last.get(name)
    if (before !== undefined) work.value = without(work.value, before.key)
    last.set(name, one)
  }
  return [...last.values()]
}

/** How many were taken. The service answers in the order of those that it took. */
async function sendBatch(batch: readonly Given[]): Promise<number> {
  try {
    const body = { name: 'page', documents: batch.map(({ document }) => document) }
    const { documents, rejected } = await ask<AcceptedBatch>('POST', 'documents/batch', body)
    const reasons = new Map(rejected.map((one) => [one.index, reasonOf(one as Rejected)]))
    const kept = keptOf(batch, reasons)
    for (const [index, answer] of documents.entries()) {
      const own = kept[index]
      if (own !== undefined) work.value = taken(work.value, own.key, answer)
    }
    tellRefused(batch, reasons)
    return documents.length
  } catch (error) {
    const reasons = new Map(
      error instanceof Refusal ? error.rejected.map((one) => [one.index, reasonOf(one)]) : [],
    )
    for (const [index, { key }] of batch.entries()) {
      work.value = refused(work.value, key, reasons.get(index) ?? textOf(error))
    }
    return 0
  }
}

function keptOf(batch: readonly Given[], reasons: ReadonlyMap<number, string>): Given[] {
  return batch.filter((_, index) => !reasons.has(index))
}

function tellRefused(batch: readonly Given[], reasons: ReadonlyMap<number, string>): void {
  for (const [index, reason] of reasons) {
    const own = batch[index]
    if (own !== undefined) work.value = refused(work.value, own.key, reason)
  }
}

function reasonOf({ errors = [] }: Pick<Rejected, 'errors'>): string {
  return errors.map(({ field, message }) => `${field} ${message}`).join('; ') || 'the service did not take it'
}

function nextKey(): string {
  return `given ${++made}`
}

/** Files of a drop, those in dropped folders among them. */
export async function filesOf(transfer: DataTransfer): Promise<NamedFile[]> {
  // The items are gone after the first await: all are taken up at once.
  const items = [...transfer.items].filter(({ kind }) => kind === 'file')
  const entries = items.map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null)
  if (entries.length === 0) return namedFiles(transfer.files)
  return (await Promise.all(entries.map(filesBelow))).flat()
}

export function namedFiles(files: Iterable<File>): NamedFile[] {
  return [...files].map((file) => ({ file, path: file.webkitRelativePath || file.name }))
}

async function filesBelow(entry: FileSystemEntry): Promise<NamedFile[]> {
  const path = entry.fullPath.replace(/^\//, '')
  if (isFile(entry)) {
    const file = await new Promise<File>((resolve, reject) => entry.file(resolve, reject))
    return [{ file, path }]
  }
  if (entry.name.startsWith('.') || entry.name === 'node_modules') return []
  const below = await Promise.all((await entriesOf(entry as FileSystemDirectoryEntry)).map(filesBelow))
  return below.flat().filter(({ file }) => !file.name.startsWith('.'))
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile
}

/** A reader gives a hundred at a time. */
async function entriesOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader()
  const all: FileSystemEntry[] = []
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    )
    if (some.length === 0) return all
    all.push(...some)
  }
}
