/** Connections are opened, serve a request or two, and are closed again: each call pays for a dial. */
import { sum } from '../counted.ts'
import { connectionLimit, ownerOfPool, type OriginCase } from '../origin-case.ts'
import { CHURN_REQUESTS, CHURN_SAMPLES, CHURN_TURNS } from '../thresholds.ts'
import { suggest, type Setting } from '../variables.ts'
import type { Finding, Suggestion } from '../verdict.ts'
import { count, duration, largest, listed, rate, roundUp } from '../words.ts'

export function churn(one: OriginCase): Finding | undefined {
  const { before, now, done, origin, client } = one
  const { dial_failed: _, ...reasons } = done.closed
  const closed = sum(reasons)
  const { ms } = done
  const opened = done.opened - done.dialedAhead
  if (Math.min(opened, closed) < CHURN_SAMPLES) return undefined
  const perConnection = done.requests / opened
  if (perConnection > CHURN_REQUESTS) return undefined
  // One burst opens many and closes them again, once.
  const atOnce = Math.max(1, now.connections, before?.connections ?? 0)
  const [why, most] = largest(reasons)[0]!
  const isBurst = why === 'idle_limit' && opened < 2 * connectionLimit(one).most
  if (opened < CHURN_TURNS * Math.min(atOnce, CHURN_SAMPLES) || isBurst) return undefined
  return {
    ...{ kind: 'churn', level: 'warn', client, origin, cause: why },
    text:
      `connections to ${origin} are hardly reused: ${rate(opened / (ms / 1_000))} opened over the last ${duration(ms)}, ` +
      `${perConnection.toFixed(1)} requests on each; ${reasonText[why] ?? `closed by ${why}`} (${most} of ${closed})`,
    evidence: [
      { name: 'opened', value: `${opened} in ${duration(ms)}` },
      { name: 'requests on each', value: perConnection.toFixed(1) },
      { name: 'closed, by reason', value: listed(reasons, 5) },
      ...(done.dials.count > 0
        ? [{ name: 'a dial', value: duration(done.dials.total / done.dials.count) }]
        : [{ name: 'connections now', value: count(now.connections, 'connection') }]),
    ],
    suggestion: suggestionFor(why, one),
  }
}

const reasonText: Readonly<Record<string, string>> = {
  connection_close: 'the server says Connection: close',
  server_closed: 'the server closes them',
  reset: 'they are reset',
  idle: 'they are closed because they were idle',
  idle_limit: 'more are idle than may be kept',
  keep_alive_hint: 'the Keep-Alive header of the server allows no longer',
  requests: 'each may serve only so many requests',
  age: 'they reach their age',
  aborted: 'callers leave while an answer comes, which ends the connection',
  evicted: 'other origins need their place',
}

function suggestionFor(why: string, one: OriginCase): Suggestion {
  const advice = setting[why]
  if (advice !== undefined) return suggest(advice.text, ownerOfPool(one), [advice.of(one)])
  const text =
    why === 'aborted'
      ? 'Find out why callers leave: timeouts that are too short, or users who do not want the answer any more.'
      : 'Let the server, or the proxy before it, keep connections alive: it closes them after each answer or soon after.'
  return { text }
}

/** Where an option of ours is the reason. */
const setting: Readonly<Record<string, { text: string; of: (one: OriginCase) => Setting }>> = {
  idle_limit: {
    text: 'Keep as many idle connections as are needed at once.',
    of: ({ pool, now, done }) => {
      const needed = Math.min(pool.maxConnections, now.connections + done.opened / 4)
      return { option: 'maxIdleConnections', value: roundUp(Math.max(pool.maxIdleConnections + 1, needed)) }
    },
  },
  evicted: {
    text: 'Allow more connections in all, so that origins need not take them from each other.',
    of: ({ pool }) => ({ option: 'maxConnections', value: roundUp(pool.maxConnections * 1.5) }),
  },
  requests: {
    text: 'Let a connection serve more requests.',
    of: () => ({ option: 'maxRequestsPerConnection', value: 1_000 }),
  },
  idle: {
    text: 'Keep idle connections for longer, but for less than the server does.',
    of: () => ({ option: 'idleTimeout', value: 15_000, unit: 'ms' }),
  },
  age: {
    text: 'Let connections grow older.',
    of: () => ({ option: 'maxConnectionAge', value: 300_000, unit: 'ms' }),
  },
}
