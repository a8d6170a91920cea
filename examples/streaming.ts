/** A generation that comes line by line: shown as it arrives, and given up in the middle without harm to others. */
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { HttpClient } from 'keepwarm'
import { z } from 'zod'

const left = Promise.withResolvers<string>()
const server = createServer(({ url }, response) => {
  void generate(response, url === '/endless' ? Array<string>(1_000).fill('and') : ['keep', 'it', 'warm'])
})
await once(server.listen(0, '127.0.0.1'), 'listening')

async function generate(response: ServerResponse, words: readonly string[]): Promise<void> {
  response.on('close', () => response.writableFinished || left.resolve('yes'))
  for (const [at, word] of words.entries()) {
    if (response.destroyed) return
    response.write(`${JSON.stringify({ response: word, done: at === words.length - 1 })}\n`)
    await pause(20) // a model thinks between its words
  }
  response.end()
}

const Part = z.object({ response: z.string(), done: z.boolean() })
const model = new HttpClient({
  baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  timeout: 600_000, // a generation may take ten minutes
  bodyIdleTimeout: 60_000, // but not a minute for one word
})

const said: string[] = []
const began = performance.now()
let firstAfter = 0
for await (const { response } of model.post('/generate', { json: { prompt: 'Why?' } }).ndjson(Part)) {
  firstAfter ||= performance.now() - began
  said.push(response)
}
console.log(said.join(' '))
console.log('the first word came before the last:', firstAfter < performance.now() - began)

let read = 0
for await (const _ of model.post('/endless').ndjson(Part)) if (++read === 3) break
console.log(`left after ${read} words; the server was told: ${await left.promise}`)
console.log('connections in use:', model.pool.connections().filter(({ state }) => state === 'busy').length)

await model.close()
server.close()
