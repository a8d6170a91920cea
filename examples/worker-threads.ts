/** A client in each worker thread, and one dashboard that shows the sum of them. */
import { on, once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { parentPort, Worker, workerData, type MessagePort } from 'node:worker_threads'
import { dashboard, reportToDashboard } from '@keepwarm/dashboard'
import { HttpClient, type ProcessSnapshot } from 'keepwarm'

if (parentPort === null) await main()
else await work(parentPort, String(workerData))

async function main(): Promise<void> {
  const server = createServer((_, response) => response.end('[]'))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  const board = dashboard([])
  const workers = [1, 2, 3].map(() => new Worker(import.meta.filename, { workerData: origin }))
  for (const worker of workers) board.collect(worker)
  await Promise.all(workers.map((worker) => told(on(worker, 'message'), 'done')))
  const { url } = await board.listen()
  const sum = (await (await fetch(`${url}snapshot.json`)).json()) as ProcessSnapshot
  const search = sum.clients.find(({ name }) => name === 'search')
  console.log('threads:', workers.length, 'calls:', search?.calls.ended['2xx'])
  console.log(
    'connections:',
    sum.pools.reduce((total, { counters }) => total + counters.opened, 0),
  )

  for (const worker of workers) worker.postMessage('enough')
  await board.close()
  server.close()
}

/** A pool belongs to its thread: sockets cannot be shared, limits count in each. */
async function work(port: MessagePort, origin: string): Promise<void> {
  const client = new HttpClient({ name: 'search', baseUrl: origin, maxConnections: 2 })
  using _ = reportToDashboard(client)
  await Promise.all(Array.from({ length: 100 }, () => client.get('/').json()))
  port.postMessage('done')
  port.ref() // the dashboard's questions keep no thread alive
  await told(on(port, 'message'), 'enough')
  await client.close()
  port.close()
}

/** The dashboard speaks over the same channel: messages of others are passed over on both sides. */
async function told(messages: AsyncIterable<unknown[]>, word: string): Promise<void> {
  for await (const [message] of messages) if (message === word) return
}
