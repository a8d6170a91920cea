/** Hands on a client's breakers: they are looked at, held, saved and restored. */
import { HttpClient } from 'keepwarm'
import { expect, test } from 'vitest'
import { clientOf, failureOf } from './support/client-tools.ts'
import { startHttp } from './support/servers.ts'

const quick = { retry: false, breaker: { minimumCompletions: 2 } } as const

test('held open nothing is sent; when the last hand lets go, everything is', async () => {
  await using server = await startHttp((_request, response) => void response.end('ok'))
  await using client = clientOf(server)
  const first = client.breakers.force('open')
  const second = client.breakers.force('open', server.origin)
  first[Symbol.dispose]()
  const error = await failureOf(client.get('/').text())
  expect(error).toMatchObject({ code: 'breaker_open' })
  expect(error.message).toContain('held open by hand')
  expect(client.breakers.snapshot()[server.origin]).toMatchObject({ state: 'open', forced: 'open' })
  second[Symbol.dispose]()
  second[Symbol.dispose]()
  expect(await client.get('/').text()).toBe('ok')
  expect(server.requests).toBe(1)
})

test('held closed failures do not trip it, and open wins over closed', async () => {
  await using server = await startHttp((_request, response) => void response.writeHead(500).end())
  await using client = clientOf(server, quick)
  {
    using _ = client.breakers.force('closed')
    for (let call = 0; call < 5; call++) await failureOf(client.get('/').text())
    expect(server.requests).toBe(5)
    using __ = client.breakers.force('open')
    expect(await failureOf(client.get('/').text())).toMatchObject({ code: 'breaker_open' })
  }
  expect(server.requests).toBe(5)
})

test('what one client learned another goes on with', async () => {
  await using server = await startHttp((_request, response) => void response.writeHead(500).end())
  await using client = clientOf(server, quick)
  for (let call = 0; call < 2; call++) await failureOf(client.get('/').text())
  const saved = JSON.parse(JSON.stringify(client.breakers.save())) as ReturnType<typeof client.breakers.save>
  await using other = clientOf(server, quick)
  other.breakers.restore(saved)
  const error = await failureOf(other.get('/').text())
  expect(error).toMatchObject({ code: 'breaker_open', retryAfter: expect.any(Number) as number })
  expect(server.requests).toBe(2)
})

test('what cannot be restored changes nothing', () => {
  const client = new HttpClient({ baseUrl: 'http://a:1' })
  using _ = client.breakers.force('open')
  const good = client.breakers.save().breakers['http://a:1']!
  const open = { ...good, state: 'open', openFor: 5_000 }
  for (const saved of [null, {}, { version: 2, breakers: {} }]) {
    expect(() => client.breakers.restore(saved as never)).toThrow('client.breakers.save()')
  }
  const halfWrong = { version: 1, breakers: { 'http://a:1': open, 'http://b:1': { state: 'ajar' } } }
  expect(() => client.breakers.restore(halfWrong as never)).toThrow('breaker.saved.state')
  expect(client.breakers.save().breakers['http://a:1']).toMatchObject({ state: 'closed' })
})

test('a client without base URLs has to be told which; and only two states can be held', () => {
  const client = new HttpClient()
  expect(() => client.breakers.force('open')).toThrow('an origin such as')
  expect(() => client.breakers.force('ajar' as never, 'http://a')).toThrow('open or closed')
})
