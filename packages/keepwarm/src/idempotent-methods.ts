/** Methods that mean the same when they arrive twice (RFC 9110, 9.2.2; QUERY is safe). */
export const idempotentMethods: ReadonlySet<string> = new Set([
  'GET',
  'HEAD',
  'OPTIONS',
  'TRACE',
  'PUT',
  'DELETE',
  'QUERY',
])
