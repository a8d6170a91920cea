/** Downloads that go on where they broke off: what a call makes of {@link ResumableDownload}. */
import type { DispatchOptions } from '../pool/lease.ts'
import { hasHeader } from '../pool/request-facts.ts'
import { notResumedText, ResumableDownload, type NotResumed } from '../retry/resume.ts'
import type { NamedError } from './foreign-errors.ts'
import type { Headers } from './host.ts'

/** What may go on; undefined where the answer does not allow it, or the caller asked for a part by itself. */
export function beginDownload(
  { method, headers: asked }: DispatchOptions,
  status: number,
  headers: Headers,
): ResumableDownload | undefined {
  return ResumableDownload.begin(method, hasHeader(asked, 'range'), status, headers)
}

/** It ended before its end. */
export function brokeOff(position: number): NamedError {
  const message = `the body ended after ${position} bytes, before its end`
  return { code: 'reset', phase: 'body', sent: 'maybe', cause: undefined, message }
}

/** It cannot go on. */
export function notResumed(why: NotResumed | 'not_yet', status: number, position: number): NamedError {
  const because =
    why === 'not_yet' ? `the server answered ${status} when it was asked for the rest` : notResumedText[why]
  const message = `the body broke off after ${position} bytes and was not resumed: ${because}`
  return { code: 'protocol', phase: 'body', sent: 'maybe', cause: undefined, message }
}
