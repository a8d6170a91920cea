/** A connector of the caller's own may do anything; the pool keeps its count. */
import { ConnectionPool } from 'keepwarm'
import { buildConnector } from 'undici'
import { expect, test } from 'vitest'
import { get } from './support/handlers.ts'
import { startHttp } from './support/servers.ts'
import { soon } from './support/wait.ts'

/** What the types forbid and JavaScript allows. */
type Anything = (
  target: buildConnector.Options,
  callback: (error: unknown, socket: unknown) => void,
) => unknown
const anything = (connect: Anything): { connect: buildConnector.connector } => ({ connect: connect as never })

test.each<[string, Anything]>([
  ['neither an error nor a socket', (_, callback) => callback(undefined, undefined)],
  ['an error beside a socket that is none', (_, callback) => callback(new Error('no'), {})],
  ['an error that is a string', (_, callback) => callback('no', null)],
  ['an object that is no socket', (_, callback) => callback(null, {})],
  ['a string for a socket', (_, callback) => callback(null, 'socket')],
  [
    'a throw of a string',
    () => {
      const thrown: unknown = 'no'
      throw thrown
    },
  ],
  [
    'a promise that is rejected later',
    (_, callback) => (callback(new Error('no'), null), Promise.resolve(1)),
  ],
])('a connector that gives %s fails its request and no more', async (_, connect) => {
  await using pool = new ConnectionPool({ maxConnections: 1, ...anything(connect) })
  for (let i = 0; i < 3; i++) {
    await expect(soon(get(pool, 'http://127.0.0.1:1'), 'the end', 1_000)).rejects.toBeInstanceOf(Error)
  }
  expect(pool.snapshot()).toMatchObject({ connections: 0, dialing: 0, waiting: 0, inFlight: 0 })
})

test('a connector that returns what is no socket cannot be called off, and is heeded all the same', async () => {
  await using server = await startHttp()
  const dial = buildConnector({})
  for (const returned of [null, 'socket', 5, {}, { destroy: 1 }, Promise.resolve()]) {
    await using pool = new ConnectionPool(
      anything((target, callback) => (dial(target, callback as buildConnector.Callback), returned)),
    )
    expect(await get(pool, server.origin)).toBe('hello')
  }
})
