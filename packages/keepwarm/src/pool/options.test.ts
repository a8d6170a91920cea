import { expect, test } from 'vitest'
import { HttpClient } from '../client/http-client.ts'
import { ConfigError } from '../errors.ts'
import type { ConnectionPoolOptions, LimitOptions } from './options.ts'
import { ConnectionPool } from './pool.ts'

test.each([
  [{ maxConections: 5 }, 'maxConections', 'did you mean maxConnections?'],
  [{ baseUrl: 'http://h' }, 'baseUrl', 'a known option'],
  [null, 'options', 'an object'],
])('a pool refuses %j', (options, variable, expected) => {
  const make = (): unknown => new ConnectionPool(options as unknown as ConnectionPoolOptions)
  expect(make).toThrow(ConfigError)
  expect(make).toThrow(variable)
  expect(make).toThrow(expected)
})

test.each([
  [{ pingAfter: 0 }, 'pingAfter = 0'],
  [{ pingTimeout: '5s' }, 'pingTimeout = "5s"'],
  [{ pingTimeout: NaN }, 'pingTimeout = NaN'],
  [{ pingAfter: -1, pingTimeout: null }, 'pingTimeout = null'],
  [{ pingInterval: 5 }, 'pingInterval'],
])('what is no time for pings is refused, by the pool and by a client: %j', (options, text) => {
  for (const Made of [ConnectionPool, HttpClient]) {
    const make = (): unknown => new Made(options as object)
    expect(make).toThrow(ConfigError)
    expect(make).toThrow(text)
  }
})

test('pings can be turned off, by the pool and by a client', () => {
  for (const Made of [ConnectionPool, HttpClient]) {
    expect(() => new Made({ pingAfter: Infinity, pingTimeout: Infinity })).not.toThrow()
  }
})

test('setLimits refuses what is no limit, or none that can be changed, and then changes nothing', () => {
  const pool = new ConnectionPool({ maxConnections: 7 })
  const set =
    (limits: object): (() => void) =>
    () =>
      pool.setLimits(limits as LimitOptions)
  expect(set({ foo: 1, maxConnections: 3 })).toThrow(/foo = /)
  expect(set({ idleTimeout: 1 })).toThrow(/idleTimeout = [^]*maxConnections, /)
  expect(pool.snapshot().maxConnections).toBe(7)
})
