/** W3C trace context: which trace a piece of work belongs to, as it travels in the `traceparent` header. Pure. */

export interface TraceContext {
  /** 32 hex digits: the same for everything that one request causes, on whatever machine. */
  readonly traceId: string
  /** 16 hex digits: this part of it. */
  readonly spanId: string
  /** Whether somebody records it. */
  readonly sampled: boolean
}

/**
 * What a header says; undefined when it says nothing that can be used. A later version is read as far as it is known.
 *
 * @example readTraceparent('00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01')?.sampled // true
 */
export function readTraceparent(header: string | undefined): TraceContext | undefined {
  const found = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/.exec(header?.trim() ?? '')
  if (found === null) return undefined
  const [, version, traceId, spanId, flags, more] = found as unknown as readonly string[]
  if (version === 'ff' || (version === '00' && more !== undefined)) return undefined
  if (isZero(traceId!) || isZero(spanId!)) return undefined
  return { traceId: traceId!, spanId: spanId!, sampled: (Number.parseInt(flags!, 16) & 1) === 1 }
}

export function writeTraceparent({ traceId, spanId, sampled }: TraceContext): string {
  return `00-${traceId}-${spanId}-${sampled ? '01' : '00'}`
}

/** The next part of the same trace; without one, the first part of a new trace. @param random gives so many bytes */
export function nextSpan(parent: TraceContext | undefined, random: (bytes: number) => Buffer): TraceContext {
  return {
    traceId: parent?.traceId ?? digits(random, 16),
    spanId: digits(random, 8),
    sampled: parent?.sampled ?? false,
  }
}

/** All zeros means that there is none. */
function digits(random: (bytes: number) => Buffer, bytes: number): string {
  const hex = random(bytes).toString('hex')
  return isZero(hex) ? `${hex.slice(1)}1` : hex
}

function isZero(hex: string): boolean {
  return /^0+$/.test(hex)
}
