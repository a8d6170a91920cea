import { Readable } from 'node:stream'
import { ReadableStream } from 'node:stream/web'
import { invalid } from '../invalid.ts'
import { Parts, type BodySource } from './parts.ts'

/**
 * The source as a Node stream; undefined for what is none. A stream of bytes whose length nobody promised is taken as it
 * is.
 *
 * @throws KeepwarmError when somebody read it before
 */
export function openSource(source: unknown, length: number | undefined): Readable | undefined {
  if (source instanceof Readable) {
    if (!source.readable) throw invalid('its body is a stream that was read or closed before')
    return length === undefined && !source.readableObjectMode ? source : new Parts(source, length)
  }
  if (source instanceof ReadableStream && (source.locked || Readable.isDisturbed(source as never)))
    throw invalid('its body is a stream that was read or closed before, or that somebody else reads')
  return isIterable(source) ? new Parts(source, length) : undefined
}

/** What will not be sent has nobody else who would close it, or hear that it failed. */
export function closeUnsent(body: unknown): void {
  if (body instanceof Readable) body.on('error', () => {}).destroy()
  else if (body instanceof ReadableStream && !body.locked) body.cancel().catch(() => {})
}

function isIterable(value: unknown): value is BodySource {
  return (
    typeof value === 'object' && value !== null && (Symbol.asyncIterator in value || Symbol.iterator in value)
  )
}
