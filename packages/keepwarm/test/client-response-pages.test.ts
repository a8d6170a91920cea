/** Page after page, none before it is asked for, and none from elsewhere. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { json as bodyOf } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { z } from 'zod'
import type { HttpClient } from '../src/client/http-client.ts'
import type { HttpClientOptions } from '../src/client/options.ts'
import { clientOf, failureOf } from './support/client-tools.ts'
import { startHttp, type TestServer } from './support/servers.ts'
import { eventually, soon } from './support/wait.ts'

interface Scene extends AsyncDisposable {
  readonly server: TestServer
  readonly client: HttpClient
  readonly asked: string[]
}

type Answer = (response: ServerResponse, page: number, request: IncomingMessage) => void

async function serve(answer: Answer, options?: HttpClientOptions): Promise<Scene> {
  const asked: string[] = []
  const server = await startHttp((request, response) => {
    asked.push(request.url!)
    answer(response, asked.length, request)
  })
  const client = clientOf(server, options)
  const end = async (): Promise<void> => {
    await client.destroy()
    await server[Symbol.asyncDispose]()
  }
  return { server, client, asked, [Symbol.asyncDispose]: end }
}

async function all<T>(pages: AsyncGenerator<T>): Promise<T[]> {
  const read: T[] = []
  for await (const page of pages) read.push(page)
  return read
}

/** Pages of one number each; the link says where the next is. */
const linked =
  (...links: readonly (string | undefined)[]): Answer =>
  (response, page) => {
    const link = links[page - 1]
    if (link !== undefined) response.setHeader('link', link.split('|'))
    response.end(JSON.stringify([page]))
  }

test('the Link header leads from page to page: relative or whole, one of several, in one header or more', async () => {
  await using scene = await serve((response, page, request) => {
    const whole = `http://${request.headers.host}/api/last?page=4`
    const links = [
      '<?page=2>; rel="next"',
      '</other>; rel=prev|</api/items?page=3>; rel=next',
      `<${whole}>; title="a, b"; rel="x next"`,
    ]
    linked(...links)(response, page, request)
  })
  const read = await all(
    scene.client
      .get('/api/items', { query: { size: 1 }, headers: { 'x-mine': '1' } })
      .pages(z.array(z.number())),
  )
  expect(read).toEqual([[1], [2], [3], [4]])
  expect(scene.asked).toEqual([
    '/api/items?size=1',
    '/api/items?page=2',
    '/api/items?page=3',
    '/api/last?page=4',
  ])
  expect(scene.client.getMetrics().total_requests).toBe(4)
})

test('a relative link is relative to where the page was found', async () => {
  await using scene = await serve((response, page, request) => {
    if (request.url === '/old') response.writeHead(302, { location: '/new/items' }).end()
    else linked(undefined, '<items?page=2>; rel=next')(response, page, request)
  })
  expect(await all(scene.client.get('/old', { followRedirects: true }).pages())).toEqual([[2], [3]])
  expect(scene.asked).toEqual(['/old', '/new/items', '/new/items?page=2'])
})

test("a base URL's path is not put before a path that a server names", async () => {
  await using scene = await serve(linked('</v1/items?page=2>; rel=next'))
  await using client = clientOf(scene.server, { baseUrl: `${scene.server.origin}/v1` })
  expect(await all(client.get('/items').pages())).toEqual([[1], [2]])
  expect(scene.asked).toEqual(['/v1/items', '/v1/items?page=2'])
})

test('no page is asked for before somebody wants it, and none after somebody stops', async () => {
  await using scene = await serve(linked('<?2>; rel=next', '<?3>; rel=next', '<?4>; rel=next'))
  const pages = scene.client.get('/').pages()
  expect(scene.asked).toHaveLength(0)
  expect((await pages.next()).value).toEqual([1])
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect(scene.asked).toHaveLength(1)
  for await (const page of pages) {
    expect(page).toEqual([2])
    break
  }
  expect((await pages.next()).done).toBe(true)
  expect(scene.asked).toHaveLength(2)
})

test('who stops while a page is on its way is done at once', async () => {
  await using scene = await serve((response) => void response.writeHead(200).write('['))
  const pages = scene.client.get('/').pages()
  const next = pages.next()
  await eventually(() => scene.asked.length === 1, 'it is asked for')
  await soon(pages.return(undefined), 'it ends')
  expect(await next).toEqual({ done: true, value: undefined })
  const abort = new AbortController()
  const aborted = failureOf(scene.client.get('/', { signal: abort.signal }).pages().next())
  await eventually(() => scene.asked.length === 2, 'it is asked for')
  abort.abort()
  expect(await aborted).toMatchObject({ code: 'aborted' })
})

