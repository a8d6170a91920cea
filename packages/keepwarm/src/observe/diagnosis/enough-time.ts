import type { ClientCase } from './client-case.ts'
import { mean, quantile } from './counted.ts'
import { USUAL_SAMPLES } from './thresholds.ts'
import { roundUp } from './words.ts'

/** No shorter limit is suggested: a busy machine alone may take so long, in ms. */
const SHORTEST = 100

/**
 * A time limit for attempts, in ms, that ends none which is answered as usual: well above what nearly all of them took.
 * Undefined when too little is known of that, or calls end no later anyway.
 */
export function enoughTime({ usual, snapshot }: ClientCase): number | undefined {
  if (usual === null || usual.attempt.count < USUAL_SAMPLES) return undefined
  const { attempt } = usual
  const slowest = Math.max(2 * quantile(attempt, 0.99), 5 * mean(attempt.sum * 1_000, attempt.count))
  const enough = roundUp(Math.max(SHORTEST, slowest))
  return enough < (snapshot.settings.timeout ?? Infinity) ? enough : undefined
}
