/** What must hold in every race, and for keepwarm besides. */
import { isOwn, type RaceArm } from './race-arms.ts'
import { modeTitles, type Race } from './race-plan.ts'
import type { RaceSample } from './race-program.ts'
import type { RaceCounts } from './race-server-program.ts'

export interface RaceResult extends Race, RaceCounts, RaceSample {
  readonly arm: RaceArm
}

/** @throws Error when the two ends disagree, so that the run says nothing */
export function checkRace(result: RaceResult): void {
  const { arm, kind, mode, requests, failures, processed, processedTwice, mixedUp, lost } = result
  const answered = requests - failures - mixedUp
  const what = `${arm}, ${kind}, ${modeTitles[mode]}`
  if (processed - processedTwice < answered)
    throw new Error(`${what}: ${answered} answers to ${processed} processed requests; the run is void`)
  // A pool that learns the server's timer may keep clear of it.
  if (lost === 0 && mode !== 'timer')
    throw new Error(`${what}: no race was run; the run is void. Make more requests.`)
}

/** What keepwarm promised and did not keep, in sentences. */
export function brokenLaws(result: RaceResult): string[] {
  const { arm, kind, mode, failures, processedTwice, arrivedTwice, mixedUp, untyped } = result
  if (!isOwn(arm)) return []
  const unkeyed = kind === 'unkeyed POST'
  const laws: [boolean, string][] = [
    [mixedUp === 0, `${mixedUp} answers belonged to other requests`],
    [unkeyed || failures === 0, `${failures} requests failed that may be sent twice`],
    [processedTwice === 0, `${processedTwice} requests were processed twice`],
    [!unkeyed || arrivedTwice === 0, `${arrivedTwice} requests arrived twice that may not`],
    [arm !== 'keepwarm HttpClient' || untyped === 0, `${untyped} failures were no KeepwarmError`],
  ]
  return laws
    .filter(([holds]) => !holds)
    .map(([, broken]) => `Broken: ${arm}, ${kind}, ${modeTitles[mode]}: ${broken}.`)
}
