import { Readable } from 'node:stream'
import type { Dispatcher } from 'undici'
import type { PoolHandler } from '../pool/lease.ts'
import { HttpStatusError, KeepwarmError } from '../errors.ts'
import { readers, sorts } from './client-schedule.ts'

/** What a call meets at its server. */
export interface Fate {
  readonly after: number
  readonly status: number
  readonly way: 'whole' | 'never' | 'fin' | 'rst' | 'refused'
  readonly parts: number
  /** Attempts that meet this; the others are answered well. */
  readonly times: number
}

export const good: Fate = { after: 0, status: 200, way: 'whole', parts: 0, times: 0 }

/** The endpoint group's. */
export const GROUP_PATH = '/group'

/** Methods of which HTTP says that they may arrive twice. */
const safe = ['GET', 'HEAD', 'PUT', 'DELETE']

/** What is known of a call, from all sides. */
export class Visit {
  readonly id: number
  readonly origin: string
  readonly method: Dispatcher.HttpMethod
  readonly path: string
  readonly priority: 'high' | 'low' | undefined
  readonly reader: (typeof readers)[number]
  readonly fate: Fate
  readonly headers: Record<string, string>
  readonly body: string | Uint8Array | Readable | null
  readonly idempotent: boolean | undefined
  /** Whether its server may process it twice. */
  readonly mayRepeat: boolean
  readonly startedAt: number
  /** Infinity where nobody is late: at a bare pool. */
  deadline: number
  /** Arrivals at its server; those that it processed. */
  arrived = 0
  processed = 0
  /** How often the pool was asked to send it. */
  attempts = 0
  /** When the caller was given the head of the response. */
  givenAt: number = Infinity
  settled: string | undefined
  settledAt = 0
  /** What the caller can do; set by whoever makes the call. */
  abort: (reason: Error) => void = () => {}
  resume: () => void = () => {}
  /** Its place in the books' list. */
  index = 0

  constructor(id: number, origin: string, step: readonly number[], fate: Fate, now: number, limit: number) {
    const [sort = 0, mark = 0, reader = 0, , kind = 0] = step
    const [method, body] = sorts[sort % sorts.length]!
    this.id = id
    this.origin = origin
    this.method = method
    this.priority = ([undefined, 'high', 'low'] as const)[kind % 3]
    this.path = kind >= 3 ? GROUP_PATH : '/'
    this.reader = readers[reader % readers.length]!
    this.fate = fate
    this.headers = { 'x-visit': String(id), ...(mark === 2 && { 'idempotency-key': `key-${id}` }) }
    this.body = bodyOf(body)
    this.idempotent = mark === 1 ? true : mark === 3 ? false : undefined
    this.mayRepeat = mark === 1 || (mark !== 3 && (mark === 2 || safe.includes(method)))
    this.startedAt = now
    this.deadline = now + limit
  }

  /** Made at handler level: it cannot say for itself how long it may take. */
  get isHandler(): boolean {
    return this.reader === 'handler' || this.reader === 'stall'
  }
}

function bodyOf(sort: (typeof sorts)[number][1]): Visit['body'] {
  if (sort === 'text') return 'text'
  if (sort === 'bytes') return Buffer.from('bytes')
  return sort === 'stream' ? Readable.from([Buffer.from('a'), Buffer.from('b')]) : null
}

/** A caller at handler level, with laws of its own. */
export class VisitHandler implements PoolHandler {
  private readonly visit: Visit
  private readonly settle: (how: string) => void
  private readonly law: (holds: boolean, law: string) => void
  private readonly now: () => number
  private status = 0

  constructor(
    visit: Visit,
    settle: (how: string) => void,
    law: (holds: boolean, law: string) => void,
    now: () => number,
  ) {
    this.now = now
    this.visit = visit
    this.settle = settle
    this.law = law
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.visit.abort = (reason) => controller.abort(reason)
    this.visit.resume = () => controller.resume()
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number): void {
    this.law(this.status === 0, 'a caller is given one response')
    this.status = status
    this.visit.givenAt = this.now()
    if (this.visit.reader === 'stall') controller.pause()
  }

  onResponseData(controller: Dispatcher.DispatchController): void {
    this.law(this.status !== 0, 'a body comes after its head')
    this.law(this.visit.settled === undefined, 'nothing comes after the end')
    this.law(!controller.paused, 'a reader that stopped is given nothing')
  }

  onResponseEnd(): void {
    this.settle(`answered ${this.status}`)
  }

  onResponseError(_controller: unknown, error: Error): void {
    this.settle(endingOf(error))
  }
}

/** How a call that failed ended, in a word; `untried` where the breaker let no attempt go. */
export function endingOf(error: unknown): string {
  if (error instanceof HttpStatusError) return `answered ${error.status}`
  if (!(error instanceof KeepwarmError)) return (error as Error).message
  return error.code === 'breaker_open' && error.attempts.length === 0 ? 'untried' : error.code
}
