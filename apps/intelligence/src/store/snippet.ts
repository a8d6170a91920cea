/** Pieces of chunks as they are shown: what the stores' engines mark, and how the marks are read. */
import { randomBytes } from 'node:crypto'
import type { Snippet } from './search-records.ts'

// Control characters alone could stand in a text, which would then mark what it likes.
const unguessable = randomBytes(6).toString('hex')

/** Around each word that was found: what no text contains. */
export const OPEN: string = `\u0002${unguessable}`
export const CLOSE: string = `\u0003${unguessable}`
const either = new RegExp(`(${OPEN}|${CLOSE})`)

export const SNIPPET_WORDS = 40
const PLAIN_LENGTH = 240

/** Turns the marks in the text into offsets. */
export function readMarks(marked: string): Snippet {
  const marks: { start: number; end: number }[] = []
  let text = ''
  let start: number | undefined
  for (const part of marked.split(either)) {
    if (part === OPEN) start = text.length
    else if (part !== CLOSE) text += part
    else if (start !== undefined) {
      if (text.length > start) marks.push({ start, end: text.length })
      start = undefined
    }
  }
  return { text, marks }
}

/** The beginning of a chunk in which no word was found. */
export function beginningOf(body: string): string {
  const text = body.trim()
  if (text.length <= PLAIN_LENGTH) return text
  const space = text.lastIndexOf(' ', PLAIN_LENGTH)
  const end = space > PLAIN_LENGTH / 2 ? space : PLAIN_LENGTH
  return `${text
    .slice(0, end)
    .toWellFormed()
    .replace(/\uFFFD$/, '')}…`
}
