/** Aborts: before, while waiting, in the body, and after; with every kind of reason. */
import { http, head, type Answer } from './fetch-lab.ts'
import type { Case } from './fetch-case.ts'

const never: Answer = () => {}
const half: Answer = (socket) =>
  void socket.write(Buffer.concat([head(200, { 'content-length': '10' }), Buffer.from('half')]))
const whole: Answer = (socket) => void socket.write(http(200, {}, 'hello'))

const reasons: Readonly<Record<string, () => unknown>> = {
  'no reason': () => undefined,
  'an error': () => new RangeError('enough'),
  'a string': () => 'enough',
  null: () => null,
  'a TimeoutError': () => new DOMException('late', 'TimeoutError'),
}

interface Stage {
  readonly answer: Answer
  /** Aborts when it is time. */
  run(
    fetch: (signal: AbortSignal) => Promise<Response>,
    abort: () => void,
    signal: AbortSignal,
  ): Promise<unknown>
}

const soon = (action: () => void): void => void setTimeout(action, 10)
/** Requests of the case that the server has got. */
let heard = 0
const whenHeard = (count: number, action: () => void): void =>
  void setTimeout(() => (heard >= count ? soon(action) : whenHeard(count, action)), 2)
const tell = async (work: Promise<unknown>): Promise<unknown> => {
  try {
    return { value: await work }
  } catch (error) {
    return { rejects: error instanceof Error ? error.name : error, isTypeError: error instanceof TypeError }
  }
}

const stages: Readonly<Record<string, Stage>> = {
  before: { answer: whole, run: (fetch, abort, signal) => (abort(), tell(fetch(signal))) },
  'in the same turn': {
    answer: whole,
    run(fetch, abort, signal) {
      const work = tell(fetch(signal))
      abort()
      return work
    },
  },
  'while waiting': {
    answer: never,
    run: (fetch, abort, signal) => (whenHeard(1, abort), tell(fetch(signal))),
  },
  'in the body, text': {
    answer: half,
    async run(fetch, abort, signal) {
      const response = await fetch(signal)
      soon(abort)
      return [await tell(response.text()), response.bodyUsed]
    },
  },
  'in the body, before text': {
    answer: half,
    async run(fetch, abort, signal) {
      const response = await fetch(signal)
      abort()
      return tell(response.text())
    },
  },
  'in the body, with a reader': {
    answer: half,
    async run(fetch, abort, signal) {
      const reader = (await fetch(signal)).body!.getReader()
      const first = await reader.read()
      const closed = tell(reader.closed)
      soon(abort)
      return [Buffer.from(first.value!).toString(), await tell(reader.read()), await closed]
    },
  },
  'after the body has come, unread': {
    answer: whole,
    async run(fetch, abort, signal) {
      const response = await fetch(signal)
      abort()
      return tell(response.text())
    },
  },
  'after it was read': {
    answer: whole,
    async run(fetch, abort, signal) {
      const response = await fetch(signal)
      const text = await response.text()
      abort()
      return [text, response.bodyUsed, response.body?.locked ?? null]
    },
  },
  'the clone, too': {
    answer: half,
    async run(fetch, abort, signal) {
      const response = await fetch(signal)
      const twin = response.clone()
      soon(abort)
      return Promise.all([tell(response.text()), tell(twin.text())])
    },
  },
  'on the way through a redirect': {
    answer: (socket, _, number) =>
      number === 1 ? void socket.write(http(302, { location: '/x' })) : undefined,
    run: (fetch, abort, signal) => (whenHeard(2, abort), tell(fetch(signal))),
  },
}

/** A body that ends for a reason of null. */
function ofNull(when: string, why: string): Partial<Case> {
  if (why !== 'null' || !/^(in the body|after the body|the clone)/.test(when)) return {}
  return { differs: 'a reason of null', ours: { caller: { status: 0 } } }
}

export const aborts: readonly Case[] = Object.entries(stages).flatMap(([when, { answer, run }]) =>
  Object.entries(reasons).map(([why, reason]): Case => ({
    name: `${when}, ${why}`,
    async ask(fetch, origin) {
      const leaving = new AbortController()
      heard = 0
      const ask = (signal: AbortSignal): Promise<Response> => fetch(origin as never, { signal } as never)
      const told = await run(ask, () => leaving.abort(reason()), leaving.signal)
      return { status: 0, headers: new Headers(), url: '', told } as unknown as Response
    },
    answer(socket, request, number) {
      heard = number
      answer(socket, request, number)
    },
    take: async (response) => (response as unknown as { told: unknown }).told,
    ...ofNull(when, why),
  })),
)
