/** What a server sends behind its answer, against the rules, is nobody's answer. */
import { ConnectionPool } from 'keepwarm'
import { expect, test } from 'vitest'
import { get } from './support/handlers.ts'
import { eachRequest, rawResponse, startRaw } from './support/servers.ts'
import { soon } from './support/wait.ts'

const poison = rawResponse('poison')

test.each([
  ['in the same packet', (answer: string) => [answer + poison]],
  ['right after it', (answer: string) => [answer, poison]],
])(
  'a second answer %s ends the connection, and requests that wait get their own answers on another',
  async (_when, parts) => {
    await using server = await startRaw((socket) => {
      socket.setNoDelay(true)
      eachRequest(socket, (head) => {
        const [, path = ''] = /^GET (\S+)/.exec(head) ?? []
        for (const part of parts(rawResponse(path))) socket.write(part)
      })
    })
    await using pool = new ConnectionPool({ maxConnections: 1 })
    const paths = Array.from({ length: 10 }, (_, i) => `/${i}`)
    const answers = await soon(
      Promise.all(paths.map((path) => get(pool, server.origin + path))),
      'ten answers',
    )
    expect(answers).toEqual(paths)
    expect(server.total).toBeGreaterThan(1)
  },
)
