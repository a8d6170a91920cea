/** What was given instead, for messages: its sort, never its contents. */
export function described(value: unknown): string {
  if (value === null || value === undefined) return String(value)
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value)
  if (typeof value !== 'object') return `a ${typeof value}`
  return `of type ${value.constructor?.name || 'object'}`
}
