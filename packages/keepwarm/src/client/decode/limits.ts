/** How much a body may become when it is decoded, and what is said when it becomes more. */
import { KeepwarmError } from '../../errors.ts'
import { sizeText } from '../../size-text.ts'

export interface DecodeLimits {
  /** The most decoded bytes (`maxResponseBytes`). */
  readonly maxBytes: number
  /** The most decoded bytes for each byte on the wire (`maxDecompressionRatio`). */
  readonly maxRatio: number
}

/** Small bodies pack well, and hurt nobody: up to here the ratio is not looked at. */
export const RATIO_FLOOR: number = 64 * 1024

/** The most that so many bytes from the wire may become. */
export function mostDecoded({ maxBytes, maxRatio }: DecodeLimits, wireBytes: number): number {
  return Math.min(maxBytes, Math.max(RATIO_FLOOR, maxRatio * wireBytes))
}

/** @param most what {@link mostDecoded} allowed */
export function tooMuch(limits: DecodeLimits, most: number, what: string): KeepwarmError {
  const limit =
    most === limits.maxBytes
      ? `larger than maxResponseBytes, ${sizeText(limits.maxBytes)}, when it is decoded`
      : `decoded to more than ${limits.maxRatio} times its size on the wire (maxDecompressionRatio)`
  return new KeepwarmError('body_too_large', `the body of ${what} is ${limit}`, asRead)
}

/** It is not what its Content-Encoding says, or ended before its end. */
export function corrupt(error: Error, what: string): KeepwarmError {
  const { code } = error as Error & { code?: unknown }
  const why = code === 'Z_BUF_ERROR' ? 'it ended before its end' : error.message
  return undecodable(what, `its encoded data is broken: ${why}`, error)
}

export function undecodable(what: string, why: string, cause?: unknown): KeepwarmError {
  return new KeepwarmError('decode', `the body of ${what} cannot be decoded: ${why}`, { ...asRead, cause })
}

const asRead = { phase: 'body', sent: 'maybe' } as const
