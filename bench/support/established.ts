import { readFileSync } from 'node:fs'

/** In /proc/net/tcp: the state of a connection that neither end has closed. */
const ESTABLISHED = '01'

/**
 * The ports from which somebody on this machine holds a connection to `port`, as the kernel has it; undefined where it
 * does not tell (not Linux).
 */
export function establishedTo(port: number): ReadonlySet<number> | undefined {
  const lines = readTable()?.split('\n').slice(1)
  if (lines === undefined) return undefined
  const rows = lines.map((line) => line.trim().split(/\s+/))
  return new Set(
    rows
      .filter(([, , remote, state]) => state === ESTABLISHED && portOf(remote) === port)
      .map(([, local]) => portOf(local)),
  )
}

function readTable(): string | undefined {
  try {
    return readFileSync('/proc/net/tcp', 'latin1')
  } catch {
    return undefined
  }
}

/** Of `0100007F:1F90`. */
function portOf(address = ''): number {
  return parseInt(address.split(':')[1] ?? '', 16)
}
