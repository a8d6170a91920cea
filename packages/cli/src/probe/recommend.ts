/** From what was found to settings of a client, each with its reason. */
import type { Findings } from './findings.ts'
import { agree } from './idle-verdict.ts'
import { milliseconds } from './words.ts'

/** One variable, without its prefix, as `keepwarm config` reads it. */
export interface Recommendation {
  readonly variable: string
  readonly value: string
  readonly reason: string
}

/** Longer than this an idle connection is of little use to anybody, in ms. */
const LONG_ENOUGH = 60_000

/** Time for two lost packets of a dial, which are sent again after 1 s and 3 s, in ms. */
const LOST_PACKETS = 4_000

/** A dial that takes so long is felt, in ms. */
const WORTH_DIALING_AHEAD = 10

export function recommend(findings: Findings): Recommendation[] {
  return [...idleSettings(findings), ...requestSettings(findings), ...dialSettings(findings)]
}

function idleSettings(findings: Findings): Recommendation[] {
  const { idle, protocol } = findings
  const expiry = (rest: number, reason: string): Recommendation => ({
    variable: 'KEEPALIVE_EXPIRY',
    value: asDuration(Math.min(rest, LONG_ENOUGH)),
    reason,
  })
  switch (idle.kind) {
    case 'closed':
      return [expiry(idle.after - margin(idle.after), closedReason(findings, idle))]
    case 'forgotten':
      return [
        expiry(
          idle.answeredAfter === 0 ? idle.lostAfter / 2 : idle.answeredAfter,
          `After ${milliseconds(idle.lostAfter)} of rest a request got no answer, and no end was seen: something on the way forgets connections. After ${milliseconds(idle.answeredAfter)} it still got one.`,
        ),
        ...(protocol === 'h2'
          ? [
              {
                variable: 'HTTP2_PING_AFTER',
                value: asDuration(idle.lostAfter / 4),
                reason: 'Pings keep a session from being forgotten.',
              },
            ]
          : []),
      ]
    case 'kept':
      return [
        expiry(
          idle.answeredAfter,
          `After ${milliseconds(idle.answeredAfter)} of rest it still answered; a longer rest was not tried, or is of little use.`,
        ),
      ]
    default:
      return []
  }
}

function closedReason(
  { hint }: Findings,
  idle: { readonly after: number; readonly most: number; readonly seen: number },
): string {
  const wrong =
    hint.timeout !== undefined && hint.timeout * 1_000 > idle.after + 500
      ? `, though its Keep-Alive header promises ${hint.timeout} s`
      : ''
  const sure = agree(idle) ? '' : ' The ends differ: they may have had another cause than a timeout.'
  return `The server closes after ${milliseconds(idle.after)} of rest${wrong}; a client that lets go before meets no end.${sure}`
}

/** A second, or a tenth of a long rest, and never more than half. */
function margin(after: number): number {
  return Math.min(after / 2, Math.max(1_000, after / 10))
}

/** A server that says so needs no setting: its last answer is heeded. */
function requestSettings({ limit }: Findings): Recommendation[] {
  if (limit?.reached !== true || limit.answered < 2) return []
  if (limit.by === 'connection: close' || limit.by === 'goaway') return []
  const least = Math.min(limit.answered, limit.again ?? limit.answered)
  const reason = `The server ends a connection after ${least} requests without a word; the next one could meet that.`
  return [{ variable: 'MAX_REQUESTS_PER_CONNECTION', value: String(least), reason }]
}

function dialSettings({ handshake, addresses }: Findings): Recommendation[] {
  const dial = (addresses.dns ?? 0) + handshake.tcp + (handshake.tls ?? 0)
  const value = asDuration(Math.ceil(Math.max(LOST_PACKETS, dial * 10) / 1_000) * 1_000)
  const connect = `A dial takes ${milliseconds(dial)}; this leaves time for two lost packets, sent again after 1 s and 3 s.`
  const ahead = `Dialed before the first call, which is then ${milliseconds(dial)} faster.`
  return [
    { variable: 'CONNECT_TIMEOUT', value, reason: connect },
    ...(dial >= WORTH_DIALING_AHEAD ? [{ variable: 'WARM_UP', value: '1', reason: ahead }] : []),
  ]
}

/** Rounded down, to what is easily read: whole seconds from 10 s on, tenths below, and 50 ms below a second. */
function asDuration(rest: number): string {
  if (rest >= 10_000) return `${Math.floor(rest / 1_000)}s`
  if (rest >= 1_000) return `${Math.floor(rest / 100) / 10}s`
  const step = rest >= 100 ? 50 : 1
  return `${Math.max(1, Math.floor(rest / step) * step)}ms`
}

/** A block for a file such as `.env`. */
export function envBlock(recommendations: readonly Recommendation[], prefix: string): string {
  return recommendations
    .map(({ variable, value, reason }) => `# ${reason}\n${prefix}_${variable}=${value}`)
    .join('\n')
}
