/** A wire between the browser and the service that a test can cut. */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { once } from 'node:events'
import { onTestFinished } from 'vitest'

export interface Relay {
  readonly url: string
  /** Ends all connections, and takes no new ones. */
  cut(): void
  /** Takes connections again, to this address where it is given. */
  mend(url?: string): void
}

export async function relayTo(url: string): Promise<Relay> {
  let port = Number(new URL(url).port)
  let isCut = false
  const sockets = new Set<Socket>()
  const keep = (socket: Socket): Socket => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket)).on('error', () => socket.destroy())
    return socket
  }
  const server = createServer((near) => {
    if (isCut) return void near.destroy()
    const far = keep(connect(port, '127.0.0.1'))
    keep(near).once('close', () => far.destroy())
    far.once('close', () => near.destroy())
    near.pipe(far).pipe(near)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const end = (): void => sockets.forEach((socket) => socket.destroy())
  onTestFinished(() => {
    server.close()
    end()
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut: () => {
      isCut = true
      end()
    },
    mend: (next) => {
      if (next !== undefined) port = Number(new URL(next).port)
      isCut = false
    },
  }
}
