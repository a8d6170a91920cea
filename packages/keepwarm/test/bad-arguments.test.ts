/** What warm() and close() cannot use is refused before anything is done. */
import { expect, test } from 'vitest'
import { HttpClient } from '../src/client/http-client.ts'
import { ConfigError } from '../src/errors.ts'
import { ConnectionPool } from '../src/pool/pool.ts'

test.each([-1, 1.5, NaN, Infinity, '3', null])('warm(%j) rejects and dials nothing', async (count) => {
  await using pool = new ConnectionPool()
  const warm = pool.warm('http://127.0.0.1:1', count as number)
  await expect(warm).rejects.toThrow(ConfigError)
  await expect(warm).rejects.toThrow(`count = ${typeof count === 'string' ? '"3"' : count}`)
  expect(pool.snapshot().connections).toBe(0)
})

test.each([{ timeout: -1 }, { timeout: NaN }, { timeout: '5s' }, { timeOut: 5 }])(
  'close(%j) rejects and closes nothing',
  async (options) => {
    await using client = new HttpClient()
    await expect(client.pool.close(options as object)).rejects.toThrow(ConfigError)
    expect(client.pool.closed).toBe(false)
    await expect(client.close(options as object)).rejects.toThrow(/1 problem[^]*time[oO]ut = /)
    expect(client.pool.closed).toBe(false)
  },
)
