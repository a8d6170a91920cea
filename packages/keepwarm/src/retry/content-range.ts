/** What a `Content-Range` header says: which bytes follow, of how many. */
export interface ContentRange {
  /** The first and the last byte that follow, counted from 0; both undefined when none do. */
  readonly first: number | undefined
  readonly last: number | undefined
  /** The length of the whole; undefined when the server does not know it. */
  readonly total: number | undefined
}

const form = /^bytes (?:(\d{1,15})-(\d{1,15})|\*)\/(?:(\d{1,15})|\*)$/i

/**
 * Reads a `Content-Range` (RFC 9110, 14.4), strictly: whoever misreads it delivers wrong bytes.
 *
 * @returns undefined when it is none, or contradicts itself. Never throws.
 * @example parseContentRange('bytes 500-999/1000') // { first: 500, last: 999, total: 1000 }
 * @example parseContentRange('bytes *\/1000') // a range that cannot be served, of 1000 bytes
 */
export function parseContentRange(value: string | undefined): ContentRange | undefined {
  const parts = value === undefined ? null : form.exec(value.trim())
  if (parts === null) return undefined
  const [first, last, total] = parts
    .slice(1)
    .map((digits) => (digits === undefined ? undefined : Number(digits)))
  if (first === undefined || last === undefined) {
    return total === undefined ? undefined : { first: undefined, last: undefined, total }
  }
  if (last < first || (total !== undefined && last >= total)) return undefined
  return { first, last, total }
}
