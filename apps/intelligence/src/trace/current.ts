/** On whose behalf the present code runs: a request, or a document that a request brought. */
import { AsyncLocalStorage } from 'node:async_hooks'
import { randomBytes, randomUUID } from 'node:crypto'
import type { Hooks } from 'keepwarm'
import { nextSpan, readTraceparent, writeTraceparent, type TraceContext } from './traceparent.ts'

export interface Work {
  /** Told to the caller, and to every upstream that is asked because of it. */
  readonly requestId: string
  readonly trace: TraceContext
}

const current = new AsyncLocalStorage<Work>()

/** Undefined outside of any request. */
export function currentWork(): Work | undefined {
  return current.getStore()
}

export function runAs<Result>(work: Work, run: () => Result): Result {
  return current.run(work, run)
}

/** What a request is part of. A request id that is too long or odd is not taken over: it would stand in logs. */
export function workOf(headers: {
  readonly traceparent?: string | undefined
  readonly requestId?: string | undefined
}): Work {
  const { requestId = '' } = headers
  return {
    requestId: /^[\w.:-]{1,128}$/.test(requestId) ? requestId : randomUUID(),
    trace: nextSpan(readTraceparent(headers.traceparent), randomBytes),
  }
}

/** As text, to be kept with a document until it is indexed, perhaps by another process. */
export function keepWork({ requestId, trace }: Work): { requestId: string; traceparent: string } {
  return { requestId, traceparent: writeTraceparent(trace) }
}

/** Tells upstreams whose request it is: each attempt is a part of the trace of its own. */
export const tellTrace: Hooks = {
  beforeRequest({ headers }) {
    const work = current.getStore()
    if (work === undefined || headers.has('traceparent')) return
    headers.set('traceparent', writeTraceparent(nextSpan(work.trace, randomBytes)))
    headers.set('x-request-id', work.requestId)
  },
}
