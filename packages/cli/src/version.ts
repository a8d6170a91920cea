import { createRequire } from 'node:module'

/** The version of this package; the library's is the same. */
export function version(): string {
  const require = createRequire(import.meta.url)
  return (require('../package.json') as { version: string }).version
}
