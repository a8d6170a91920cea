/** One process that reports. It is asked, and has a moment to answer; one that is busy is left out until it does. */
import type { Runtime, Timer } from '../clock.ts'
import type { OwnSight } from './collector.ts'
import { frame, type Answer, type Ask, type Hello, type Who } from './protocol.ts'

/** How long an answer may take, in ms: less than a tick. */
const PATIENCE = 700
/** Questions that may be open: of those who come, and of the tick. */
const MOST_OPEN = 32

interface Question {
  readonly timer: Timer
  readonly settle: (sight: OwnSight | undefined) => void
}

export class Peer {
  static readonly who: Who = { ...frame, type: 'who' }
  readonly id: string
  readonly pid: number
  readonly name: string
  /** Whether it left its last question unanswered. */
  silent = false
  private readonly runtime: Runtime
  private readonly send: (ask: Ask) => void
  private readonly open = new Map<number, Question>()
  private last = 0

  constructor({ id, pid, name }: Hello, runtime: Runtime, send: (ask: Ask) => void) {
    this.id = id
    this.pid = pid
    this.name = name
    this.runtime = runtime
    this.send = send
  }

  /** Undefined when it does not answer in time. Never rejects. */
  ask(since: number): Promise<OwnSight | undefined> {
    if (this.open.size >= MOST_OPEN) return Promise.resolve(undefined)
    const number = ++this.last
    return new Promise((settle) => {
      const timer = this.runtime.after(PATIENCE, () => {
        this.silent = true
        this.settle(number, undefined)
      })
      timer.hold(false)
      this.open.set(number, { timer, settle })
      this.send({ ...frame, type: 'ask', number, since })
    })
  }

  answered({ number, snapshot, rows, verdicts }: Answer): void {
    this.silent = false
    this.settle(number, { snapshot, rows, verdicts })
  }

  close(): void {
    for (const number of this.open.keys()) this.settle(number, undefined)
  }

  private settle(number: number, sight: OwnSight | undefined): void {
    const question = this.open.get(number)
    this.open.delete(number)
    question?.timer.cancel()
    question?.settle(sight)
  }
}
