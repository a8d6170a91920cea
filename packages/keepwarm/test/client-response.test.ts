/** What the server says comes out in the form that the caller asks for, or as an error that says what was wrong. */
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { z } from 'zod'
import type { StandardSchema } from '../src/client/standard-schema.ts'
import { HttpStatusError } from '../src/errors.ts'
import { clientOf, failureOf } from './support/client-tools.ts'
import { startHttp } from './support/servers.ts'
import { eventually } from './support/wait.ts'

const odd = '\ufeff{"name":"käse €","🐿️":[1,2,null]}'

test('text, bytes, JSON and nothing', async () => {
  await using server = await startHttp((_request, response) => response.end(odd))
  await using client = clientOf(server)
  expect(await client.get('/').text()).toBe(odd.slice(1)) // without the byte order mark, as the platform's own text()
  expect(await client.get('/').bytes()).toEqual(Buffer.from(odd))
  expect(await client.get('/').json()).toEqual({ name: 'käse €', '🐿️': [1, 2, null] })
  expect(await client.get('/').discard()).toBeUndefined()
  expect(server.total).toBe(1)
})

test('a response: status, headers, and the body in any form, once', async () => {
  await using server = await startHttp((_request, response) => {
    response.writeHead(201, { 'set-cookie': ['a=1', 'b=2'], 'content-type': 'application/json' })
    response.end(odd)
  })
  await using client = clientOf(server)
  const response = await client.get('/')
  expect(response).toMatchObject({ status: 201, ok: true })
  expect(response.headers['set-cookie']).toEqual(['a=1', 'b=2'])
  expect(await response.json()).toMatchObject({ name: 'käse €' })
  expect(await (await client.get('/')).text()).toContain('käse')
  expect(await (await client.get('/').response()).bytes()).toEqual(Buffer.from(odd))
  expect(await text((await client.get('/')).body)).toContain('käse')
})

test('a body that is cut in the middle of a character is one text', async () => {
  await using server = await startHttp(async (_request, response) => {
    for (const byte of Buffer.from('{"a":"€🐿"}')) {
      response.write(Buffer.of(byte))
      await new Promise(setImmediate)
    }
    response.end()
  })
  await using client = clientOf(server)
  expect(await client.get('/').json()).toEqual({ a: '€🐿' })
  expect(await (await client.get('/')).text()).toBe('{"a":"€🐿"}')
})

test('a body that ended before it is read is there all the same, and its connection is free', async () => {
  await using server = await startHttp((_request, response) => response.end('short'))
  await using client = clientOf(server, { maxConnections: 1 })
  const first = await client.get('/')
  expect(await client.get('/').text()).toBe('short') // the only connection was given back meanwhile
  expect(await first.text()).toBe('short')
  expect(server.total).toBe(1)
})

test('a large body arrives whole, and no faster than it is read', async () => {
  const size = 8 * 1024 * 1024
  let sent = 0
  await using server = await startHttp((_request, response) => {
    const chunk = Buffer.alloc(65_536, 'x')
    const write = (): void => {
      while (sent < size) {
        sent += chunk.length
        if (!response.write(chunk)) return void response.once('drain', write)
      }
      response.end()
    }
    write()
  })
  await using client = clientOf(server)
  const stream = await client.get('/').stream()
  await new Promise((resolve) => setTimeout(resolve, 100))
  expect(sent).toBeLessThan(size) // it waits for the reader
  let received = 0
  for await (const chunk of stream) received += (chunk as Buffer).length
  expect(received).toBe(size)
})

test('lines and newline-delimited JSON come as they arrive', async () => {
  const next: (() => void)[] = []
  await using server = await startHttp((_request, response) => {
    const parts = ['{"n":1}\n{"n"', ':2}\r\n', '{"n":3}']
    const send = (): void => {
      const part = parts.shift()
      if (part === undefined) response.end()
      else response.write(part)
    }
    next.push(send)
    send()
  })
  await using client = clientOf(server)
  const lines = client.get('/').ndjson(z.object({ n: z.number() }))
  expect((await lines.next()).value).toEqual({ n: 1 })
  next[0]!()
  expect((await lines.next()).value).toEqual({ n: 2 })
  next[0]!()
  next[0]!()
  expect((await lines.next()).value).toEqual({ n: 3 })
  expect((await lines.next()).done).toBe(true)
})

test('whoever stops reading lines lets go of the connection', async () => {
  let closed = false
  await using server = await startHttp((_request, response) => {
    response.on('close', () => (closed = true))
    response.write('one\ntwo\n')
  })
  await using client = clientOf(server)
  for await (const line of client.get('/').lines()) {
    expect(line).toBe('one')
    break
  }
  await eventually(() => closed, 'the server sees that nobody reads')
  expect(client.getMetrics().cancelled_requests).toBe(1)
})

test('letting go of a response that is still coming closes its connection; of one that is complete, not', async () => {
  await using server = await startHttp((request, response) => {
    if (request.url === '/endless') response.write('x')
    else response.end('whole')
  })
  await using client = clientOf(server)
  {
    await using response = await client.get('/endless')
    expect(response.ok).toBe(true)
  }
  await eventually(() => server.open === 0, 'the endless one is closed')
  await (await client.get('/whole')).discard()
  await client.get('/whole').text()
  expect(server.total).toBe(2)
})

test('a body that breaks before anybody reads it does not end the process, and is told to who reads it then', async () => {
  await using server = await startHttp((_request, response) => {
    response.writeHead(200, { 'content-length': '10' })
    response.write('half', () => response.destroy())
  })
  await using client = clientOf(server)
  const response = await client.get('/')
  await eventually(() => response.body.destroyed, 'the body broke')
  expect(await failureOf(response.text())).toMatchObject({ code: 'reset', phase: 'body', sent: 'maybe' })
})

