/** A service with a dashboard that somebody watches, and that ends, one way or another. */
import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { HttpClient } from 'keepwarm'
import { dashboard } from '../../src/index.ts'

const [way] = process.argv.slice(2)
const client = new HttpClient({ name: 'search', baseUrl: 'http://127.0.0.1:9' })
const board = dashboard(client)

if (way === 'nothing left to do') {
  const { url } = await board.listen()
  process.send?.(url)
  await once(process, 'message')
} else {
  const server = createServer(board.handle).listen(0, '127.0.0.1')
  await once(server, 'listening')
  process.send?.(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
  await once(process, 'message')
  if (way === 'the clients are closed') {
    await client.close()
    await once(process, 'message')
  }
  // What comes after must still be done: an event loop that has run dry would end the process with code 13 before.
  await new Promise((resolve) => server.close(resolve))
}
console.log('done')
process.disconnect?.()
