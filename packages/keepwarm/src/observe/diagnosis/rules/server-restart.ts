/** All connections ended at one moment: the server, or what stands before it, was restarted. It mends itself. */
import { sum } from '../counted.ts'
import type { OriginCase } from '../origin-case.ts'
import { RESTART_CLOSES } from '../thresholds.ts'
import type { Finding } from '../verdict.ts'
import { count, duration } from '../words.ts'

export function serverRestart({ before, now, done, origin, client }: OriginCase): Finding | undefined {
  // While it is away it is not to be reached, and that is the verdict.
  const isBack = now.connections > 0 && now.dials.failedInARow === 0
  if (before === undefined || now.serverIdle !== null || !isBack) return undefined
  // When one is lost the pool gives up those that have idled since: they are gone, too.
  const ended = sum(done.closed, ['server_closed', 'reset', 'goaway', 'stale'])
  if (done.serverCloses.moments > 1) return undefined
  // Something ran on them, or was refused meanwhile: servers that close what is idle do neither.
  const hurt = (done.closed['reset'] ?? 0) + (done.dialsFailed['ECONNREFUSED'] ?? 0) + done.races
  if (ended < Math.max(RESTART_CLOSES, before.connections) || hurt === 0) return undefined
  // A server that closes after each answer ends more connections than there are at a time.
  if (ended > before.connections + done.opened / 2) return undefined
  return {
    kind: 'server_restart',
    level: 'info',
    client,
    origin,
    text:
      `${origin} ended ${count(ended, 'connection')} in the last ${duration(done.ms)}, all that there were: ` +
      `it seems to have been restarted, and is connected again`,
    cause: 'restart',
    evidence: [
      { name: 'connections ended by the server', value: `${ended} of ${before.connections}` },
      { name: 'opened since', value: String(done.opened) },
    ],
    suggestion: {
      text: 'Nothing to do if it was meant. A server that drains (GOAWAY, Connection: close) before it stops costs no call.',
    },
  }
}
