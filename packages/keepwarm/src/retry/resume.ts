/**
 * A download that breaks off goes on where it stopped, when it is certain that the rest belongs to the same whole.
 *
 *     first answer: 200 with a strong ETag ──▶ bytes are delivered ──▶ it breaks off
 *                                                      ▲                     │ Range: bytes=n-
 *                                                      │ 206, same ETag,     │ If-Match and If-Range: the ETag
 *                                                      │ from byte n         ▼
 *                                                      └───────────── the next answer ──▶ anything else: see Resumed
 *
 * It only thinks: whoever sends asks it for headers and tells it what came.
 */
import { parseContentRange, type ContentRange } from './content-range.ts'

/** Response headers, names in lower case. */
export type ResponseHeaders = Readonly<Record<string, string | string[] | undefined>>

/**
 * What the answer to another attempt means:
 *
 * - `go_on`: the bytes that follow are the next ones.
 * - `start_over`: the whole comes again, and nothing of it was delivered yet.
 * - `complete`: everything was delivered before; only the end was lost.
 * - `not_yet`: a status that says nothing about the download (503, …); it is judged like that of any attempt.
 *
 * And why the download cannot go on: {@link NotResumed}.
 */
export type Resumed = 'go_on' | 'start_over' | 'complete' | 'not_yet' | NotResumed

export type NotResumed = 'changed' | 'whole_again' | 'wrong_range' | 'unverified'

/** {@link NotResumed} in words that end the sentence "not resumed: …". */
export const notResumedText: Readonly<Record<NotResumed, string>> = {
  changed: 'what is downloaded has changed on the server since it began',
  whole_again: 'the server sends the whole again, and a part of it was delivered',
  wrong_range: 'the server sends other bytes than the ones that are missing',
  unverified: 'the server does not say of which version the bytes are',
}

/** A strong validator; a weak one (`W/"…"`) says that the meaning is the same, not the bytes. */
const strongTag = /^"[\x21\x23-\x7e\x80-\xff]*"$/

/** One download, from its first answer on. */
export class ResumableDownload {
  /** Bytes that were delivered. */
  private delivered = 0
  private readonly etag: string
  /** The length of the whole, once it is known. */
  private total: number | undefined
  /** Where the bytes of the answer that is under way must end; undefined when it does not say. */
  private end: number | undefined

  private constructor(etag: string, total: number | undefined) {
    this.etag = etag
    this.total = this.end = total
  }

  /**
   * Whether the download could go on if it broke off: it is the 200 to a GET without a range of its own, with a strong
   * ETag, from a server that does not refuse ranges.
   */
  static begin(
    method: string,
    asksForRange: boolean,
    status: number,
    headers: ResponseHeaders,
  ): ResumableDownload | undefined {
    if (method !== 'GET' || asksForRange || status !== 200) return undefined
    if (one(headers['accept-ranges'])?.trim().toLowerCase() === 'none') return undefined
    const etag = one(headers['etag'])?.trim()
    if (etag === undefined || !strongTag.test(etag)) return undefined
    return new ResumableDownload(etag, lengthOf(headers))
  }

  /** How many bytes were delivered. */
  get position(): number {
    return this.delivered
  }

  /**
   * Bytes are about to be delivered, as they came over the wire: ranges know nothing of decompression.
   *
   * @returns false when they are more than the answer promised; they must not be delivered then.
   */
  received(bytes: number): boolean {
    if (this.end !== undefined && this.delivered + bytes > this.end) return false
    this.delivered += bytes
    return true
  }

  /** Whether an answer that has ended was all that is to come. */
  get isWhole(): boolean {
    return this.delivered === (this.total ?? this.end ?? this.delivered)
  }

  /**
   * What the next attempt sends besides its own headers. Nothing while nothing was delivered: then it simply begins
   * again. `If-Match` makes a server that knows better say 412; `If-Range` keeps one that does not know `If-Match` from
   * sending the rest of something else.
   */
  nextHeaders(): Readonly<Record<string, string>> {
    if (this.delivered === 0) return {}
    return { range: `bytes=${this.delivered}-`, 'if-match': this.etag, 'if-range': this.etag }
  }

  /** What the answer to the next attempt means. */
  answered(status: number, headers: ResponseHeaders): Resumed {
    if (status === 206) return this.partial(headers)
    if (status === 200) return this.whole(headers)
    if (status === 412) return 'changed'
    if (status === 416) return this.outOfRange(headers)
    return 'not_yet'
  }

  private partial(headers: ResponseHeaders): Resumed {
    const range = parseContentRange(one(headers['content-range']))
    const etag = one(headers['etag'])?.trim()
    if (etag === undefined) return 'unverified'
    if (etag !== this.etag) return 'changed'
    if (range?.first === undefined || range.last === undefined) return 'wrong_range'
    if (this.delivered === 0 || range.first !== this.delivered) return 'wrong_range'
    const length = lengthOf(headers)
    if (length !== undefined && length !== range.last - range.first + 1) return 'wrong_range'
    if (this.contradicts(range)) return 'changed'
    this.total ??= range.total
    this.end = range.last + 1
    return 'go_on'
  }

  /** The caller has the headers of the first answer: what comes again must be the same whole. */
  private whole(headers: ResponseHeaders): Resumed {
    if (one(headers['etag'])?.trim() !== this.etag) return 'changed'
    if (this.delivered > 0) return 'whole_again'
    const length = lengthOf(headers)
    if (this.total !== undefined && length !== undefined && length !== this.total) return 'changed'
    this.total ??= length
    this.end = this.total
    return 'start_over'
  }

  /** There is nothing behind what was delivered: either that was all of it, or it has become shorter. */
  private outOfRange(headers: ResponseHeaders): Resumed {
    const range = parseContentRange(one(headers['content-range']))
    if (range === undefined) return 'wrong_range'
    if (range.total !== this.delivered || this.contradicts(range)) return 'changed'
    const etag = one(headers['etag'])?.trim()
    if (etag !== undefined && etag !== this.etag) return 'changed'
    this.total = range.total
    return 'complete'
  }

  private contradicts({ total }: ContentRange): boolean {
    return total !== undefined && this.total !== undefined && total !== this.total
  }
}

/** A header that comes twice says nothing that one could rely on. */
function one(value: string | string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : value?.length === 1 ? value[0] : undefined
}

function lengthOf(headers: ResponseHeaders): number | undefined {
  const text = one(headers['content-length'])?.trim()
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined
}
