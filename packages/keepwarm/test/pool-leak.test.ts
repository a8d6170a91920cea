/** Response bodies that nobody reads. */
import { ConnectionPool } from 'keepwarm'
import { request } from 'undici'
import { expect, test } from 'vitest'
import { startHttp } from './support/servers.ts'
import { eventually } from './support/wait.ts'

const large = Buffer.alloc(4 * 1024 * 1024)

async function warnings(work: () => Promise<void>): Promise<Error[]> {
  const heard: Error[] = []
  const listen = (warning: Error): void => void heard.push(warning)
  process.on('warning', listen)
  try {
    await work()
  } finally {
    process.off('warning', listen)
  }
  return heard.filter(({ name }) => name === 'KeepwarmLeakWarning')
}

test('a body that nobody reads is reported once, with where it was asked for, and destroying it frees the connection', async () => {
  await using server = await startHttp((_, response) => void response.end(large))
  await using pool = new ConnectionPool({ leakAfter: 50, leakStacks: true })
  const heard = await warnings(async () => {
    const forgotten = await request(`${server.origin}/forgotten?token=secret`, { dispatcher: pool })
    await eventually(() => pool.counters.leaks === 1, 'a leak')
    await new Promise((resolve) => setTimeout(resolve, 120))
    forgotten.body.on('error', () => {}).destroy()
  })
  expect(heard).toHaveLength(1)
  expect(heard[0]!.message).toContain(`GET ${server.origin}/forgotten: nobody has read on`)
  expect(heard[0]!.message).toContain('pool-leak.test.ts')
  expect(heard[0]!.message).not.toContain('secret')
  expect(pool.counters.leaks).toBe(1)
  await eventually(() => pool.snapshot().inFlight === 0, 'nothing in flight')
})

test('a body that is read, however slowly, is none', async () => {
  await using server = await startHttp((_, response) => void response.end(large))
  await using pool = new ConnectionPool({ leakAfter: 200 })
  const heard = await warnings(async () => {
    const { body } = await request(server.origin, { dispatcher: pool })
    for await (const chunk of body)
      if ((chunk as Buffer).length > 60_000) await new Promise((next) => setTimeout(next, 5))
  })
  expect(heard).toEqual([])
  expect(pool.counters.leaks).toBe(0)
})
