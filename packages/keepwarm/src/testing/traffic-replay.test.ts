import type { Dispatcher } from 'undici'
import { expect, test } from 'vitest'
import type { RecordedResponse } from './traffic-file.ts'
import { Replay } from './traffic-replay.ts'

type Controller = Dispatcher.DispatchController

const answer: RecordedResponse = {
  status: 200,
  headers: { 'x-a': 'a', 'set-cookie': ['b', 'c'] },
  body: { text: 'body' },
  trailers: { 'x-t': 't' },
}

/** Begins a replay and tells what its handler hears; `on` is done when it hears of it. */
function hearing(
  from: RecordedResponse | Error,
  on: Readonly<Record<string, (controller: Controller) => void>> = {},
): { heard: string[]; replay: Replay } {
  const heard: string[] = []
  const hear = (what: string, controller?: Controller, more: unknown = ''): void => {
    heard.push(`${what} ${String(more)}`.trim())
    if (controller !== undefined) on[what]?.(controller)
  }
  const replay = new Replay(
    {
      onRequestStart: (controller) => hear('start', controller),
      onRequestSent: () => hear('sent'),
      onResponseStart: (controller, status) => hear('head', controller, status),
      onResponseData: (controller, chunk) => hear('data', controller, chunk),
      onResponseEnd: (controller, trailers) => hear('end', controller, JSON.stringify(trailers)),
      onResponseError: (controller, error) => hear('error', controller, error.message),
    },
    from,
  )
  replay.begin()
  return { heard, replay }
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

test('a handler hears nothing at once, and then all of it in order', async () => {
  const { heard, replay } = hearing(answer)
  expect(heard).toEqual([])
  await settled()
  expect(heard).toEqual(['start', 'sent', 'head 200', 'data body', 'end {"x-t":"t"}'])
  expect(replay.rawHeaders.map(String)).toEqual(['x-a', 'a', 'set-cookie', 'b', 'set-cookie', 'c'])
})

test('an answer without a body has no data, and one that is an error has nothing else', async () => {
  const empty = hearing({ ...answer, body: null })
  const failed = hearing(new Error('no answer'))
  await settled()
  expect(empty.heard).not.toContain('data')
  expect(failed.heard).toEqual(['start', 'error no answer'])
})

test('a handler that pauses hears no more until it resumes', async () => {
  const { heard, replay } = hearing(answer, { head: (controller) => controller.pause() })
  await settled()
  expect(heard.at(-1)).toBe('head 200')
  replay.resume()
  await settled()
  expect(heard.slice(3)).toEqual(['data body', 'end {"x-t":"t"}'])
})

test.each(['start', 'head', 'data'])(
  'one that gives up at %s hears of the reason, once, and of no more',
  async (at) => {
    const { heard, replay } = hearing(answer, { [at]: (controller) => controller.abort(new Error('enough')) })
    await settled()
    replay.abort(new Error('again'))
    await settled()
    expect(heard.at(-1)).toBe('error enough')
    expect(heard.at(-2)).toMatch(at)
    expect(replay).toMatchObject({ aborted: true, reason: new Error('enough') })
  },
)

test('what is given up while it is paused ends, too; what is over cannot be given up', async () => {
  const paused = hearing(answer, { head: (controller) => controller.pause() })
  const over = hearing(answer)
  await settled()
  paused.replay.abort(new Error('enough'))
  over.replay.abort(new Error('enough'))
  await settled()
  expect(paused.heard.at(-1)).toBe('error enough')
  expect(over.heard.at(-1)).toMatch('end')
})

test('what a handler throws it is told as an error', async () => {
  const { heard } = hearing(answer, {
    head: () => {
      throw new Error('broken')
    },
  })
  await settled()
  expect(heard.slice(2)).toEqual(['head 200', 'error broken'])
})
