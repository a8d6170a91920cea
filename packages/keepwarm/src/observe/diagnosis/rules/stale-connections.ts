/**
 * The server closes idle connections earlier than the client expects, so that calls meet one that is being closed. It shows
 * by rests of about the same length at different moments; a restart closes all at one moment, whatever their rest.
 */
import { sum } from '../counted.ts'
import { ownerOfPool, type OriginCase } from '../origin-case.ts'
import { RACES, RACES_WARN } from '../thresholds.ts'
import { suggest } from '../variables.ts'
import type { Finding } from '../verdict.ts'
import { count, duration, roundDown } from '../words.ts'

export function staleConnections(one: OriginCase): Finding | undefined {
  const { now, done, origin, client } = one
  const serverKeeps = now.serverIdle ?? undefined
  const weKeep = one.pool.limits.idleTimeout ?? Infinity
  const closes = done.serverCloses.count || sum(done.closed, ['server_closed'])
  const isShorter = serverKeeps !== undefined && serverKeeps < weKeep
  // What it taught is heeded from then on: only where it happens still is something said of it.
  if (isShorter ? done.races + closes === 0 : done.races < RACES_WARN) return undefined
  const met =
    done.races < RACES
      ? ''
      : `; in the last ${duration(done.ms)} ${count(done.races, 'request')} met a closed connection and went again`
  const measured =
    serverKeeps === undefined
      ? `the server closes connections to ${origin} as requests go out on them`
      : `${origin} closes idle connections after about ${duration(serverKeeps)}, and they are kept for ${duration(weKeep)}`
  return {
    kind: 'stale_connections',
    level: done.races >= RACES_WARN ? 'warn' : 'info',
    client,
    origin,
    text: measured + met,
    cause: serverKeeps === undefined ? 'server_closes' : 'idle_timeout',
    evidence: [
      ...(serverKeeps === undefined
        ? []
        : [{ name: 'the server keeps idle connections', value: duration(serverKeeps) }]),
      { name: 'we keep them', value: duration(weKeep) },
      { name: 'closed by the server', value: `${closes} in ${duration(done.ms)}` },
      { name: 'requests that met a closed connection', value: String(done.races) },
    ],
    suggestion:
      serverKeeps === undefined
        ? {
            text: 'Look at the idle timeout of the server, and of whatever stands before it, and keep connections for less.',
          }
        : suggest(
            'Keep idle connections for less than the server does, or let the server name its time in a Keep-Alive header.',
            ownerOfPool(one),
            [{ option: 'idleTimeout', value: roundDown(serverKeeps * 0.8), unit: 'ms' }],
          ),
  }
}
