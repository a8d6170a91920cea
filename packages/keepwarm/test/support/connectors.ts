import type { Socket } from 'node:net'
import { buildConnector } from 'undici'

/** undici's connector, and how many sockets there are from the moment a dial begins until its socket is closed. */
export interface CountingConnector {
  readonly connect: buildConnector.connector
  open: number
  peak: number
  total: number
  /** At most at once to one port. */
  readonly peaks: Map<string, number>
}

/**
 * Counts the sockets on our side. A server in another turn of the same event loop may see the next connection
 * before the end of the one that made room for it.
 */
export function countingConnector(options: buildConnector.BuildOptions = {}): CountingConnector {
  const dial = buildConnector({ timeout: 0, ...options })
  const now = new Map<string, number>()
  const count = (port: string, change: number): number => {
    const open = (now.get(port) ?? 0) + change
    now.set(port, open)
    counting.open += change
    return open
  }
  const counting: CountingConnector = {
    open: 0,
    peak: 0,
    total: 0,
    peaks: new Map(),
    connect: (target, callback) => {
      counting.total++
      const { port } = target
      counting.peaks.set(port, Math.max(counting.peaks.get(port) ?? 0, count(port, 1)))
      counting.peak = Math.max(counting.peak, counting.open)
      const socket = dial(target, callback) as unknown as Socket
      socket.once('close', () => count(port, -1))
      return socket
    },
  }
  return counting
}
