/**
 * A stream of events over as many connections as it takes. Each connection is a call of its own, with the client's
 * retries; what was read is not asked for again.
 *
 *     open ─▶ reading ──ends or breaks──▶ pause ─▶ open …
 *      │ 204: the server wants no more     │ nothing came so many times, or no more time: over
 *      └─▶ over                            └─▶ over
 */
import { KeepwarmError } from '../../errors.ts'
import { mayArriveTwice } from '../../idempotent-methods.ts'
import type { Runtime } from '../../runtime.ts'
import { headerText } from '../collect.ts'
import { mergeHeaders } from '../headers.ts'
import { excerpt } from '../json.ts'
import type { CallOptions } from '../options.ts'
import type { HttpResponse } from '../response.ts'
import { pause, stoppable } from '../stoppable.ts'
import { eventSettings, type EventOptions, type EventSettings } from './event-options.ts'
import { EventParser, type ServerSentEvent } from './event-parser.ts'
import { isPassing, reconnectDelay } from './reconnect.ts'

/** The call that asks for the events. */
export interface EventCall {
  readonly method: string
  /** For messages: `GET /events`. */
  readonly what: string
  readonly options: CallOptions
  /** As long as the client waits for an answer, in ms. */
  readonly patience: number
  readonly runtime: Runtime
  /** Sends the request. Rejects when the status is not one of success. */
  open(options: CallOptions): Promise<HttpResponse>
}

/** Servers say something at least every half minute, if only a comment: who says nothing for so long is gone. */
const SILENCE = 60_000

export function eventStream(
  call: EventCall,
  options: EventOptions | undefined,
): AsyncGenerator<ServerSentEvent> {
  return stoppable(async function* (stopped) {
    yield* new EventStream(call, eventSettings(options), stopped).run()
  })
}

/** The events of one response. */
export async function* eventsOf(
  chunks: AsyncIterable<Uint8Array>,
  parser: EventParser,
  onPart?: () => void,
): AsyncGenerator<ServerSentEvent> {
  const decoder = new TextDecoder()
  for await (const chunk of chunks) {
    onPart?.()
    yield* parser.push(decoder.decode(chunk, { stream: true }))
  }
}

/** @throws KeepwarmError `decode` when it is something else */
export function checkEvents(response: HttpResponse, what: string): void {
  const contentType = headerText(response.headers, 'content-type')
  if (/^\s*text\/event-stream\s*(;|$)/i.test(contentType ?? '')) return
  const sort = contentType === undefined ? 'without a content-type' : `with ${excerpt(contentType)}`
  const message = `${what} answered ${response.status} ${sort}, not with text/event-stream`
  throw new KeepwarmError('decode', message, { phase: 'body', sent: 'maybe' })
}

class EventStream {
  private readonly call: EventCall
  private readonly settings: EventSettings
  private readonly stopped: AbortSignal
  private readonly signal: AbortSignal
  private readonly reconnects: boolean
  private readonly endsAt: number
  private lastId: string
  /** What the server, or the caller, wants to be waited between two connections. */
  private least: number
  private isOpen = false
  private hasRead = false
  /** Connections in a row that brought nothing. */
  private fruitless = 0

  constructor(call: EventCall, settings: EventSettings, stopped: AbortSignal) {
    const { method, options, runtime } = call
    const { signal, timeout, idempotent, headers } = options
    const hasKey = mergeHeaders({}, headers)['idempotency-key'] !== undefined
    this.call = call
    this.settings = settings
    this.stopped = stopped
    this.signal = signal === undefined ? stopped : AbortSignal.any([signal, stopped])
    this.reconnects = settings.reconnect ?? mayArriveTwice(method, idempotent, hasKey)
    this.endsAt = timeout === undefined ? Infinity : runtime.now() + timeout
    this.lastId = settings.lastEventId
    this.least = settings.reconnectDelay
  }

  async *run(): AsyncGenerator<ServerSentEvent> {
    for (;;) {
      let failure: Error | undefined
      this.hasRead = false
      try {
        const response = await this.call.open(this.options())
        if (response.status === 204) return await response.discard()
        yield* this.read(response)
      } catch (error) {
        if (this.stopped.aborted) return
        if (!this.isOpen || !this.reconnects || !isPassing(error)) throw error
        failure = error as Error
      }
      if (!this.reconnects || this.stopped.aborted) return
      this.fruitless = this.hasRead ? 0 : this.fruitless + 1
      await this.wait(failure)
      if (this.stopped.aborted) return
    }
  }

  private async *read(response: HttpResponse): AsyncGenerator<ServerSentEvent> {
    const { what } = this.call
    const parser = new EventParser(what, this.lastId, this.settings.maxEventSize)
    try {
      checkEvents(response, what)
      this.isOpen = true
      yield* eventsOf(response.parts('events()'), parser, () => (this.hasRead = true))
    } finally {
      this.lastId = parser.lastId
      this.least = parser.retry ?? this.least
      await response.discard()
    }
  }

  private async wait(failure: Error | undefined): Promise<void> {
    const { fruitless, call, settings } = this
    const { runtime } = call
    if (fruitless > settings.maxReconnects)
      throw failure ?? this.over('reset', `ended ${fruitless} times in a row without a word`, undefined)
    const asked = failure instanceof KeepwarmError ? (failure.retryAfter ?? 0) : 0
    const wait = Math.max(asked, reconnectDelay(this.least, fruitless, runtime.random()))
    if (runtime.now() + wait >= this.endsAt)
      throw this.over('deadline', 'ended, and its timeout leaves no time to ask for it again', failure)
    await pause(runtime, wait, this.signal)
    if (this.signal.aborted && !this.stopped.aborted)
      throw this.over('aborted', 'was cancelled between two connections', this.signal.reason)
  }

  /** A stream has no end of its own: what limits calls does not limit it, unless the call says so. */
  private options(): CallOptions {
    const { lastId, signal, endsAt } = this
    const { options, runtime, patience } = this.call
    const asks = { accept: 'text/event-stream', 'cache-control': 'no-store', 'accept-encoding': 'identity' }
    const ours = lastId === '' ? asks : { ...asks, 'last-event-id': asBytes(lastId) }
    return {
      ...options,
      timeout: endsAt === Infinity ? Infinity : Math.max(1, endsAt - runtime.now()),
      attemptTimeout: options.attemptTimeout ?? Infinity,
      headersTimeout: options.headersTimeout ?? patience,
      bodyIdleTimeout: options.bodyIdleTimeout ?? SILENCE,
      maxResponseBytes: options.maxResponseBytes ?? Infinity,
      // A probe of a breaker has to be over soon, which a stream never is: it goes past it, and waits by itself.
      resilience: 'none',
      retry: options.retry ?? {},
      headers: mergeHeaders(ours, options.headers),
      throwOnStatus: true,
      signal,
    }
  }

  private over(code: 'reset' | 'deadline' | 'aborted', why: string, cause: unknown): KeepwarmError {
    const message = `the event stream of ${this.call.what} ${why}`
    return new KeepwarmError(code, message, { phase: 'body', sent: 'maybe', cause })
  }
}

/** Ids are sent as UTF-8; header values are written byte by byte. */
function asBytes(id: string): string {
  return Buffer.from(id, 'utf8').toString('latin1')
}
