/** Puts the lines of a streamed answer together, and notices when it is not a whole one. */
import type { GenerationLine } from './ollama.ts'

/** How an answer can end badly although its status was 200. */
export class BrokenAnswer extends Error {
  readonly why: 'error_line' | 'cut_off' | 'too_long'

  constructor(why: BrokenAnswer['why'], message: string) {
    super(message)
    this.why = why
  }
}

/**
 * The text of a streamed answer.
 * @throws BrokenAnswer for a line that is an error, a stream that ends before its last line, and an answer that the
 *   model could not finish
 */
export async function readAnswer(lines: AsyncIterable<GenerationLine>): Promise<string> {
  let text = ''
  let last: { readonly done_reason?: string | null | undefined } | undefined
  try {
    for await (const line of lines) {
      // All that may still come is the stream's own end. A connection that is left before it cannot be used again.
      if (last !== undefined) continue
      if ('error' in line)
        throw new BrokenAnswer('error_line', `the model stopped with an error: ${line.error}`)
      text += line.response
      if (line.done) last = line
    }
  } catch (error) {
    if (last === undefined) throw error
  }
  const length = `after ${text.length} characters`
  if (last === undefined) {
    throw new BrokenAnswer('cut_off', `the answer broke off ${length}, before its last line`)
  }
  if (last.done_reason === 'length') {
    throw new BrokenAnswer('too_long', `the answer was cut ${length}: the model had no more room`)
  }
  return text
}
