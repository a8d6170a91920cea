/** The official client of Ollama over keepwarm, against a stand-in that fails once and then streams. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { HttpClient } from 'keepwarm'
import { Ollama } from 'ollama'

let lists = 0
const server = createServer((incoming, response) => {
  incoming.resume()
  if (incoming.url === '/api/tags') {
    if (++lists === 1) return void response.writeHead(503).end() // still loading
    return void response.end('{"models":[{"name":"llama3.2"}]}')
  }
  for (const content of ['keep ', 'it ', 'warm'])
    response.write(
      `${JSON.stringify({ message: { role: 'assistant', content }, done: content === 'warm' })}\n`,
    )
  response.end()
})
await once(server.listen(0, '127.0.0.1'), 'listening')
const host = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

// The SDK has no timeout and no retries: these are its own now.
const client = new HttpClient({ name: 'ollama', timeout: 600_000, bodyIdleTimeout: 60_000 })
const ollama = new Ollama({ host, fetch: client.fetch })

const { models } = await ollama.list()
console.log('models:', models.map(({ name }) => name).join(', '))

let text = ''
const messages = [{ role: 'user', content: 'What should one do with a connection?' }]
for await (const { message } of await ollama.chat({ model: 'llama3.2', messages, stream: true }))
  text += message.content
console.log('said:', text)

const { calls, attempts } = client.snapshot()
console.log(
  `calls: ${calls.started}, retries: ${attempts.retry}, connections: ${client.pool.counters.opened}`,
)
await client.close()
server.close()
