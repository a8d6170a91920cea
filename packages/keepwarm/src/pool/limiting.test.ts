/** What each ending is told to a limit that adapts. What only sockets show is in test/pool-adaptive-limit.test.ts. */
import { errors } from 'undici'
import { expect, test } from 'vitest'
import { KeepwarmError, type ErrorCode } from '../errors.ts'
import { SessionSilent } from './blame.ts'
import type { Lease } from './lease.ts'
import { Limiting } from './limiting.ts'

/** Written at 100, after it stood in line since `queuedAt`; now it is 130. */
function hear(act: (limiting: Limiting, lease: Lease) => void, facts: object = {}): [number, string][] {
  const heard: [number, string][] = []
  const core = {
    sampled: (_lease: Lease, rtt: number, outcome: string) => {
      heard.push([rtt, outcome])
      return false
    },
  }
  const host = { core, runtime: { now: () => 130, random: () => 0 }, carryOut: () => {} }
  const lease = { writtenAt: 100, queuedAt: 90, aborted: false, paused: false, reason: null, ...facts }
  act(new Limiting(host as unknown as ConstructorParameters<typeof Limiting>[0]), lease as unknown as Lease)
  expect(lease.writtenAt).toBe(-1)
  return heard
}

test.each([
  [200, undefined, 'success'],
  [304, undefined, 'success'],
  [404, undefined, 'success'],
  [429, undefined, 'overload'],
  [503, '0', 'overload'],
  [503, undefined, 'lost'],
  [502, undefined, 'lost'],
  [504, undefined, 'lost'],
  [500, undefined, undefined],
  [501, undefined, undefined],
  [408, undefined, undefined],
])('status %i with Retry-After %s: %s', (status, retryAfter, outcome) => {
  const heard = hear((limiting, lease) => limiting.answered(lease, status, retryAfter))
  expect(heard).toEqual(outcome === undefined ? [] : [[30, outcome]])
})

const coded = (code: string): Error => Object.assign(new Error('said so'), { code })

test.each([
  ['a reset', coded('ECONNRESET'), true],
  ['a closed socket', new errors.SocketError('other side closed'), true],
  ['a silent session', new SessionSilent('nothing arrives'), true],
  ['a timeout of undici', new errors.HeadersTimeoutError(), true],
  ['nonsense instead of a head', new errors.HTTPParserError('Expected HTTP/'), true],
  ['an HTTP/2 session that broke', coded('ERR_HTTP2_SESSION_ERROR'), true],
  [
    'what undici planned',
    new errors.InformationalError('HTTP/2: "GOAWAY" frame received with code 0'),
    false,
  ],
  ['an upload that failed', coded('ENOENT'), false],
  ['a generator that threw', new Error('mine'), false],
  ['the end of the pool', new KeepwarmError('closed', 'destroyed'), false],
])('%s', (_, error, isLost) => {
  expect(hear((limiting, lease) => limiting.ended(lease, error))).toEqual(isLost ? [[30, 'lost']] : [])
})

const byUs = (code: ErrorCode): Error => new KeepwarmError(code, 'over', { sent: 'maybe', phase: 'headers' })

test.each([
  ['the attempt took too long', { reason: byUs('attempt_timeout') }, true],
  ['the call did', { reason: byUs('deadline') }, true],
  ['the signal of the caller did', { reason: new DOMException('late', 'TimeoutError') }, true],
  [
    'it stood in our line for as long as it was with the server',
    { reason: byUs('deadline'), queuedAt: 70 },
    true,
  ],
  ['it stood in our line for longer', { reason: byUs('deadline'), queuedAt: 69 }, false],
  ['the reader had paused it', { reason: byUs('attempt_timeout'), paused: true }, false],
  ['the caller left', { reason: byUs('aborted') }, false],
  ['the caller left in its own words', { reason: new DOMException('bye', 'AbortError') }, false],
])('given up: %s', (_, facts, isLost) => {
  const aborted = { aborted: true, ...facts }
  const heard = hear((limiting, lease) => limiting.ended(lease, facts.reason as Error), aborted)
  expect(heard).toEqual(isLost ? [[30, 'lost']] : [])
})
