/** The same promises over HTTP/2, where a connection carries many calls. */
import { expect, test } from 'vitest'
import { clientOf, failureOf } from './support/client-tools.ts'
import { startH2, trust } from './support/servers.ts'
import { eventually } from './support/wait.ts'

test('many calls, uploads, retries and errors share one session', async () => {
  let flaky = 0
  await using server = await startH2((stream, headers) => {
    const status =
      headers[':path'] === '/flaky' && ++flaky < 3 ? 503 : headers[':path'] === '/missing' ? 404 : 200
    let body = ''
    stream.setEncoding('utf8').on('data', (chunk: string) => (body += chunk))
    stream.on('end', () => {
      stream.respond({ ':status': status, 'content-type': 'application/json' })
      stream.end(JSON.stringify({ path: headers[':path'], body }))
    })
  })
  await using client = clientOf(server, { connect: trust })
  await client.get('/first').text()
  const upload = async function* (): AsyncGenerator<string> {
    yield 'a'
    yield 'b'
  }
  const answers = await Promise.all([
    client.get('/flaky').json(),
    client.post('/json', { json: { a: 1 } }).json(),
    client.post('/upload', { body: upload() }).json(),
    failureOf(client.get('/missing').json()),
  ])
  expect(answers).toMatchObject([
    { path: '/flaky' },
    { body: '{"a":1}' },
    { body: 'ab' },
    { code: 'status', status: 404 },
  ])
  expect(server.total).toBe(1)
})

test('a call that is cancelled or too late costs its stream, not the session', async () => {
  await using server = await startH2((stream, headers) => {
    if (headers[':path'] === '/') stream.end('hello')
  })
  await using client = clientOf(server, { connect: trust, retry: false })
  await client.get('/').text()
  const leave = new AbortController()
  const cancelled = failureOf(client.get('/never', { signal: leave.signal }).text())
  await eventually(() => server.requests === 2, 'it is under way')
  leave.abort()
  expect(await cancelled).toMatchObject({ code: 'aborted', phase: 'headers', sent: 'maybe' })
  expect(await failureOf(client.get('/never', { timeout: 30 }).text())).toMatchObject({ code: 'deadline' })
  expect(await client.get('/').text()).toBe('hello')
  expect(server.total).toBe(1)
})

test('a stream that the server resets is a lost connection of that call alone', async () => {
  await using server = await startH2((stream, headers) => {
    if (headers[':path'] === '/reset')
      stream.close(2) // INTERNAL_ERROR
    else stream.end('hello')
  })
  await using client = clientOf(server, { connect: trust })
  await client.get('/').text()
  const error = await failureOf(client.get('/reset').text())
  expect(['reset', 'protocol']).toContain(error.code)
  expect(error).toMatchObject({ sent: 'maybe', notRetried: 'all attempts are used' })
  expect(await client.get('/').text()).toBe('hello')
  expect(server.total).toBe(1)
})
