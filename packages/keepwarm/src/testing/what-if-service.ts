/** How long a modelled upstream works on a request. */
import type { ServiceTime } from './queueing-server.ts'

export { bimodal, exponential, type ServiceTime } from './queueing-server.ts'

/** Of a normal distribution: what all but a hundredth are below. */
const NINETY_NINTH = 2.326_347_874

/**
 * Most requests take about the median, few very much longer, as it is with most services.
 *
 * @param median in ms: half of the requests take less
 * @param p99 in ms: one in a hundred takes longer
 * @throws RangeError unless `0 < median <= p99`
 * @example { slots: 30, service: lognormal(80, 400) }
 */
export function lognormal(median: number, p99: number): ServiceTime {
  if (!(median > 0 && p99 >= median && Number.isFinite(p99)))
    throw new RangeError(
      `lognormal(${median}, ${p99}): it takes a median above 0 and a p99 from the median on`,
    )
  const spread = Math.log(p99 / median) / NINETY_NINTH
  return (random) => median * Math.exp(spread * normal(random))
}

/** Box and Muller. */
function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}
