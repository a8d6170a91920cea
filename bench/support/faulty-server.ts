/** A server on 127.0.0.1 that counts its sockets, can reset each of them, and can restart on its port. */
import { once } from 'node:events'
import type { AddressInfo, Server, Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { establishedTo } from './established.ts'

export class FaultyServer<S extends Server = Server> {
  readonly server: S
  connections = 0
  /** TCP sockets by the port at their other end: a TLS socket does not tell which one carries it. */
  private readonly sockets = new Map<number, Socket>()
  private wanted = 0

  private constructor(server: S) {
    this.server = server
    server.on('connection', (socket: Socket) => this.count(socket))
  }

  static async start<S extends Server>(server: S): Promise<FaultyServer<S>> {
    const started = new FaultyServer(server)
    await started.listen()
    return started
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port
  }

  get open(): number {
    return this.sockets.size
  }

  /** Of them, those that the other end has not closed: Node's HTTP/2 server may not notice the end of a dead session. */
  get held(): number {
    if (this.sockets.size === 0) return 0
    const established = establishedTo(this.port)
    if (established === undefined) return this.sockets.size
    return [...this.sockets.keys()].filter((port) => established.has(port)).length
  }

  /** The TCP socket below a socket of this server. */
  rawOf(socket: Socket | undefined): Socket | undefined {
    return socket?.remotePort === undefined ? undefined : this.sockets.get(socket.remotePort)
  }

  /** Ends every connection, is not there for `pause` ms, and listens on the same port again. */
  async restart(pause: number): Promise<void> {
    this.wanted = this.port
    const closed = once(this.server, 'close')
    this.server.close()
    for (const socket of this.sockets.values()) socket.destroy()
    await closed
    await sleep(pause)
    await this.listen()
  }

  private async listen(): Promise<void> {
    this.server.listen({ port: this.wanted, host: '127.0.0.1', backlog: 4_096 })
    await once(this.server, 'listening')
  }

  private count(socket: Socket): void {
    const { remotePort } = socket
    if (remotePort === undefined) return // gone before it was accepted
    this.connections++
    this.sockets.set(remotePort, socket)
    socket.on('error', () => {})
    socket.once('close', () => {
      if (this.sockets.get(remotePort) === socket) this.sockets.delete(remotePort)
    })
  }
}
