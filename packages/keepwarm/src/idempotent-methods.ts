/** Methods that mean the same when they arrive twice (RFC 9110, 9.2.2; QUERY is safe). */
const idempotentMethods: ReadonlySet<string> = new Set([
  'GET',
  'HEAD',
  'OPTIONS',
  'TRACE',
  'PUT',
  'DELETE',
  'QUERY',
])

/** Whether a server may get a request twice. What the caller says outweighs the key, and the key the method. */
export function mayArriveTwice(method: string, idempotent: boolean | undefined, hasKey: boolean): boolean {
  return idempotent ?? (hasKey || idempotentMethods.has(method))
}
