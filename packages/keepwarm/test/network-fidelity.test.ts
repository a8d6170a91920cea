/**
 * The simulated network does what undici and real sockets do: the same scenes are played on both, and handlers hear the
 * same, and pools count the same.
 */
import type { ServerHttp2Session, ServerHttp2Stream } from 'node:http2'
import type { Socket } from 'node:net'
import { ConnectionPool } from 'keepwarm'
import { ManualRuntime, SimulatedNetwork, type Answer } from 'keepwarm/testing'
import { afterEach, describe, expect, test } from 'vitest'
import { listen } from './support/handlers.ts'
import { eachRequest, rawResponse, startH2, startRaw, trust } from './support/servers.ts'
import { sleep } from './support/wait.ts'

/** Where a scene is played. */
interface Ground {
  readonly pool: ConnectionPool
  readonly origin: string
  /** Until everything has happened that happens by itself. */
  rest(): Promise<void>
  hangUp(how: 'fin' | 'rst'): void
  goaway(): void
}

type Scene = (act: Actor) => Promise<void>

/** Makes the requests of a scene, and notes what is heard. */
class Actor {
  readonly heard: string[][] = []
  readonly ground: Ground

  constructor(ground: Ground) {
    this.ground = ground
  }

  /** Returns how to give it up. */
  ask(
    path: string,
    method: 'GET' | 'POST' | 'HEAD' | 'DELETE' = 'GET',
    body: string | null = null,
  ): () => void {
    const { pool, origin } = this.ground
    const heard: string[] = []
    this.heard.push(heard)
    const note = (what: string) => (): unknown => heard.push(what)
    const request = listen(
      pool,
      { origin, path, method, body },
      {
        onRequestStart: note('start'),
        onRequestSent: note('sent'),
        onResponseStarted: note('started'),
        onResponseStart: (_, status) => heard.push(`status ${status}`),
        onResponseEnd: note('end'),
        onResponseError: (_, error: Error & { code?: string }) =>
          heard.push(`error ${error.code ?? error.name}`),
      },
    )
    return () => request.heard.controller?.abort(new Error('left'))
  }

  /** One after the other, each to its end. */
  async askInTurn(...paths: string[]): Promise<void> {
    for (const path of paths) {
      this.ask(path)
      await this.ground.rest()
    }
  }
}

const cleanUp: (() => Promise<unknown> | void)[] = []
afterEach(async () => {
  for (const clean of cleanUp.splice(0).reverse()) await clean()
})

async function played(scene: Scene, ground: Ground): Promise<unknown> {
  const actor = new Actor(ground)
  await scene(actor)
  await ground.rest()
  const { counters, connections } = ground.pool.snapshot()
  const { requests, reused, lostRaces, lostUnsent, dialed, opened, closed } = counters
  return {
    heard: actor.heard,
    connections,
    counters: { requests, reused, lostRaces, lostUnsent, dialed, opened, closed },
  }
}

const answers: Readonly<Record<string, Answer>> = {
  '/ok': { body: ['hello'] },
  '/close': { body: ['hello'], headers: { connection: 'close' } },
  '/fin': { ends: 'fin' },
  '/rst': { ends: 'rst' },
  '/half-fin': { body: ['he', 'llo'], ends: 'fin', parts: 1, every: 10 },
  '/half-rst': { body: ['he', 'llo'], ends: 'rst', parts: 1, every: 10 },
  '/never': { ends: 'never' },
  '/refuse': { ends: 'refused' },
}

function simulated(protocol: 'h1' | 'h2'): Ground {
  const runtime = new ManualRuntime()
  const origin = protocol === 'h1' ? 'http://server' : 'https://server'
  const network = new SimulatedNetwork(runtime)
  const server = network.serve(origin, {
    protocol,
    answer: ({ path, method }) => ({ ...answers[path], ...(method === 'HEAD' && { body: [] }) }),
  })
  const pool = new ConnectionPool({ runtime, network })
  return {
    pool,
    origin,
    rest: () => runtime.run(60),
    hangUp: (how) => server.closeAll(how),
    goaway: () => server.goaway(),
  }
}

/** Until nothing has changed for a while; the servers are in this process, and held up with it. */
async function quiet(pool: ConnectionPool): Promise<void> {
  let before = ''
  for (let same = 0; same < 4;) {
    await sleep(12)
    const now = JSON.stringify(pool.snapshot())
    same = now === before ? same + 1 : 0
    before = now
  }
}

const half = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe'

