/** Snapshots of the last minute, a few of them: whoever asks what is wrong needs to know what was before. */
import type { ProcessSnapshot } from './process-snapshot.ts'

/** Two that are kept lie at least so many ms apart, where nobody says. */
const APART = 5_000
/** What is older says little about now. */
const LONGEST = 60_000

export class PastSnapshots {
  private readonly kept: ProcessSnapshot[] = []
  private readonly apart: number

  constructor(apart: number = APART) {
    this.apart = apart
  }

  /** The clock of the machine may have been set back: what lies in the future then is forgotten. */
  add(snapshot: ProcessSnapshot): void {
    const { kept } = this
    while (kept.length > 0 && kept.at(-1)!.at > snapshot.at) kept.pop()
    if (kept.length > 0 && snapshot.at - kept.at(-1)!.at < this.apart) return
    kept.push(snapshot)
    while (kept.length > 2 && snapshot.at - kept[0]!.at > LONGEST) kept.shift()
  }

  /** Those of the last minute that were taken before this one; the one before, where nobody looked for longer. */
  before(now: ProcessSnapshot): readonly ProcessSnapshot[] {
    const past = this.kept.filter(({ at }) => at < now.at)
    const lately = past.filter(({ at }) => now.at - at <= LONGEST)
    return lately.length > 0 ? lately : past.slice(-1)
  }
}
