/** The bare end of a dispatcher: what a handler heard, in order. */
import { text } from 'node:stream/consumers'
import { request, type Dispatcher } from 'undici'

export interface Heard {
  /** Names of the callbacks, in order. */
  readonly calls: string[]
  controller: Dispatcher.DispatchController | undefined
  status: number
  body: string
  error: Error | undefined
}

/** Dispatches and listens; `done` resolves after the end, whichever it was. */
export function listen(
  dispatcher: Dispatcher,
  options: Dispatcher.DispatchOptions,
  more: Partial<Dispatcher.DispatchHandler> = {},
): { heard: Heard; done: Promise<Heard>; accepted: boolean } {
  const heard: Heard = { calls: [], controller: undefined, status: 0, body: '', error: undefined }
  const { promise, resolve } = Promise.withResolvers<Heard>()
  const accepted = dispatcher.dispatch(options, {
    ...more,
    onRequestStart(controller, context) {
      heard.calls.push('start')
      heard.controller = controller
      more.onRequestStart?.(controller, context)
    },
    onResponseStart(controller, status, headers, statusText) {
      heard.calls.push('headers')
      heard.status = status
      more.onResponseStart?.(controller, status, headers, statusText)
    },
    onResponseData(controller, chunk) {
      heard.body += chunk.toString()
      more.onResponseData?.(controller, chunk)
    },
    onResponseEnd(controller, trailers) {
      heard.calls.push('end')
      resolve(heard)
      more.onResponseEnd?.(controller, trailers)
    },
    onResponseError(controller, error) {
      heard.calls.push('error')
      heard.error = error
      resolve(heard)
      more.onResponseError?.(controller, error)
    },
  })
  return { heard, done: promise, accepted }
}

/** A GET read to its end. */
export async function get(dispatcher: Dispatcher, url: string, signal?: AbortSignal): Promise<string> {
  const { body } = await request(url, { dispatcher, ...(signal && { signal }) })
  return text(body)
}
