/** What errors are explained by: a client, its pool, and how late its own clock rang. */
import { idOf } from '../observe/identity.ts'
import type { LookAtClient } from '../observe/error-diagnosis.ts'
import type { LoopDelay, ProcessSnapshot } from '../observe/process-snapshot.ts'
import type { ClientSnapshot } from '../observe/snapshot.ts'
import type { ConnectionPool } from '../pool/pool.ts'
import type { Runtime } from '../runtime.ts'

export interface Looked {
  readonly pool: ConnectionPool
  readonly runtime: Runtime
  readonly snapshot: () => ClientSnapshot
  readonly loop: () => LoopDelay
}

/** Of the process only what a diagnosis asks for. */
export function lookAt({ pool, runtime, snapshot, loop }: Looked): LookAtClient {
  return (what): ProcessSnapshot => ({
    version: 1,
    at: runtime.wallClock(),
    process: {
      ...{ pid: process.pid, node: process.versions.node, uptime: process.uptime(), name: process.title },
      ...{ loop: loop(), cpu: null, rss: 0 },
    },
    clients: [snapshot()],
    pools: [{ ...pool.snapshot({ holders: what === 'now' }), id: idOf(pool) }],
    events: [],
  })
}