async function realHttp1(): Promise<Ground> {
  const sockets = new Set<Socket>()
  const deeds: Readonly<Record<string, (socket: Socket, method: string) => unknown>> = {
    '/ok': (socket, method) =>
      socket.write(method === 'HEAD' ? 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n' : rawResponse('hello')),
    '/close': (socket) => socket.end(rawResponse('hello', 'Connection: close\r\n')),
    '/fin': (socket) => socket.end(),
    '/rst': (socket) => socket.resetAndDestroy(),
    '/half-fin': (socket) => socket.write(half, () => setTimeout(() => socket.end(), 10)),
    '/half-rst': (socket) => socket.write(half, () => setTimeout(() => socket.resetAndDestroy(), 10)),
  }
  const server = await startRaw((socket) => {
    sockets.add(socket)
    socket.on('error', () => {}).on('close', () => sockets.delete(socket))
    eachRequest(socket, (head) => {
      const [method = '', path = ''] = head.split(' ')
      deeds[path]?.(socket, method)
    })
  })
  const pool = new ConnectionPool()
  cleanUp.push(
    () => server[Symbol.asyncDispose](),
    () => pool.destroy(),
  )
  return {
    pool,
    origin: server.origin,
    rest: () => quiet(pool),
    hangUp: (how) => sockets.forEach((socket) => (how === 'fin' ? socket.end() : socket.resetAndDestroy())),
    goaway: () => {},
  }
}

async function realHttp2(): Promise<Ground> {
  const sessions = new Set<ServerHttp2Session>()
  const deeds: Readonly<Record<string, (stream: ServerHttp2Stream) => unknown>> = {
    '/ok': (stream) => {
      stream.respond({ ':status': 200 })
      stream.end('hello')
    },
    '/rst': (stream) => stream.close(2),
    '/half-rst': (stream) => {
      stream.respond({ ':status': 200 })
      stream.write('he')
      setTimeout(() => stream.destroy(new Error('broken')), 10) // close() would end the body in order first
    },
    '/refuse': (stream) => stream.close(7),
  }
  const server = await startH2((stream, headers) => deeds[headers[':path']!]?.(stream))
  server.server.on('session', (session: ServerHttp2Session) => {
    sessions.add(session)
    session.on('close', () => sessions.delete(session))
  })
  const pool = new ConnectionPool({ connect: trust })
  cleanUp.push(
    () => server[Symbol.asyncDispose](),
    () => pool.destroy(),
  )
  return {
    pool,
    origin: server.origin,
    rest: () => quiet(pool),
    hangUp: (how) =>
      sessions.forEach(({ socket }) => (how === 'fin' ? socket.destroySoon() : socket.destroy())),
    goaway: () => sessions.forEach((session) => session.goaway()),
  }
}

const http1: Readonly<Record<string, Scene>> = {
  'a connection is used again': (act) => act.askInTurn('/ok', '/ok'),
  'connection: close': (act) => act.askInTurn('/close', '/ok'),
  'the end before the answer': (act) => act.askInTurn('/fin', '/ok', '/fin', '/ok'),
  'a reset before the answer': (act) => act.askInTurn('/rst', '/ok', '/rst', '/ok'),
  'the end in the middle': (act) => act.askInTurn('/half-fin', '/ok'),
  'a reset in the middle': (act) => act.askInTurn('/half-rst', '/ok'),
  'an idle connection is closed': async (act) => {
    await act.askInTurn('/ok')
    act.ground.hangUp('fin')
    await act.ground.rest()
    await act.askInTurn('/ok')
    act.ground.hangUp('rst')
    await act.ground.rest()
    await act.askInTurn('/ok')
  },
  'HEAD, and DELETE with a body': async (act) => {
    act.ask('/ok', 'HEAD')
    await act.ground.rest()
    act.ask('/ok', 'DELETE', 'x')
    await act.ground.rest()
    await act.askInTurn('/ok')
  },
  'given up after it was sent': async (act) => {
    const leave = act.ask('/never')
    await act.ground.rest()
    leave()
    await act.ground.rest()
    await act.askInTurn('/ok')
  },
  'given up before it was sent': async (act) => {
    act.ask('/ok')()
    await act.ground.rest()
    await act.askInTurn('/ok')
    act.ask('/ok')()
    await act.ground.rest()
    await act.askInTurn('/ok')
  },
  'a POST that meets a closed connection': async (act) => {
    await act.askInTurn('/ok')
    act.ask('/fin', 'POST', 'x')
    await act.ground.rest()
  },
}

const http2: Readonly<Record<string, Scene>> = {
  'a session is used again': (act) => act.askInTurn('/ok', '/ok'),
  'several at once': async (act) => {
    await act.askInTurn('/ok')
    for (let i = 0; i < 3; i++) act.ask('/ok')
  },
  'a stream that is reset': (act) => act.askInTurn('/rst', '/half-rst', '/ok'),
  'a stream that is refused': (act) => act.askInTurn('/refuse', '/ok'),
  'given up, and the session goes on': async (act) => {
    await act.askInTurn('/ok')
    const leave = act.ask('/never')
    await act.ground.rest()
    leave()
    await act.askInTurn('/ok')
  },
  'GOAWAY while idle, and while something runs': async (act) => {
    await act.askInTurn('/ok')
    act.ground.goaway()
    await act.ground.rest()
    await act.askInTurn('/ok')
    const leave = act.ask('/never')
    await act.ground.rest()
    act.ground.goaway()
    await act.ground.rest()
    await act.askInTurn('/ok')
    leave()
  },
  'the session ends while something runs': async (act) => {
    await act.askInTurn('/ok')
    act.ask('/never', 'POST')
    await act.ground.rest()
    act.ground.hangUp('fin')
    await act.ground.rest()
    await act.askInTurn('/ok')
  },
}

describe('HTTP/1.1', () => {
  test.each(Object.entries(http1))('%s', async (_, scene) => {
    expect(await played(scene, simulated('h1'))).toEqual(await played(scene, await realHttp1()))
  })
})

describe('HTTP/2', () => {
  test.each(Object.entries(http2))('%s', async (_, scene) => {
    expect(await played(scene, simulated('h2'))).toEqual(await played(scene, await realHttp2()))
  })
})
