/** One case that is put to undici's fetch and to ours. */
import type { Difference } from '../fetch-differential.test.ts'
import { http, type Answer, type AnyFetch } from './fetch-lab.ts'

/** The classes that go with a fetch. */
export interface Kind {
  readonly Request: typeof Request
  readonly Headers: typeof Headers
  readonly FormData: typeof FormData
}

export interface Case {
  readonly name: string
  ask(fetch: AnyFetch, origin: string, kind: Kind): Promise<Response>
  readonly answer: Answer
  take(response: Response): Promise<unknown>
  /** The platform's own fetch does it, over the client. */
  readonly rare?: boolean
  /** The length is told if the body came soon enough, which a busy machine may not manage. */
  readonly length?: 'perhaps'
  readonly differs?: Difference
  /** What ours does where it differs. */
  readonly ours?: object
}

/** A GET and its answer. */
export function answered(name: string, answer: Answer | Buffer, more: Partial<Case> = {}): Case {
  return {
    name,
    ask: (fetch, origin) => fetch(`${origin}/` as never),
    answer: Buffer.isBuffer(answer) ? (socket): void => void socket.write(answer) : answer,
    take: (response) => response.text(),
    ...more,
  }
}

type Asked = (origin: string, kind: Kind) => readonly [input: unknown, init?: unknown]

/** Whatever fetch takes, answered with `hello`. */
export function request(name: string, asked: Asked, more: Partial<Case> = {}): Case {
  return {
    name,
    ask: (fetch: AnyFetch, origin, kind) => fetch(...(asked(origin, kind) as [never, never])),
    answer: (socket) => void socket.write(http(200, {}, 'hello')),
    take: (response) => response.text(),
    ...more,
  }
}

export const to = (name: string, init: unknown, more?: Partial<Case>): Case =>
  request(
    name,
    (origin) => [`${origin}/`, typeof init === 'function' ? (init as () => unknown)() : init],
    more,
  )
