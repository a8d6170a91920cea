/** Documents may be dropped and pasted anywhere on the page, but for pasting into a field. */
import { Cell } from '@keepwarm/dashboard/page/cell.ts'
import { filesOf, giveFiles, giveText, namedFiles } from '../give.ts'
import { needsToken } from '../store.ts'

/** Something that could be dropped is above the page. */
export const hovering: Cell<boolean> = new Cell(false)

/** What is dragged was taken from this page. */
let isOwn = false

export function takeDrops(): void {
  addEventListener('dragstart', () => (isOwn = true))
  addEventListener('dragend', () => (isOwn = false))
  addEventListener('dragover', hover)
  addEventListener('dragleave', ({ relatedTarget }) => {
    if (relatedTarget === null) hovering.value = false
  })
  addEventListener('drop', drop)
  addEventListener('paste', paste)
}

function hover(event: DragEvent): void {
  const kinds = event.dataTransfer?.types ?? []
  if (isOwn || needsToken.value || !(kinds.includes('Files') || kinds.includes('text/plain'))) return
  // A text that is dragged into a field is the field's.
  if (!kinds.includes('Files') && isField(event.target)) return
  event.preventDefault()
  hovering.value = true
}

function drop(event: DragEvent): void {
  if (!hovering.value || event.dataTransfer === null) return
  event.preventDefault()
  hovering.value = false
  const transfer = event.dataTransfer
  if (transfer.types.includes('Files')) void filesOf(transfer).then(giveFiles)
  else void giveText(transfer.getData('text/plain'))
}

function paste(event: ClipboardEvent): void {
  const { clipboardData: data } = event
  if (data === null || needsToken.value) return
  if (data.files.length > 0) {
    event.preventDefault()
    return void giveFiles(namedFiles(data.files))
  }
  if (isField(event.target)) return
  const text = data.getData('text/plain')
  if (text.trim() !== '') void giveText(text)
}

function isField(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches('input, textarea, select, [contenteditable]')
}
