/** A signal ends its call at once, costs one listener while the call lasts, and none afterwards. */
import { getEventListeners } from 'node:events'
import { expect, test, vi } from 'vitest'
import { clientOf, failureOf } from './support/client-tools.ts'
import { startHttp } from './support/servers.ts'
import { eventually } from './support/wait.ts'

test('two thousand calls on one signal leave no listener, and warn of none', async () => {
  await using server = await startHttp()
  await using client = clientOf(server, { maxQueue: 1_000 })
  const { signal } = new AbortController()
  const warned = vi.fn()
  process.on('warning', warned)
  for (let round = 0; round < 20; round++) {
    const calls = Array.from({ length: 100 }, () => client.get('/', { signal }).text())
    expect(getEventListeners(signal, 'abort')).toHaveLength(100)
    await Promise.all(calls)
    expect(getEventListeners(signal, 'abort')).toHaveLength(0)
  }
  process.off('warning', warned)
  expect(warned).not.toHaveBeenCalled()
})

test('no listener is left by calls that fail, either', async () => {
  await using server = await startHttp((_request, response) => void response.socket!.destroy())
  await using client = clientOf(server)
  const { signal } = new AbortController()
  await failureOf(client.get('/', { signal }).text())
  await failureOf(client.get('/', { signal, headers: { 'x-a': 'b\nc' } }).text())
  await failureOf(client.get('http://elsewhere.test/', { signal }).text())
  expect(getEventListeners(signal, 'abort')).toHaveLength(0)
})

test('a stream keeps its listener to its end, and no longer', async () => {
  await using server = await startHttp((_request, response) => response.end('hello'))
  await using client = clientOf(server)
  const { signal } = new AbortController()
  const response = await client.get('/', { signal })
  await response.text()
  expect(getEventListeners(signal, 'abort')).toHaveLength(0)
})

test('AbortSignal.timeout() ends the call with its own reason as the cause', async () => {
  await using server = await startHttp(() => {})
  await using client = clientOf(server)
  const error = await failureOf(client.get('/', { signal: AbortSignal.timeout(30) }).text())
  expect(error).toMatchObject({ code: 'aborted', name: 'AbortError', phase: 'headers', sent: 'maybe' })
  expect(error.cause).toMatchObject({ name: 'TimeoutError' })
  expect(error.attempts).toMatchObject([{ number: 1, ending: 'aborted' }])
  await eventually(() => server.open === 0, 'the server is told')
  expect(client.getMetrics()).toMatchObject({ cancelled_requests: 1, timeout_errors: 0, failed_requests: 0 })
})

test('a signal that is aborted already: the server sees no connection', async () => {
  await using server = await startHttp()
  await using client = clientOf(server)
  const signal = AbortSignal.abort(new Error('before'))
  for (let call = 0; call < 10; call++) {
    expect(await failureOf(client.get('/', { signal }).text())).toMatchObject({ code: 'aborted', sent: 'no' })
  }
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect(server.total).toBe(0)
  expect(client.pool.snapshot().counters.dialed).toBe(0)
})

test('a call that leaves the line takes nobody along', async () => {
  await using server = await startHttp(
    (_request, response) => void setTimeout(() => response.end('hello'), 50),
  )
  await using client = clientOf(server, { maxConnections: 1 })
  const first = client.get('/first').text()
  const leave = new AbortController()
  const second = failureOf(client.get('/second', { signal: leave.signal }).text())
  const third = client.get('/third').text()
  leave.abort()
  expect(await second).toMatchObject({ code: 'aborted', phase: 'wait', sent: 'no' })
  expect(await Promise.all([first, third])).toEqual(['hello', 'hello'])
  expect(server).toMatchObject({ total: 1, requests: 2 })
})

test('a signal ends the body that is being read', async () => {
  await using server = await startHttp((_request, response) => void response.write('one\n'))
  await using client = clientOf(server)
  const leave = new AbortController()
  const lines = client.get('/', { signal: leave.signal }).lines()
  expect((await lines.next()).value).toBe('one')
  leave.abort(new Error('enough'))
  expect(await failureOf(lines.next())).toMatchObject({ code: 'aborted', phase: 'body' })
  await eventually(() => server.open === 0, 'the server is told')
})
