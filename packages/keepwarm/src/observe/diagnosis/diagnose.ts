import type { ProcessSnapshot } from '../process-snapshot.ts'
import { sum } from './counted.ts'
import { merge } from './merge.ts'
import { findingsIn } from './rules.ts'
import { situationOf, type Situation } from './situation.ts'
import { severity, type Finding, type Verdict } from './verdict.ts'
import { count, rate } from './words.ts'

/**
 * What is wrong with a process's clients and why, worst first: causes, each with what it brings about. When nothing needs
 * attention there is one that says so (`healthy`), beside what is merely worth knowing (`info`).
 *
 * It has no state: all it knows is in the snapshots. What happened between them is compared with what their clients did
 * before, so the first should be 10 to 60 seconds older than the second; closer together there are too few calls to say
 * much, and what is further apart is history. Of several, each client is compared with the youngest that is ten seconds
 * old and since which it had 50 calls, or with the oldest. Without `before` only what can be seen at the moment is judged,
 * and the figures since they began, when that is less than five minutes ago. A snapshot of another process is not looked
 * at.
 *
 * @param before one earlier snapshot, or several in any order.
 * @example
 * const before = observed.snapshot()
 * await setTimeout(10_000)
 * for (const { level, text } of diagnose(before, observed.snapshot())) console.log(level, text)
 */
export function diagnose(
  before: ProcessSnapshot | readonly ProcessSnapshot[] | undefined,
  now: ProcessSnapshot,
): Verdict[] {
  const situation = situationOf(before, now)
  const verdicts = merge(findingsIn(situation), now.process.loop).map(verdictOf)
  const isWell = verdicts.every(({ level }) => level === 'info')
  return [...verdicts, ...(isWell ? [healthy(situation)] : [])].sort(
    (one, other) => severity[other.level] - severity[one.level],
  )
}

function verdictOf(finding: Finding): Verdict {
  const { timing: _, ...verdict } = finding
  return verdict
}

function healthy({ now, clients }: Situation): Verdict {
  const perSecond = clients.reduce(
    (all, { done }) => all + (done.ms === 0 ? 0 : done.started / (done.ms / 1_000)),
    0,
  )
  const isTold = clients.some(({ done }) => done.ms > 0)
  const waiting = now.pools.reduce((all, pool) => all + pool.waiting, 0)
  const connections = now.pools.reduce((all, pool) => all + pool.connections, 0)
  const calls = isTold ? `, ${rate(perSecond)} calls` : ''
  return {
    kind: 'healthy',
    level: 'ok',
    client: null,
    origin: null,
    text: `nothing is wrong: ${count(clients.length, 'client')}${calls}, ${count(connections, 'connection')}, ${waiting} waiting`,
    evidence: [
      { name: 'clients', value: String(clients.length) },
      {
        name: 'calls that ended',
        value: String(sum(Object.fromEntries(clients.map(({ done }, i) => [i, done.judged])))),
      },
      { name: 'connections', value: String(connections) },
      { name: 'waiting', value: String(waiting) },
    ],
    suggestion: null,
  }
}