test('an answer that is no JSON says what it was', async () => {
  await using server = await startHttp((_request, response) => {
    response.setHeader('content-type', 'text/html')
    response.end('<html>\n  <h1>Bad gateway</h1>' + ' '.repeat(300))
  })
  await using client = clientOf(server)
  const error = await failureOf(client.get('/page?secret=1').json())
  expect(error).toMatchObject({ code: 'decode', phase: 'body', sent: 'maybe' })
  expect(error.message).toBe(
    `GET ${server.origin}/page did not answer with JSON (content-type text/html): <html> <h1>Bad gateway</h1>…` +
      '; is this page from the service, or from a proxy or a login before it?',
  )
  expect(error.cause).toBeInstanceOf(SyntaxError)
  const empty = await failureOf((await client.head('/')).json())
  expect(empty.message).toContain('(empty body)')
})

test('a status that was not asked to be seen is an error with the parsed body', async () => {
  await using server = await startHttp((request, response) => {
    response.writeHead(request.url === '/json' ? 422 : 404, { 'x-id': '7' })
    response.end(request.url === '/json' ? '{"errors":["name"]}' : 'not here')
  })
  await using client = clientOf(server)
  const error = await failureOf(client.get('/json').json())
  expect(error).toBeInstanceOf(HttpStatusError)
  expect(error).toMatchObject({
    name: 'HttpStatusError',
    code: 'status',
    status: 422,
    body: { errors: ['name'] },
    attempts: [{ number: 1, ending: 422, phase: 'body', sent: 'maybe' }],
  })
  expect((error as HttpStatusError).headers['x-id']).toBe('7')
  expect(error.message).toBe(`GET ${server.origin}/json answered 422: {"errors":["name"]}`)
  expect(await failureOf(client.get('/text').stream())).toMatchObject({ status: 404, body: 'not here' })
  for (const refused of [
    client.get('/text').text(),
    client.get('/text').discard(),
    client.get('/text').lines().next(),
  ])
    expect(await failureOf(refused)).toMatchObject({ status: 404 })
  expect(await client.get('/text', { throwOnStatus: false }).text()).toBe('not here')
  expect((await client.get('/text')).status).toBe(404)
})

test('a status that is answered to the last attempt says how often it was tried, and what the server asked for', async () => {
  await using server = await startHttp((request, response) => {
    response.writeHead(503, request.url === '/later' ? { 'retry-after': '3600' } : {}).end('busy')
  })
  await using client = clientOf(server)
  const error = await failureOf(client.get('/').text())
  expect(error.message).toBe(`GET ${server.origin}/ answered 503 on attempt 3: busy`)
  expect(error.attempts.map(({ ending }) => ending)).toEqual([503, 503, 503])
  expect(error.notRetried).toBe('all attempts are used')
  for (const late of [client.get('/later').text(), client.get('/later').stream()]) {
    const error = await failureOf(late)
    expect(error).toMatchObject({
      status: 503,
      retryAfter: 3_600_000,
      attempts: [{ number: 1, ending: 503 }],
    })
    expect(error.message).toContain('asks to wait for 3600 s')
    expect(error.notRetried).toContain('longer wait')
  }
})

const Order = z.object({ items: z.array(z.object({ price: z.number() })) })

/** A schema by hand: the interface is all that is needed. */
function even(later: boolean): StandardSchema<number> {
  const judge = (value: unknown) =>
    typeof value === 'number' && value % 2 === 0
      ? { value: value / 2 }
      : { issues: [{ message: 'not even', path: ['a', { key: 0 }, Symbol('s')] }, { message: 'at all' }] }
  return {
    '~standard': {
      version: 1,
      vendor: 'test',
      validate: (value) => (later ? Promise.resolve(judge(value)) : judge(value)),
    },
  }
}

test.each([false, true])('a schema of any kind decides what comes out (later: %s)', async (later) => {
  await using server = await startHttp((request, response) => response.end(request.url!.slice(1)))
  await using client = clientOf(server)
  expect(await client.get('/42').json(even(later))).toBe(21)
  expect(await (await client.get('/42')).json(even(later))).toBe(21)
  const error = await failureOf(client.get('/41').json(even(later)))
  expect(error).toMatchObject({ code: 'validation', phase: 'body', sent: 'maybe' })
  expect(error.message).toBe(
    `GET ${server.origin}/41 answered with something else than expected: a.0.Symbol(s): not even; at all`,
  )
})

test('zod says where the answer does not fit, in the text and in the cause', async () => {
  await using server = await startHttp((_request, response) =>
    response.end('{"items":[{"price":1},{"price":"2"}]}'),
  )
  await using client = clientOf(server)
  const error = await failureOf(client.get('/').json(Order))
  expect(error.message).toContain('items.1.price: ')
  expect(error.cause).toMatchObject([{ path: ['items', 1, 'price'] }])
  const slow = Order.refine(async () => Promise.resolve(false), 'never')
  expect((await failureOf(client.get('/').json(slow))).code).toBe('validation')
})

test('what a schema throws is the error of the caller', async () => {
  await using server = await startHttp((_request, response) => response.end('1'))
  await using client = clientOf(server)
  const broken = {
    '~standard': {
      version: 1 as const,
      vendor: 'x',
      validate: () => {
        throw new Error('mine')
      },
    },
  }
  expect(await failureOf(client.get('/').json(broken))).toMatchObject({ message: 'mine' })
})
