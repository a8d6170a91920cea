/**
 * The server closes idle connections earlier than the client expects, so that calls meet one that is being closed. It shows
 * by rests of about the same length at different moments; a restart closes all at one moment, whatever their rest.
 */
import { sum } from '../counted.ts'
import { ownerOfPool, type OriginCase } from '../origin-case.ts'
import { RACES, RACES_WARN } from '../thresholds.ts'
import { suggest } from '../variables.ts'
import type { Finding, Suggestion } from '../verdict.ts'
import { count, duration, roundDown } from '../words.ts'

export function staleConnections(one: OriginCase): Finding | undefined {
  const { now, done, origin, client } = one
  const { serverIdle } = now
  const closes = done.serverCloses.count || sum(done.closed, ['server_closed'])
  const isShorter = serverIdle !== null && serverIdle < (one.pool.limits.idleTimeout ?? Infinity)
  // What it taught is heeded from then on: only where it happens still is something said of it.
  if (isShorter ? done.races + closes === 0 : done.races < RACES_WARN) return undefined
  const races =
    done.races < RACES
      ? ''
      : `; in the last ${duration(done.ms)} ${count(done.races, 'request')} met a closed connection and went again`
  return {
    ...{ kind: 'stale_connections', client, origin },
    level: done.races >= RACES_WARN ? 'warn' : 'info',
    text: `${serverText(one)}${races}`,
    cause: serverIdle === null ? 'server_closes' : 'idle_timeout',
    evidence: [
      ...(serverIdle === null
        ? []
        : [{ name: 'the server keeps idle connections', value: duration(serverIdle) }]),
      { name: 'we keep them', value: keptText(one) },
      { name: 'closed by the server', value: `${closes} in ${duration(done.ms)}` },
      { name: 'requests that met a closed connection', value: String(done.races) },
    ],
    suggestion: suggestionFor(one),
  }
}

function serverText(one: OriginCase): string {
  const { origin, now } = one
  return now.serverIdle === null
    ? `the server closes connections to ${origin} as requests go out on them`
    : `${origin} closes idle connections after about ${duration(now.serverIdle)}, and they are kept for ${keptText(one)}`
}

function keptText({ pool }: OriginCase): string {
  const { idleTimeout } = pool.limits
  return idleTimeout === null ? 'any time' : duration(idleTimeout)
}

function suggestionFor(one: OriginCase): Suggestion {
  const { serverIdle } = one.now
  if (serverIdle === null) {
    const text =
      'Look at the idle timeout of the server, and of whatever stands before it, and keep connections for less.'
    return { text }
  }
  return suggest(
    'Keep idle connections for less than the server does, or let the server name its time in a Keep-Alive header.',
    ownerOfPool(one),
    [{ option: 'idleTimeout', value: roundDown(serverIdle * 0.8), unit: 'ms' }],
  )
}
