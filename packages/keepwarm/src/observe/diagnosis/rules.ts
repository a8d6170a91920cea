/** What is looked for, in the order in which verdicts of one level are told: what explains most comes first. */
import type { Situation } from './situation.ts'
import type { Finding } from './verdict.ts'
import { bodyLeak } from './rules/body-leak.ts'
import { breakerFlapping } from './rules/breaker-flapping.ts'
import { breakerOpen } from './rules/breaker-open.ts'
import { churn } from './rules/churn.ts'
import { degraded } from './rules/degraded.ts'
import { dnsTls } from './rules/dns-tls.ts'
import { failing } from './rules/failing.ts'
import { hanging } from './rules/hanging.ts'
import { loopBlocked } from './rules/loop-blocked.ts'
import { heldBackByLimit, throttled } from './rules/overloaded.ts'
import { poolExhausted } from './rules/pool-exhausted.ts'
import { queueFull } from './rules/queue-full.ts'
import { retryStorm } from './rules/retry-storm.ts'
import { serverRestart } from './rules/server-restart.ts'
import { slowDependency, unanswered } from './rules/slow-dependency.ts'
import { staleConnections } from './rules/stale-connections.ts'
import { unreachable } from './rules/unreachable.ts'

type Rule = (situation: Situation) => (Finding | undefined)[]

const ofProcess =
  (rule: (situation: Situation) => Finding | undefined): Rule =>
  (situation) => [rule(situation)]
const each =
  <Of extends 'origins' | 'clients' | 'guards'>(
    what: Of,
    rule: (one: Situation[Of][number]) => Finding | undefined,
  ): Rule =>
  (situation) =>
    (situation[what] as readonly Situation[Of][number][]).map(rule)

const rules: readonly Rule[] = [
  ofProcess(loopBlocked),
  each('origins', serverRestart),
  each('origins', unreachable),
  each('origins', dnsTls),
  each('guards', breakerFlapping),
  each('guards', breakerOpen),
  each('origins', poolExhausted),
  each('origins', bodyLeak),
  each('origins', heldBackByLimit),
  each('origins', queueFull),
  each('origins', unanswered),
  each('origins', hanging),
  each('clients', slowDependency),
  each('clients', throttled),
  each('clients', retryStorm),
  each('clients', failing),
  each('origins', staleConnections),
  each('origins', churn),
  each('clients', degraded),
]

export function findingsIn(situation: Situation): Finding[] {
  return rules.flatMap((rule) => rule(situation).filter((finding) => finding !== undefined))
}
