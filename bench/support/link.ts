/**
 * A long wire on one machine: a TCP proxy that lets everything arrive half a round trip late, in both directions.
 *
 * The kernel completes a TCP handshake on loopback at once, whatever stands behind it. So the wire charges for it:
 * what a client sends during the first round trip counts as sent at its end, as it would be with a real wire. A TLS
 * handshake pays for its own round trips, because its messages travel the wire.
 *
 * Not there: bandwidth, loss, and TCP's slow start, which would make new connections dearer still.
 */
import { once } from 'node:events'
import net, { type AddressInfo, type Server, type Socket } from 'node:net'
import { Delays } from './delays.ts'

const host = '127.0.0.1'

/** Starts a wire to a port of this machine. `roundTrip` in milliseconds. */
export async function startLink(port: number, roundTrip: number, delays: Delays): Promise<Server> {
  const server = net.createServer({ allowHalfOpen: true, noDelay: true }, (near) => {
    const far = net.connect({ host, port, allowHalfOpen: true, noDelay: true })
    const open = performance.now() + roundTrip
    const arrival = (): number => Math.max(performance.now(), open) + roundTrip / 2
    carry(near, far, (run) => delays.at(arrival(), run))
    carry(far, near, (run) => delays.at(arrival(), run))
  })
  server.listen(0, host)
  await once(server, 'listening')
  return server
}

function carry(from: Socket, to: Socket, later: (run: () => void) => void): void {
  from.on('data', (chunk) => later(() => to.writable && to.write(chunk)))
  from.on('end', () => later(() => to.end()))
  from.on('close', () => later(() => to.destroy()))
  from.on('error', () => {}) // 'close' follows
}

export function portOf(server: Server): number {
  return (server.address() as AddressInfo).port
}
