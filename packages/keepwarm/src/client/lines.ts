import { KeepwarmError } from '../errors.ts'
import { atCaller } from './caller-line.ts'
import { TextReader } from './decode/charset.ts'
import { checked, toJson } from './json.ts'
import type { StandardSchema } from './standard-schema.ts'

/** A line longer than this is not a line; it is a body without line ends. */
const MAX_LINE: number = 16 * 1024 * 1024

/** How lines are read. */
export interface LineOptions {
  /** For messages: `GET /orders`. */
  readonly what: string
  /** The label of the charset; undefined for UTF-8. */
  readonly charset?: string | undefined
  /** In characters. Default {@link MAX_LINE}. */
  readonly maxLine?: number
}

/**
 * Splits chunks into lines, wherever the chunks were cut: in the middle of a line, of `\r\n`, of a character.
 * Line ends are not included; a last line without one counts.
 */
export async function* splitLines(
  chunks: AsyncIterable<Uint8Array>,
  { what, charset, maxLine = MAX_LINE }: LineOptions,
): AsyncGenerator<string> {
  const held: string[] = []
  let heldLength = 0
  try {
    const reader = new TextReader(charset, what)
    for await (const chunk of chunks) {
      const parts = reader.read(chunk).split('\n')
      for (const [index, part] of parts.entries()) {
        held.push(part)
        heldLength += part.length
        if (heldLength > maxLine) throw tooLong(maxLine, what)
        if (index === parts.length - 1) break
        yield withoutReturn(held.join(''))
        held.length = heldLength = 0
      }
    }
    held.push(reader.end())
  } catch (error) {
    throw atCaller(error, splitLines)
  }
  for (const rest of held.join('').split('\n')) if (rest !== '') yield withoutReturn(rest)
}

/**
 * Newline-delimited JSON; empty lines are passed over.
 * @throws KeepwarmError `decode` naming the line, `validation` when it does not fit the schema
 */
export async function* parseNdjson<T>(
  chunks: AsyncIterable<Uint8Array>,
  options: LineOptions,
  schema: StandardSchema<T> | undefined,
): AsyncGenerator<T> {
  let number = 0
  for await (const line of splitLines(chunks, options)) {
    number++
    if (line.trim() === '') continue
    const what = `line ${number} of ${options.what}`
    const value = toJson(line, what, 'application/x-ndjson')
    yield schema === undefined ? (value as T) : await checked(value, schema, what)
  }
}

function withoutReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line
}

function tooLong(maxLine: number, what: string): KeepwarmError {
  return new KeepwarmError('body_too_large', `a line of ${what} is longer than ${maxLine} characters`, {
    phase: 'body',
    sent: 'maybe',
  })
}
