/** A handler that pauses and resumes as it reads, and hears a signal: nearer to the pool than `request` is. */
import type { Dispatcher } from 'undici'
import type { ChaosAnswer } from './chaos-send.ts'

type Controller = Dispatcher.DispatchController
type Headers = Parameters<NonNullable<Dispatcher.DispatchHandler['onResponseStart']>>[2]

export class RestlessReader implements Dispatcher.DispatchHandler {
  private readonly signal: AbortSignal
  private readonly resolve: (answer: ChaosAnswer) => void
  private readonly reject: (error: Error) => void
  private readonly chunks: Buffer[] = []
  private status = 0
  private id: string | undefined
  private leave = (): void => {}

  constructor(signal: AbortSignal, resolve: (answer: ChaosAnswer) => void, reject: (error: Error) => void) {
    this.signal = signal
    this.resolve = resolve
    this.reject = reject
  }

  onRequestStart(controller: Controller): void {
    this.leave = () => controller.abort(this.signal.reason as Error)
    if (this.signal.aborted) this.leave()
    else this.signal.addEventListener('abort', this.leave, { once: true })
  }

  onResponseStart(_controller: Controller, status: number, headers: Headers): void {
    if (status < 200) return
    this.status = status
    const id = headers['x-id']
    this.id = Array.isArray(id) ? id[0] : id
  }

  onResponseData(controller: Controller, chunk: Buffer): void {
    this.chunks.push(chunk)
    if (this.chunks.length % 2 === 0) return
    controller.pause()
    setTimeout(() => controller.resume(), chunk.length % 7)
  }

  onResponseEnd(): void {
    this.done()
    this.resolve({ status: this.status, id: this.id, body: Buffer.concat(this.chunks).toString('utf8') })
  }

  onResponseError(_controller: Controller, error: Error): void {
    this.done()
    this.reject(error)
  }

  private done(): void {
    this.signal.removeEventListener('abort', this.leave)
  }
}
