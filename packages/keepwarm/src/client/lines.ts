import { KeepwarmError } from '../errors.ts'
import { atCaller } from './caller-line.ts'
import { checked, toJson } from './collect.ts'
import type { StandardSchema } from './standard-schema.ts'

/** A line longer than this is not a line; it is a body without line ends. */
export const MAX_LINE: number = 16 * 1024 * 1024

/**
 * Splits chunks into lines, wherever the chunks were cut: in the middle of a line, of `\r\n`, of a character.
 * Line ends are not included; a last line without one counts.
 */
export async function* splitLines(
  chunks: AsyncIterable<Uint8Array>,
  maxLine: number = MAX_LINE,
): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  const held: string[] = []
  let heldLength = 0
  try {
    for await (const chunk of chunks) {
      const parts = decoder.decode(chunk, { stream: true }).split('\n')
      for (const [index, part] of parts.entries()) {
        held.push(part)
        heldLength += part.length
        if (heldLength > maxLine) throw tooLong(maxLine)
        if (index === parts.length - 1) break
        yield withoutReturn(held.join(''))
        held.length = heldLength = 0
      }
    }
  } catch (error) {
    throw atCaller(error, splitLines)
  }
  const rest = held.join('') + decoder.decode()
  if (rest !== '') yield withoutReturn(rest)
}

/**
 * Newline-delimited JSON; empty lines are passed over.
 * @throws KeepwarmError `decode` naming the line, `validation` when it does not fit the schema
 */
export async function* parseNdjson<T>(
  chunks: AsyncIterable<Uint8Array>,
  what: string,
  schema: StandardSchema<T> | undefined,
): AsyncGenerator<T> {
  let number = 0
  for await (const line of splitLines(chunks)) {
    number++
    if (line.trim() === '') continue
    const value = toJson(line, `line ${number} of ${what}`, 'application/x-ndjson')
    yield schema === undefined ? (value as T) : await checked(value, schema, `line ${number} of ${what}`)
  }
}

function withoutReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line
}

function tooLong(maxLine: number): KeepwarmError {
  return new KeepwarmError('body_too_large', `a line of the response is longer than ${maxLine} characters`, {
    phase: 'body',
    sent: 'maybe',
  })
}