test('the caller may say where the next page is: by a path, the query, or another body', async () => {
  await using scene = await serve(async (response, page, request) => {
    const sent = request.method === 'POST' ? await bodyOf(request) : request.url
    response.end(JSON.stringify({ sent, cursor: page % 3 === 0 ? null : `c/${page}&` }))
  })
  const { client } = scene
  const Cursor = z.object({ sent: z.unknown(), cursor: z.string().nullable() })
  const sent = async (pages: AsyncGenerator<z.infer<typeof Cursor>>): Promise<unknown[]> =>
    (await all(pages)).map((page) => page.sent)
  const byQuery = client.get('/q', { query: { size: 1, at: 'x' } }).pages(Cursor, {
    next: ({ body }) => (body.cursor === null ? null : { query: { at: body.cursor } }),
  })
  expect(await sent(byQuery)).toEqual(['/q?size=1&at=x', '/q?size=1&at=c%2F1%26', '/q?size=1&at=c%2F2%26'])
  const byPath = client.get('/p').pages(Cursor, {
    next: async ({ body, number, status, headers }) => {
      expect([status, headers['content-length']]).toEqual([200, expect.any(String)])
      return Promise.resolve(body.cursor === null ? undefined : `?n=${number}`)
    },
  })
  expect(await sent(byPath)).toEqual(['/p', '/p?n=1', '/p?n=2'])
  const byBody = client.post('/b', { json: { from: '' } }).pages(Cursor, {
    next: ({ body }) => (body.cursor === null ? '' : { json: { from: body.cursor } }),
  })
  expect(await sent(byBody)).toEqual([{ from: '' }, { from: 'c/7&' }, { from: 'c/8&' }])
  const byUrl = client.get('/u').pages(Cursor, {
    next: ({ body, number }) => (body.cursor === null ? null : new URL(`/u/${number}`, scene.server.origin)),
  })
  expect(await sent(byUrl)).toEqual(['/u', '/u/1', '/u/2'])
  const options = client.get('/o').pages({ next: ({ number }) => (number < 2 ? '/o2' : undefined) })
  expect(await all(options)).toHaveLength(2)
})

test.each([
  [
    '<https://elsewhere.test/x?secret=1>; rel=next',
    'invalid_request',
    'is at https://elsewhere.test, another origin than',
  ],
  ['<//elsewhere.test/x>; rel=next', 'invalid_request', 'another origin'],
  ['<ftp://elsewhere.test/x>; rel=next', 'decode', 'which is no URL'],
  ['<http://[>; rel=next', 'decode', 'which is no URL'],
])('it does not follow %s', async (link, code, why) => {
  await using scene = await serve(linked(link, link, link))
  const pages = scene.client
    .get('/', { query: { x: '' }, headers: { authorization: 'Bearer secret' } })
    .pages()
  await pages.next()
  const error = await failureOf(pages.next())
  expect(error).toMatchObject({ code })
  expect(error.message).toContain(why)
  expect(error.message).not.toContain('secret')
  expect((await pages.next()).done).toBe(true)
})

test('pages that go round, or never end, are an error', async () => {
  await using scene = await serve((response, page) => {
    response.setHeader('link', page % 2 === 1 ? '</b>; rel=next' : '</a>; rel=next').end('[]')
  })
  const round = await failureOf(all(scene.client.get('/a').pages()))
  expect(round).toMatchObject({ code: 'decode', phase: 'body' })
  expect(round.message).toContain('/a go round: the next one was read already')
  expect(scene.asked).toEqual(['/a', '/b'])
  await using endless = await serve((response, page) => {
    response.setHeader('link', `<?${page}>; rel=next`).end(`${page}`)
  })
  const read: unknown[] = []
  const pages = endless.client.get('/').pages({ maxPages: 3 })
  const error = await failureOf(
    (async () => {
      for await (const page of pages) read.push(page)
    })(),
  )
  expect(error).toMatchObject({ code: 'body_too_large' })
  expect(error.message).toContain('has more than 3 pages (maxPages)')
  expect(read).toEqual([1, 2, 3])
  expect(endless.asked).toHaveLength(3)
})

test('any endpoint of the client may be named, and each page goes to whichever is best', async () => {
  const origins: string[] = []
  const answer: Answer = (response, _page, request) => {
    if (request.url === '/1') response.setHeader('link', `<${origins[1]}/2>; rel=next`)
    response.end(JSON.stringify(request.url))
  }
  await using one = await serve(answer)
  await using other = await serve(answer)
  origins.push(one.server.origin, other.server.origin)
  await using client = clientOf(one.server, { baseUrl: origins })
  for (let times = 0; times < 5; times++) expect(await all(client.get('/1').pages())).toEqual(['/1', '/2'])
  expect(one.asked.length + other.asked.length).toBe(10)
  await using single = clientOf(one.server)
  expect(await failureOf(all(single.get('/1').pages()))).toMatchObject({ code: 'invalid_request' })
})

test('a page that fails is the error, as of any call', async () => {
  await using scene = await serve((response, page) => {
    if (page === 1) response.setHeader('link', '<?2>; rel=next').end('[1]')
    else if (page < 4) response.writeHead(503).end()
    else response.end('{}')
  })
  const pages = scene.client.get('/').pages(z.array(z.number()))
  expect((await pages.next()).value).toEqual([1])
  expect(await failureOf(pages.next())).toMatchObject({ code: 'validation' }) // the third attempt was answered
  expect(scene.asked).toEqual(['/', '/?2', '/?2', '/?2'])
})

test('options that are wrong are named', async () => {
  await using scene = await serve((response) => response.end('1'))
  const wrong: [object, string][] = [
    [{ maxPage: 1 }, 'did you mean pages.maxPages?'],
    [{ maxPages: 0 }, 'pages.maxPages'],
    [{ next: '?2' }, 'pages.next'],
  ]
  for (const [options, why] of wrong) {
    const error = await failureOf(scene.client.get('/').pages(options).next())
    expect(error).toMatchObject({ code: 'config' })
    expect(error.message).toContain(why)
  }
  expect(scene.asked).toHaveLength(0)
})
