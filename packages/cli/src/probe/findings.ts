/** All that a probe found out. */
import type { IdleFinding } from './idle-verdict.ts'
import type { Addresses, Beginning } from './handshake.ts'
import type { Race } from './race.ts'
import type { RequestsLimit } from './requests-limit.ts'

export interface Findings extends Beginning {
  readonly addresses: Addresses
  readonly idle: IdleFinding
  /** What the server says of it, in seconds and requests. */
  readonly hint: { readonly timeout?: number; readonly max?: number }
  readonly limit: RequestsLimit | undefined
  readonly race: Race | undefined
  /** Connections that were made for all of it. */
  readonly connections: number
}
