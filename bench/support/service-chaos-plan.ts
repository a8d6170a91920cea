/** The phases of the service's chaos: each upstream ill in each way, then all of them at once. */
import { faultNames } from '../../apps/intelligence/test/chaos/gate.ts'
import type { PhasePlan } from '../../apps/intelligence/test/chaos/phase.ts'
import { upstreamNames } from '../../apps/intelligence/src/upstreams/index.ts'

/** @param lasts milliseconds of each fault @param isQuick a few of them */
export function planOf(lasts: number, isQuick: boolean): PhasePlan[] {
  const single = upstreamNames.flatMap((name) =>
    faultNames.map((fault): PhasePlan => ({ upstreams: [name], fault, lasts })),
  )
  const all = { upstreams: upstreamNames, lasts } as const
  const together: PhasePlan[] = [
    { ...all, fault: 'dead' },
    { ...all, fault: 'hung' },
    { ...all, fault: 'dead', restart: 'SIGTERM' },
    { ...all, fault: 'dead', restart: 'SIGKILL' },
    { ...all, fault: 'hung', restart: 'SIGKILL' },
    { ...all, fault: 'flaky', restart: 'SIGKILL' },
  ]
  if (!isQuick) return [...single, ...together]
  return [{ upstreams: ['ollama'], fault: 'dead', lasts }, together[3]!]
}
