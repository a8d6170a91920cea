/** Nobody who watches keeps a service from ending. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { EventStream } from './support/handler-stream.ts'
import { eventually } from './support/handler-wait.ts'

const program = new URL('support/handler-service.ts', import.meta.url).pathname

test.each(['nothing left to do', 'its server closes', 'the clients are closed'])(
  'a service ends while somebody watches: %s',
  async (way) => {
    const child = fork(program, [way], {
      execArgv: ['--conditions=keepwarm-source'],
      stdio: ['ignore', 'pipe', 2, 'ipc'],
    })
    const printed = text(child.stdout!)
    try {
      const [url] = (await once(child, 'message')) as [string]
      const stream = await EventStream.open(`${url}events`)
      await eventually(() => stream.ticks.length > 1, 'ticks')
      child.send('end')
      await eventually(() => stream.ended, 'the end of the stream')
      if (way === 'the clients are closed') child.send('close')
      if (child.exitCode === null) await once(child, 'exit')
      expect([child.exitCode, await printed]).toEqual([0, 'done\n'])
    } finally {
      child.kill('SIGKILL')
    }
  },
  60_000,
)
