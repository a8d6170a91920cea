/** The least that a caller can do with a dispatcher: a handler that collects the body, and one promise. */
import type { Dispatcher } from 'undici'

export function dispatchText(dispatcher: Dispatcher, origin: string): Promise<string> {
  return collectText(dispatcher, { origin, path: '/', method: 'GET' })
}

/** The same for any request. */
export function collectText(dispatcher: Dispatcher, options: Dispatcher.DispatchOptions): Promise<string> {
  return new Promise((resolve, reject) => {
    dispatcher.dispatch(options, new TextCollector(resolve, reject))
  })
}

class TextCollector implements Dispatcher.DispatchHandler {
  private readonly resolve: (text: string) => void
  private readonly reject: (error: Error) => void
  private readonly chunks: Buffer[] = []

  constructor(resolve: (text: string) => void, reject: (error: Error) => void) {
    this.resolve = resolve
    this.reject = reject
  }

  onRequestStart(): void {}
  onResponseStart(): void {}
  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    this.chunks.push(chunk)
  }
  onResponseEnd(): void {
    const whole = this.chunks.length === 1 ? this.chunks[0]! : Buffer.concat(this.chunks)
    this.resolve(whole.toString('utf8'))
  }
  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    this.reject(error)
  }
}
