/** How the figures of a client are kept. */
import { bucketPresets, MOST_BUCKETS, type Buckets } from '../observe/buckets.ts'
import type { ConfigProblem } from '../errors.ts'
import { namesOf, optionProblems } from '../known-options.ts'

export interface MetricsOptions {
  /**
   * How the histograms of durations are divided: `default` for services, from 5 ms to 10 s; `generations` for servers of
   * language models, up to 10 minutes; or upper bounds in seconds, growing, at most 100. Default `default`.
   */
  readonly buckets?: Buckets
}

const names = namesOf<MetricsOptions>({ buckets: true })

/** What is wrong with the option; nothing where it is not given. */
export function metricsProblems(metrics: unknown): readonly ConfigProblem[] {
  if (metrics === undefined) return []
  const problems = optionProblems(metrics, names, 'metrics')
  if (problems.length > 0) return problems
  const { buckets } = metrics as { buckets?: unknown }
  if (buckets === undefined || (bucketPresets as readonly unknown[]).includes(buckets) || areBounds(buckets))
    return []
  const received = Array.isArray(buckets)
    ? `[${buckets.slice(0, 5).join(', ')}${buckets.length > 5 ? ', …' : ''}]`
    : (JSON.stringify(buckets) ?? typeof buckets)
  const expected = `${bucketPresets.join(', ')}, or 1 to ${MOST_BUCKETS} upper bounds in seconds above 0, growing, such as [0.1, 1, 10]`
  return [{ variable: 'metrics.buckets', received, expected }]
}

function areBounds(buckets: unknown): boolean {
  return (
    Array.isArray(buckets) &&
    buckets.length > 0 &&
    buckets.length <= MOST_BUCKETS &&
    buckets.every((bound, index) => Number.isFinite(bound) && bound > (index === 0 ? 0 : buckets[index - 1]))
  )
}
