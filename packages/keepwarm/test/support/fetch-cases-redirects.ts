/** Redirects: statuses, methods, bodies, where they lead. */
import { head, http, type Answer } from './fetch-lab.ts'
import type { Case } from './fetch-case.ts'

const body = (response: Response): Promise<unknown> => response.text()

/** The first request is redirected to `location`, the next answered with what it was. */
function to(status: number, location: string | undefined, origins?: { other: string }): Answer {
  return (socket, request, number) => {
    if (number > 1)
      return void socket.write(http(200, {}, `${request.method} ${request.path} ${request.body}`))
    const where = location?.replace('OTHER', `http://localhost:${socket.localPort}`) ?? origins?.other
    socket.write(http(status, where === undefined ? {} : { location: where }, 'moved'))
  }
}

function redirect(
  name: string,
  answer: Answer,
  init: () => object = () => ({}),
  more: Partial<Case> = {},
): Case {
  return {
    name,
    ask: (fetch, origin) => fetch(`${origin}/start?q=1#start` as never, init() as never),
    answer,
    take: body,
    ...more,
  }
}

const methods: Readonly<Record<string, () => object>> = {
  GET: () => ({}),
  HEAD: () => ({ method: 'HEAD' }),
  POST: () => ({ method: 'POST', body: 'text' }),
  'POST without a body': () => ({ method: 'POST' }),
  PUT: () => ({ method: 'PUT', body: new Uint8Array([65]) }),
  DELETE: () => ({ method: 'DELETE' }),
  'a stream': () => ({ method: 'POST', body: new Blob(['s']).stream(), duplex: 'half' }),
  'a Blob': () => ({ method: 'POST', body: new Blob(['blob'], { type: 'a/b' }) }),
  'a form': () => {
    const form = new URLSearchParams({ a: 'b' })
    return { method: 'PATCH', body: form }
  },
}

const locations = [
  '/next',
  'next',
  '?x',
  '#end',
  '/next#end',
  '',
  'OTHER/next',
  '//localhost:1x/',
  'http://',
  'ftp://127.0.0.1/',
  'data:text/plain,x',
  'http://me:secret@127.0.0.1/',
  '/n\u00e4xt',
  '/a b',
  '/a/../b',
  'https:x',
]

const secret = { authorization: 'Bearer x', cookie: 'a=1', 'proxy-authorization': 'y', 'x-key': 'k' }

export const redirects: readonly Case[] = [
  ...[301, 302, 303, 307, 308].flatMap((status) =>
    Object.entries(methods).flatMap(([name, init]) => [
      redirect(
        `${status} ${name}`,
        (socket, request, number) => {
          if (number > 1)
            return void socket.write(
              request.method === 'HEAD'
                ? head(200, { 'content-length': '1' })
                : http(200, {}, `${request.method} ${request.path} ${request.body}`),
            )
          socket.write(
            request.method === 'HEAD'
              ? head(status, { location: '/next' })
              : http(status, { location: '/next' }, 'moved'),
          )
        },
        init,
      ),
      redirect(
        `${status} ${name}, by hand`,
        to(status, '/next'),
        () => ({ ...init(), redirect: 'manual' }),
        name === 'HEAD' ? { answer: (socket) => void socket.write(head(status, { location: '/next' })) } : {},
      ),
    ]),
  ),
  ...[300, 304, 305, 306, 309].map((status) =>
    redirect(
      `${status} is none`,
      status === 304
        ? (socket): void => void socket.write(head(304, { location: '/x' }))
        : to(status, '/next'),
    ),
  ),
  ...[301, 307].map((status) =>
    redirect(`${status} as an error`, to(status, '/next'), () => ({ redirect: 'error' })),
  ),
  ...locations.map((location) => redirect(`to ${JSON.stringify(location)}`, to(302, location))),
  redirect('without a location', to(302, undefined)),
  redirect('without a location, as an error', to(302, undefined), () => ({ redirect: 'error' })),
  redirect('what is meant for one origin stays there', to(307, 'OTHER/next'), () => ({ headers: secret })),
  redirect('on the same origin it goes along', to(307, '/next'), () => ({ headers: secret })),
  redirect('a GET has no content headers', to(303, '/next'), () => ({
    method: 'POST',
    body: 'a',
    headers: { 'content-type': 'a/b', 'content-language': 'de', 'x-a': '1' },
  })),
  redirect('in a circle', (socket) => void socket.write(http(302, { location: '/again' }, ''))),
  ...[19, 20, 21].map((times) =>
    redirect(
      `${times} of them`,
      (socket, _, number) =>
        void socket.write(number <= times ? http(302, { location: `/${number}` }) : http(200, {}, 'there')),
    ),
  ),
  redirect(
    'a long body before',
    (socket, request, number) =>
      void socket.write(
        number > 1 ? http(200, {}, request.path) : http(302, { location: '/next' }, 'x'.repeat(300_000)),
      ),
  ),
  redirect(
    'a packed body before',
    (socket, request, number) =>
      void socket.write(
        number > 1
          ? http(200, {}, request.path)
          : http(302, { location: '/next', 'content-encoding': 'gzip' }, 'not gzip'),
      ),
  ),
  redirect('one that breaks off', (socket, request, number) => {
    if (number > 1) return void socket.write(http(200, {}, request.path))
    socket.end(Buffer.concat([head(302, { location: '/next', 'content-length': '10' }), Buffer.from('half')]))
  }),
  redirect('to a server that does not answer', to(302, 'http://127.0.0.1:9/')),
]
