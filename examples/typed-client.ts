/** A service, declared once: typed methods, checked answers, and a mock from the same declaration. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { defineService, isKeepwarmError } from 'keepwarm'
import { mockService } from 'keepwarm/testing'
import { z } from 'zod'

const Order = z.object({ id: z.number(), item: z.string(), paid: z.boolean() })

const orders = defineService({
  name: 'orders',
  operations: {
    get: { method: 'GET', path: '/orders/{id}', returns: Order },
    create: {
      method: 'POST',
      path: '/orders',
      json: z.object({ item: z.string().min(1) }),
      returns: Order,
      idempotent: true, // this service recognises what comes twice
    },
  },
})

const answers: Record<string, object> = {
  'POST /orders': { id: 7, item: 'tea', paid: false },
  'GET /orders/7': { id: 7, item: 'tea', paid: true },
  'GET /orders/8': { id: 'eight', item: 'tea', paid: true }, // the service broke its promise
}
const server = createServer(({ method, url }, response) =>
  response.end(JSON.stringify(answers[`${method} ${url}`])),
)
await once(server.listen(0, '127.0.0.1'), 'listening')

{
  await using api = orders.create({ baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })
  const { id } = await api.create({ json: { item: 'tea' } }) // number
  console.log('paid:', (await api.get({ params: { id } })).paid)
  const error: unknown = await api.get({ params: { id: 8 } }).catch((failure: unknown) => failure)
  if (isKeepwarmError(error, 'validation'))
    console.log(error.code, error.message.split(': ').slice(1).join(': '))
}
server.close()

const mock = mockService(orders, {
  get: ({ params }) => ({ id: Number(params.id), item: 'cake', paid: false }),
})
console.log('from the mock:', (await mock.get({ params: { id: 9 } })).item)
