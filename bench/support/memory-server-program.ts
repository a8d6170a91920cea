/**
 * A server that answers when it has as many requests as it was told to wait for: so many connections are needed, and
 * all of them have served as often.
 */
import { once } from 'node:events'
import net, { type AddressInfo, type Socket } from 'node:net'
import { answerQuestions } from './program.ts'

const text = 'warm'
const answer = `HTTP/1.1 200 OK\r\ncontent-length: ${text.length}\r\nkeep-alive: timeout=600\r\n\r\n${text}`
let expected = 1
const waiting = new Set<Socket>()
let open = 0

const server = net.createServer({ noDelay: true }, serve)
server.listen({ port: 0, host: '127.0.0.1', backlog: 8_192 })
await once(server, 'listening')
/** A number is how many to wait for; `open` asks how many connections there are. */
answerQuestions(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, (question: number | 'open') => {
  if (question === 'open') return open
  expected = question
  return null
})

function serve(socket: Socket): void {
  open++
  let head = ''
  socket.on('error', () => socket.destroy())
  socket.on('close', () => {
    open--
    waiting.delete(socket)
  })
  socket.on('data', (chunk) => {
    head += chunk.toString('latin1')
    if (!head.endsWith('\r\n\r\n')) return
    head = ''
    waiting.add(socket)
    if (waiting.size >= expected) answerAll()
  })
}

function answerAll(): void {
  for (const socket of waiting) socket.write(answer)
  waiting.clear()
}
