import type { ErrorCode, Phase, Sent } from '../errors.ts'

/** What an ending says about the server: nothing, when it was not the server's doing. */
export type Verdict = 'success' | 'failure' | 'ignored'

/** An error of ours (a `KeepwarmError` fits), or the status of a response. */
export type JudgedEnding =
  | { readonly code: ErrorCode; readonly sent?: Sent | undefined; readonly phase?: Phase | undefined }
  | { readonly status: number }

/**
 * What the ending of an attempt tells the breaker about the server.
 *
 * - Any answer below 500 is a success: whoever answers 404 is alive. 408 and 425 are failures in disguise.
 * - 429 is ignored. The server is well and asks for less; the retry budget and the limit listen to that.
 * - What we did ourselves (our queue was full, the caller left, the body did not please us) is ignored, which is not
 *   the same as a success: it must not close a half-open breaker.
 *
 * @example judge({ status: 503 }) // 'failure'
 * @example judge({ code: 'aborted' }) // 'ignored'
 */
export function judge(ending: JudgedEnding): Verdict {
  return 'status' in ending ? judgeStatus(ending.status) : judgeError(ending.code, ending.sent, ending.phase)
}

/** Whether the attempt ended without a connection: five of these in a row trip the breaker by themselves. */
export function isConnectFailure(ending: JudgedEnding): boolean {
  if ('status' in ending) return false
  return ending.code === 'connect' || (ending.code === 'attempt_timeout' && ending.phase === 'connect')
}

function judgeStatus(status: number): Verdict {
  if (status === 429) return 'ignored'
  return status >= 500 || status === 408 || status === 425 ? 'failure' : 'success'
}

function judgeError(code: ErrorCode, sent: Sent | undefined, phase: Phase | undefined): Verdict {
  if (code === 'attempt_timeout' && phase === 'wait') return 'ignored'
  // Before it was sent, the time was spent in our own queue or between two attempts.
  if (code === 'deadline') return sent === 'maybe' ? 'failure' : 'ignored'
  return serversDoing[code] ? 'failure' : 'ignored'
}

const serversDoing: Readonly<Record<Exclude<ErrorCode, 'deadline'>, boolean>> = {
  connect: true,
  reset: true,
  protocol: true,
  attempt_timeout: true,
  queue_full: false,
  acquire_timeout: false,
  breaker_open: false,
  aborted: false,
  body_too_large: false,
  decode: false,
  validation: false,
  status: false,
  closed: false,
  invalid_request: false,
  config: false,
}
