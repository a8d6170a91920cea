/** Under what is there already: Node's own fetch, undici.request, and a client's fetch, over bounded pools. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ConnectionPool, HttpClient } from 'keepwarm'
import { request, setGlobalDispatcher } from 'undici'

let sockets = 0
const server = createServer((_, response) => response.end('{"warm":true}')).on('connection', () => sockets++)
await once(server.listen(0, '127.0.0.1'), 'listening')
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`

/** A hundred calls at once. */
async function burst(call: () => Promise<unknown>): Promise<number> {
  sockets = 0
  await Promise.all(Array.from({ length: 100 }, call))
  return sockets
}

const usual = await burst(async () => (await fetch(url)).json())
console.log(`fetch alone: more than 4 connections for 100 calls: ${usual > 4}`)

// One line at the start of a process, and nothing else changes.
const pool = new ConnectionPool({ maxConnectionsPerOrigin: 4 })
setGlobalDispatcher(pool)
console.log(`fetch over a pool: ${await burst(async () => (await fetch(url)).json())} connections`)
console.log(`undici.request: ${await burst(async () => (await request(url)).body.json())} more`)

// A client besides has deadlines, retries, a breaker and figures; its fetch goes wherever one is taken.
const client = new HttpClient({ maxConnectionsPerOrigin: 4 })
console.log(`client.fetch: ${await burst(async () => (await client.fetch(url)).json())} connections`)
console.log(`calls that ended well: ${client.getMetrics().successful_requests}`)

await Promise.all([client.close(), pool.close()])
server.close()
server.closeAllConnections()
