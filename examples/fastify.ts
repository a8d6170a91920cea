/** A Fastify service that calls another: its deadline goes along, its dashboard is mounted, and it closes in order. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import fastify from 'fastify'
import { dashboard } from '@keepwarm/dashboard'
import { createClients, isKeepwarmError, readDeadline, withDeadline } from 'keepwarm'

const upstream = createServer((request, response) => {
  if (request.url === '/stuck') return // answers nobody
  response.end(JSON.stringify({ hits: 3, deadline: request.headers['grpc-timeout'] !== undefined }))
})
await once(upstream.listen(0, '127.0.0.1'), 'listening')
const baseUrl = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`

const clients = createClients({ search: { baseUrl, deadlineHeader: 'grpc-timeout' } })
const app = fastify()
await app.register(dashboard(clients).fastify, { prefix: '/dashboard' })
app.addHook('onClose', () => clients.close()) // after the last request

app.get<{ Params: { path: string } }>('/search/:path', async ({ headers, params }, reply) => {
  const told = readDeadline('grpc-timeout', String(headers['grpc-timeout']))
  try {
    return await withDeadline('left' in told ? told.left : 2_000, () =>
      clients.search.get(`/${encodeURIComponent(params.path)}`).json(),
    )
  } catch (error) {
    if (!isKeepwarmError(error)) throw error
    return await reply
      .code(error.code === 'deadline' ? 504 : 502)
      .send({ error: error.code, sent: error.sent })
  }
})

const here = await app.listen({ port: 0, host: '127.0.0.1' })
const ask = async (path: string, headers = {}): Promise<string> => {
  const answer = await fetch(here + path, { headers })
  return `${answer.status} ${await answer.text()}`
}
console.log(await ask('/search/pools'))
console.log(await ask('/search/stuck', { 'grpc-timeout': '500m' }))
console.log('dashboard:', (await ask('/dashboard/health/live')).slice(0, 3))

await app.close()
console.log('connections left:', clients.search.pool.connections().length)
upstream.close()
upstream.closeAllConnections()
