/**
 * Our own event loop was held up: answers lay there and were not read, timers rang late. It looks like all services being
 * slow at once.
 */
import type { Situation } from '../situation.ts'
import { LOOP_ALWAYS_LATE, LOOP_CRITICAL, LOOP_WARN } from '../thresholds.ts'
import type { Finding } from '../verdict.ts'
import { duration, percent } from '../words.ts'

export function loopBlocked({ now }: Situation): Finding | undefined {
  const { loop, cpu } = now.process
  if (loop === null) return undefined
  const isAlways = loop.p50 >= LOOP_ALWAYS_LATE
  if (loop.max < LOOP_WARN && !isAlways) return undefined
  const often = isAlways ? `, half of the time by ${duration(loop.p50)} or more` : ''
  return {
    kind: 'loop_blocked',
    level: loop.max >= LOOP_CRITICAL || isAlways ? 'critical' : 'warn',
    client: null,
    origin: null,
    text:
      `the event loop was held up for up to ${duration(loop.max)}${often}: ` +
      'what clients measured is not the time of the services',
    cause: 'own_process',
    evidence: [
      { name: 'longest delay of the event loop', value: duration(loop.max) },
      { name: 'its 99th percentile', value: duration(loop.p99) },
      ...(cpu === null ? [] : [{ name: 'share of a core used', value: percent(cpu) }]),
    ],
    suggestion: {
      text:
        'Look in this process, not at the services: a profile shows what runs for so long (large JSON, synchronous file ' +
        'access or compression, a loop over much data). Move it to a worker, or cut it into parts.',
      code: 'node --cpu-prof server.js',
    },
  }
}
