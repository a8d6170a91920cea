/** Whether requests are told by us, or by somebody who instruments undici. */
import { channel } from 'node:diagnostics_channel'
import { diag } from '@opentelemetry/api'
import type { WhoseRequests } from './options.ts'

const undiciRequests = channel('undici:request:create')

/** Asked with each attempt, for others may begin to listen at any time. */
export function whoseRequests(mode: WhoseRequests): () => boolean {
  let told = false
  return () => {
    if (mode !== 'auto') return mode === 'always'
    if (!undiciRequests.hasSubscribers) return true
    if (!told) {
      diag.info(
        'keepwarm: something else instruments undici, so its spans and http.client.request.duration stand for ' +
          "requests; say requests: 'always' to have keepwarm's besides",
      )
      told = true
    }
    return false
  }
}

/**
 * For `ignoreRequestHook` of `instrumentation-undici`: true for requests that carry the context of a trace already, as
 * those of an instrumented client do. So keepwarm tells of its own requests and that of all others, with
 * `requests: 'always'`.
 *
 * @example new UndiciInstrumentation({ ignoreRequestHook: carriesTrace })
 */
export function carriesTrace(request: { readonly headers?: unknown }): boolean {
  const { headers } = request
  if (Array.isArray(headers)) return headers.some((name, i) => i % 2 === 0 && isTrace(name))
  return typeof headers === 'string' && headers.split('\r\n').some((line) => isTrace(line.split(':', 1)[0]))
}

function isTrace(name: unknown): boolean {
  return typeof name === 'string' && name.toLowerCase() === 'traceparent'
}
