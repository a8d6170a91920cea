/** What errors say of the state of a client's pool and origins. A storm of errors makes few diagnoses. */
import type { ErrorCode } from '../errors.ts'
import type { Verdict } from '../verdict.ts'
import { diagnose } from './diagnosis/diagnose.ts'
import { explaining, isExplainable, type FailedCall } from './diagnosis/of-error.ts'
import { PastSnapshots } from './past-snapshots.ts'
import type { ProcessSnapshot } from './process-snapshot.ts'

/** What explains errors of a code explains others of it for so long, in ms. */
const FRESH = 1_000
/** In that time so many diagnoses are made at most: for errors of a code, so that none is left for another, and in all. */
const MOST_OF_CODE = 6
const MOST = 12
/** What is usual is looked at this often, in ms, while calls are made. */
const APART = 10_000

interface Explained {
  verdicts: readonly Verdict[]
  unexplained: number
  left: number
}

/** How it looks to the client at the moment. `now`: whether that is what is judged, or what is usual. */
export type LookAtClient = (what: 'now' | 'usual') => ProcessSnapshot

/**
 * There is no timer: a call that begins may find that what is usual was not looked at for long, and a call that fails that
 * a diagnosis is due. So a client that nobody uses does nothing, and one whose calls all fail makes twelve diagnoses a
 * second at most, and one a second for each code once it knows why.
 */
export class ErrorDiagnosis {
  /** Diagnoses so far. */
  made = 0
  private readonly look: LookAtClient
  private readonly past = new PastSnapshots(APART)
  /** The second that runs, of errors by their code. */
  private readonly codes = new Map<ErrorCode, Explained>()
  private secondEnds: number = -Infinity
  private left = 0
  private lookAt: number

  constructor(look: LookAtClient, now: number) {
    this.look = look
    this.lookAt = now + APART
  }

  /** A call begins. */
  began(now: number): void {
    if (now >= this.lookAt) this.remember(now)
  }

  /** What is usual is what was until now. */
  remember(now: number): void {
    this.lookAt = now + APART
    this.past.add(this.look('usual'))
  }

  /** Why it failed, as far as the state of things says; undefined where that says nothing of it. */
  of(failed: FailedCall, now: number): Verdict | undefined {
    if (!isExplainable(failed)) return undefined
    if (now >= this.secondEnds) this.beginSecond(now)
    const { code } = failed
    let known = this.codes.get(code)
    if (known === undefined)
      this.codes.set(code, (known = { verdicts: [], unexplained: 0, left: MOST_OF_CODE }))
    const why = explaining(known.verdicts, failed)
    if (why !== undefined) return why
    const isDue = this.left > 0 && known.left > 0 && isPowerOfTwo(++known.unexplained)
    return isDue ? this.ask(failed, known) : undefined
  }

  private beginSecond(now: number): void {
    this.codes.clear()
    this.left = MOST
    this.secondEnds = now + FRESH
  }

  private ask(failed: FailedCall, known: Explained): Verdict | undefined {
    this.left--
    known.left--
    this.made++
    const seen = this.look('now')
    const verdicts = diagnose(this.past.before(seen), seen)
    const why = explaining(verdicts, failed)
    if (why !== undefined) known.verdicts = verdicts
    return why
  }
}

/** The errors that begin a storm say too little: it is asked again when there are twice as many. */
function isPowerOfTwo(number: number): boolean {
  return (number & (number - 1)) === 0
}
