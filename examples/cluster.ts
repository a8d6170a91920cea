/** A service of several processes: each has its clients, and the primary's dashboard shows the sum. */
import cluster from 'node:cluster'
import { on, once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { dashboard, reportToDashboard } from '@keepwarm/dashboard'
import { HttpClient, type ProcessSnapshot } from 'keepwarm'

if (cluster.isPrimary) await primary()
else await worker(String(process.env['SEARCH_URL']))

async function primary(): Promise<void> {
  const upstream = createServer((_, response) => response.end('[]'))
  await once(upstream.listen(0, '127.0.0.1'), 'listening')
  const origin = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`

  const board = dashboard([], { name: 'orders' })
  board.collect(cluster)
  const workers = [1, 2].map(() => cluster.fork({ SEARCH_URL: origin }))
  await Promise.all(workers.map((each) => once(each, 'listening')))

  const { url } = await board.listen()
  const sum = (await (await fetch(`${url}snapshot.json`)).json()) as ProcessSnapshot
  const search = sum.clients.find(({ name }) => name === 'search')
  console.log('processes:', workers.length, 'calls:', search?.calls.ended['2xx'])
  // Limits add, too: five connections in each process are ten that the upstream may see.
  console.log(
    'connections at most:',
    sum.pools.reduce((most, { maxConnections }) => most + maxConnections, 0),
  )

  for (const each of workers) each.send('enough')
  await Promise.all(workers.map((each) => once(each, 'exit')))
  await board.close()
  upstream.close()
}

/** What takes orders would listen on the shared port; here it has made its calls before. */
async function worker(origin: string): Promise<void> {
  const client = new HttpClient({ name: 'search', baseUrl: origin, maxConnections: 5 })
  reportToDashboard(client)
  await Promise.all(Array.from({ length: 50 }, () => client.get('/').json()))
  const server = createServer((_, response) => response.end()).listen(0, '127.0.0.1')
  for await (const [message] of on(process, 'message')) if (message === 'enough') break
  await client.close()
  server.close()
  cluster.worker?.disconnect()
}
