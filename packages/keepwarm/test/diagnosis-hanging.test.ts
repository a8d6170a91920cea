/** A service that hangs, and a client that has only a few requests for it. */
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { beginAll, callAll, diagnosed } from './support/diagnosed.ts'
import { startHttp } from './support/servers.ts'

test('three requests that nobody answers are enough when each waits far longer than any usually does', async () => {
  let hangs = false
  const verdicts = await diagnosed({
    server: startHttp((_, response) => void (hangs || response.end('hello'))),
    usual: ({ client }) => callAll(40, 2, () => client.get('/').discard()),
    happens: ({ client }) => {
      hangs = true
      beginAll(3, () => client.get('/database/execute').discard())
      return sleep(5_500)
    },
  })
  expect(verdicts[0]).toMatchObject({ kind: 'slow_dependency', level: 'critical' })
  expect(verdicts[0]?.text).toMatch(/has not answered 3 requests that it has had for 5\.\d s and more/)
  expect(verdicts[0]?.evidence).toContainEqual({
    name: 'the oldest',
    value: expect.stringMatching(/^GET \/database\/execute, for 5\.\d s$/),
  })
})

test('requests that usually are held for long are left alone', async () => {
  const polls = 4
  const verdicts = await diagnosed({
    server: startHttp((request, response) => {
      if (request.url === '/poll') setTimeout(() => response.end('nothing new'), 6_000)
      else response.end('hello')
    }),
    usual: async ({ client }) => {
      const polling = callAll(polls, polls, () => client.get('/poll').discard())
      await callAll(40, 2, () => client.get('/').discard())
      await polling
    },
    happens: ({ client }) => {
      beginAll(polls, () => client.get('/poll').discard())
      return sleep(5_500)
    },
  })
  expect(verdicts.map(({ kind }) => kind)).not.toContain('slow_dependency')
}, 60_000)
