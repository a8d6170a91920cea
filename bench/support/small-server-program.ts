/**
 * An HTTP/1.1 server that does nearly nothing: it counts the blank lines that end requests and writes as many ready
 * answers. A real HTTP server would be slower than the clients that are measured, and they would wait for it.
 */
import { once } from 'node:events'
import net, { type AddressInfo, type Socket } from 'node:net'
import { smallText } from './documents.ts'
import { answerQuestions } from './program.ts'

const answer = [
  'HTTP/1.1 200 OK',
  'content-type: application/json',
  `content-length: ${Buffer.byteLength(smallText)}`,
  'keep-alive: timeout=60',
  '',
  smallText,
].join('\r\n')

const server = net.createServer({ noDelay: true }, serve)
server.listen({ port: 0, host: '127.0.0.1', backlog: 4_096 })
await once(server, 'listening')
const counts = { connections: 0, requests: 0 }
answerQuestions(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, () => counts)

function serve(socket: Socket): void {
  let rest = ''
  counts.connections++
  socket.on('error', () => socket.destroy())
  socket.on('data', (chunk) => {
    const parts = (rest + chunk.toString('latin1')).split('\r\n\r\n')
    rest = parts.pop() ?? ''
    counts.requests += parts.length
    if (parts.length > 0) socket.write(answer.repeat(parts.length))
  })
}
