import type { Runtime, Timer } from '../runtime.ts'
import type { Answer } from './network-behaviour.ts'
import type { ServerEnd } from './network-server-end.ts'
import type { ClientStream } from './network-wire.ts'

/** One request that a server works on. */
export class Work {
  readonly stream: ClientStream
  readonly answer: Answer
  /** It waits for a worker. */
  inLine = false
  /** Its client has left. */
  isAbandoned = false
  readonly end: ServerEnd
  private readonly runtime: Runtime
  private timers: Timer[] = []

  constructor(runtime: Runtime, end: ServerEnd, stream: ClientStream, answer: Answer) {
    this.runtime = runtime
    this.end = end
    this.stream = stream
    this.answer = answer
  }

  /** From now on it is worked on. */
  begin(answer: Answer = this.answer): void {
    const { status = 200, headers = {}, body = [], every = 0, ends = 'whole', parts = 0 } = answer
    const { stream, end } = this
    const after = typeof answer.after === 'function' ? answer.after() : (answer.after ?? 0)
    const sent = ends === 'whole' ? body : body.slice(0, parts)
    if (ends === 'whole' || sent.length > 0) this.at(after, () => end.say(() => stream.head(status, headers)))
    for (const [i, text] of sent.entries()) this.at(after + i * every, () => end.say(() => stream.part(text)))
    this.at(after + Math.max(0, sent.length - 1) * every, () => this.finish(ends, headers))
  }

  /** Nobody wants the answer any more. */
  stop(): void {
    for (const timer of this.timers) timer.cancel()
  }

  private finish(ends: NonNullable<Answer['ends']>, headers: NonNullable<Answer['headers']>): void {
    const { end, stream } = this
    if (ends === 'never') return
    if (ends === 'whole') end.say(() => stream.end())
    end.done(this)
    if (ends === 'whole' && headers['connection'] === 'close') end.close('fin')
    else if (ends === 'fin') end.close('fin')
    else if (ends === 'rst' && end.protocol === 'h1') end.close('rst')
    else if (ends === 'rst') end.say(() => stream.reset(false))
  }

  private at(delay: number, action: () => void): void {
    const timer = this.runtime.after(delay, action)
    timer.hold(false)
    this.timers.push(timer)
  }
}
