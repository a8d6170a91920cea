/** Gives a handler a recorded answer, as a dispatcher would: in parts, with pauses where it wants them. */
import { errors, type Dispatcher } from 'undici'
import type { PlainHeaders } from './secrets.ts'
import { bytesOfBody, type RecordedResponse } from './traffic-file.ts'

type Controller = Dispatcher.DispatchController
type Handler = Dispatcher.DispatchHandler

export class Replay implements Controller {
  paused = false
  reason: Error | null = null
  readonly rawHeaders: Buffer[]
  private readonly handler: Handler
  private readonly steps: (() => void)[]
  private running = false
  private over = false

  /** @param answer the response, or why there is none */
  constructor(handler: Handler, answer: RecordedResponse | Error) {
    this.handler = handler
    const start = (): void => handler.onRequestStart?.(this, {})
    if (answer instanceof Error) {
      this.rawHeaders = []
      this.steps = [start, () => this.fail(answer)]
    } else {
      this.rawHeaders = rawOf(answer.headers)
      this.steps = [start, ...this.stepsOf(answer)]
    }
  }

  get aborted(): boolean {
    return this.reason !== null
  }

  /** The handler hears nothing before whoever asked has gone on. */
  begin(): void {
    queueMicrotask(() => this.run())
  }

  pause(): void {
    this.paused = true
  }

  resume(): void {
    this.paused = false
    queueMicrotask(() => this.run())
  }

  abort(reason: Error = new errors.RequestAbortedError()): void {
    if (this.over || this.reason !== null) return
    this.reason = reason
    queueMicrotask(() => this.fail(reason))
  }

  private stepsOf(answer: RecordedResponse): (() => void)[] {
    const { handler } = this
    const body = bytesOfBody(answer.body)
    return [
      () => handler.onRequestSent?.(),
      () => handler.onResponseStarted?.(),
      () => handler.onResponseStart?.(this, answer.status, answer.headers, answer.statusText ?? ''),
      () => void (body.length > 0 && handler.onResponseData?.(this, body)),
      () => this.end(answer.trailers ?? {}),
    ]
  }

  private run(): void {
    if (this.running) return
    this.running = true
    try {
      while (!this.paused && !this.over && this.reason === null) {
        const step = this.steps.shift()
        if (step === undefined) break
        step()
      }
    } catch (thrown) {
      this.fail(thrown instanceof Error ? thrown : new Error(String(thrown)))
    } finally {
      this.running = false
    }
  }

  private end(trailers: PlainHeaders): void {
    this.over = true
    this.handler.onResponseEnd?.(this, trailers)
  }

  private fail(error: Error): void {
    if (this.over) return
    this.over = true
    this.handler.onResponseError?.(this, error)
  }
}

function rawOf(headers: PlainHeaders): Buffer[] {
  return Object.entries(headers).flatMap(([name, value]) =>
    [value].flat().flatMap((one) => [Buffer.from(name), Buffer.from(one, 'latin1')]),
  )
}
