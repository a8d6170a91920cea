import type { Socket } from 'node:net'

/**
 * Watches a socket that was dialed and that nobody uses yet. Over HTTP/1.1 the server has nothing to say before it
 * is asked: any byte (an answer 408, say) spoils the socket as an end does. Over HTTP/2 its settings may come, and
 * are put back for whoever will read them.
 *
 * @param spoiled The socket must not be used. Called at most once.
 * @returns Ends the watch: somebody uses the socket now.
 */
export function watchUnused(socket: Socket, protocol: 'h1' | 'h2', spoiled: () => void): () => void {
  const early: Buffer[] = []
  const read = (): void => {
    for (let bytes: Buffer | null; (bytes = socket.read() as Buffer | null) !== null;) early.push(bytes)
    if (protocol === 'h1' && early.length > 0) end()
  }
  const end = (): void => {
    stop()
    spoiled()
  }
  const stop = (): void => {
    socket.off('readable', read).off('end', end)
  }
  socket.on('readable', read).on('end', end)
  return () => {
    stop()
    if (early.length > 0) socket.unshift(Buffer.concat(early))
  }
}
