/**
 * A few requests that nobody answers. A client that is called seldom has no ten of them under way, so that nothing could
 * be counted: but every one that waits has waited many times as long as the slowest usually take.
 */
import { mean, quantile } from '../counted.ts'
import type { OriginCase } from '../origin-case.ts'
import { FEW_UNANSWERED, FEW_UNANSWERED_AFTER, UNANSWERED_FACTOR, USUAL_SAMPLES } from '../thresholds.ts'
import type { Finding } from '../verdict.ts'
import { count, duration } from '../words.ts'

export function hanging(one: OriginCase): Finding | undefined {
  const { holders, usual, origin, client, now } = one
  if (usual === null || usual.use.count < USUAL_SAMPLES || holders.length < FEW_UNANSWERED) return undefined
  const usually = mean(usual.use.total, usual.use.count)
  const enough = Math.max(FEW_UNANSWERED_AFTER, usually * UNANSWERED_FACTOR, 2 * slowest(one))
  if (!holders.every(({ phase, heldFor }) => phase === 'headers' && heldFor >= enough)) return undefined
  const shortest = Math.min(...holders.map(({ heldFor }) => heldFor))
  const [oldest] = holders
  return {
    kind: 'slow_dependency',
    level: now.inFlight > holders.length ? 'warn' : 'critical',
    client,
    origin,
    text:
      `${origin} has not answered ${count(holders.length, 'request')} that it has had for ${duration(shortest)} and more, ` +
      `which usually takes ${duration(usually)}`,
    cause: 'slow_dependency',
    evidence: [
      { name: 'under way', value: String(now.inFlight) },
      { name: 'the oldest', value: `${oldest!.method} ${oldest!.path}, for ${duration(oldest!.heldFor)}` },
      { name: 'usual time of a request', value: duration(usually) },
    ],
    suggestion: { text: 'Look at the service: it takes requests, and does not answer them.' },
    timing: shortest,
  }
}

/** What is held open for long as a matter of course, such as long polls, is among the slowest hundredth. */
function slowest({ clients }: OriginCase): number {
  return Math.max(0, ...clients.map(({ usual }) => (usual === null ? 0 : quantile(usual.attempt, 0.99))))
}
