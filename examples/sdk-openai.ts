/** The official client of OpenAI over keepwarm: twenty embeddings at once over two connections. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { HttpClient, findKeepwarmError } from 'keepwarm'
import OpenAI from 'openai'

const server = createServer((incoming, response) => {
  incoming.resume()
  if (incoming.url === '/v1/embeddings') {
    response.setHeader('content-type', 'application/json')
    return void response.end('{"data":[{"index":0,"embedding":[0.5,0.25]}]}')
  }
  response.destroy() // the machine of the model goes down in the middle of a completion
})
await once(server.listen(0, '127.0.0.1'), 'listening')
const baseURL = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`

const client = new HttpClient({ name: 'openai', maxConnectionsPerOrigin: 2, timeout: 600_000 })
const openai = new OpenAI({ baseURL, apiKey: 'none', fetch: client.fetch, maxRetries: 0, logLevel: 'off' })

const embed = (): Promise<OpenAI.CreateEmbeddingResponse> =>
  openai.embeddings.create({ model: 'm', input: 'warm', encoding_format: 'float' })
const all = await Promise.all(Array.from({ length: 20 }, embed))
console.log('embeddings:', all.length, 'connections:', client.pool.counters.opened)

// A completion that is lost may have been paid for: it is not sent twice, and the error says so.
const messages = [{ role: 'user' as const, content: 'hi' }]
const failed: unknown = await openai.chat.completions
  .create({ model: 'm', messages })
  .catch((error: unknown) => error)
const why = findKeepwarmError(failed)
console.log(
  'completion:',
  why?.code,
  'sent:',
  why?.sent,
  'attempts:',
  client.snapshot().attempts.initial - 20,
)

await client.close()
server.close()
