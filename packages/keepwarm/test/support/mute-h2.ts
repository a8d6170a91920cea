import type net from 'node:net'
import type tls from 'node:tls'
import { startRawTls, type TestServer } from './servers.ts'

const [DATA, HEADERS, SETTINGS, PING] = [0, 1, 4, 6]
const [END_STREAM, ACK, END_HEADERS] = [1, 1, 4]
const PREFACE = 24

/** An HTTP/2 server that answers the first request of each session with `hello`, and nothing else, pings least of all. */
export async function startMuteH2(): Promise<TestServer<net.Server> & { pings: number }> {
  const server: TestServer<net.Server> & { pings?: number } = await startRawTls(
    (socket) => {
      socket.write(frame(SETTINGS, 0, 0))
      eachFrame(socket, (type, flags, stream) => {
        if (type === SETTINGS && flags !== ACK) socket.write(frame(SETTINGS, ACK, 0))
        if (type === PING) counted.pings++
        if (type !== HEADERS || stream !== 1) return
        socket.write(frame(HEADERS, END_HEADERS, 1, Buffer.of(0x88))) // :status 200, from the static table
        socket.write(frame(DATA, END_STREAM, 1, Buffer.from('hello')))
      })
    },
    { ALPNProtocols: ['h2'] },
  )
  const counted = Object.assign(server, { pings: 0 })
  return counted
}

function frame(type: number, flags: number, stream: number, payload: Buffer = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(9)
  head.writeUIntBE(payload.length, 0, 3)
  head.writeUInt8(type, 3)
  head.writeUInt8(flags, 4)
  head.writeUInt32BE(stream, 5)
  return Buffer.concat([head, payload])
}

function eachFrame(
  socket: tls.TLSSocket,
  heard: (type: number, flags: number, stream: number) => void,
): void {
  let rest = Buffer.alloc(0)
  let skip = PREFACE
  socket.on('data', (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk])
    for (;;) {
      const length = skip > 0 ? skip : rest.length < 9 ? Infinity : 9 + rest.readUIntBE(0, 3)
      if (rest.length < length) return
      if (skip === 0) heard(rest.readUInt8(3), rest.readUInt8(4), rest.readUInt32BE(5))
      rest = rest.subarray(length)
      skip = 0
    }
  })
}
