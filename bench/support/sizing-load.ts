/** A day's load, made once and the same for every pool that has to carry it: when requests come, how long each takes. */

export interface LoadShape {
  /** How long the day is, in ms. */
  readonly lasts: number
  /** Requests a second in the busiest hours, without a burst. */
  readonly peak: number
  /** How often half of that comes on top, at a moment by chance. */
  readonly bursts: number
  /** How long a burst is, in ms: from, to. */
  readonly burst: readonly [least: number, most: number]
}

export interface Load {
  readonly lasts: number
  /** When each request comes, in ms. */
  readonly arrivals: readonly number[]
  /** How long the server takes for it, in ms. */
  readonly services: readonly number[]
}

/** Nobody comes in the first moment: a pool of a fixed size opens its connections then. */
const calm = 1_000

/** Share of the peak by the hour: night, morning ramp, lunch, a busy afternoon, evening. */
const curve: readonly (readonly [hour: number, share: number])[] = [
  [0, 0.06],
  [5, 0.04],
  [7, 0.15],
  [9, 0.85],
  [10.5, 1],
  [12, 0.9],
  [12.5, 0.55],
  [13.5, 0.6],
  [14.5, 0.95],
  [16, 1],
  [18, 0.6],
  [20, 0.4],
  [22, 0.2],
  [24, 0.06],
]

/** Of the peak, in a day that goes from 0 to 1. */
function shareAt(moment: number): number {
  const hour = moment * 24
  const next = curve.findIndex(([at]) => at > hour)
  if (next < 1) return curve[next === 0 ? 0 : curve.length - 1]![1]
  const [[from, before], [to, after]] = [curve[next - 1]!, curve[next]!]
  return before + ((after - before) * (hour - from)) / (to - from)
}

/** Poisson arrivals at the rate of the moment. */
export function dayOfLoad(chance: Chance, { lasts, peak, bursts, burst }: LoadShape): Load {
  const moments = Array.from({ length: bursts }, () => {
    const from = chance.between(calm, lasts)
    return { from, to: from + chance.between(...burst) }
  })
  const share = (now: number): number =>
    shareAt(now / lasts) + (moments.some(({ from, to }) => now >= from && now < to) ? 0.5 : 0)
  const arrivals: number[] = []
  const services: number[] = []
  // Candidates come at the greatest rate there is; each is taken with the chance that its own moment gives it.
  const gap = (): number => (-Math.log(1 - chance.next()) * 1_000) / (peak * 1.5)
  for (let now = calm + gap(); now < lasts; now += gap()) {
    if (!chance.happens(share(now) / 1.5)) continue
    arrivals.push(now)
    services.push(serviceTime(chance))
  }
  return { lasts, arrivals, services }
}

/** Lognormal: half take less than 50 ms, one in a hundred more than 160 ms. */
function serviceTime(chance: Chance): number {
  const radius = Math.sqrt(-2 * Math.log(1 - chance.next()))
  return 50 * Math.exp((radius * Math.cos(2 * Math.PI * chance.next())) / 2)
}
import type { Chance } from '@keepwarm/cli/measuring'
