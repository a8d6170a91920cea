/** Callers that call without a pause, each as chance has it; and the watch over their deadlines. */
import type { Chance } from '@keepwarm/cli/measuring'
import { choose, type ChaosCall } from './chaos-choose.ts'
import { openClients, type ChaosClients } from './chaos-clients.ts'
import type { Laws } from './chaos-laws.ts'
import { answerTo, hopeless, readPath, type Origins } from './chaos-plan.ts'
import { send, type ChaosAnswer } from './chaos-send.ts'
import { ChaosTally } from './chaos-tally.ts'

interface UnderWay {
  readonly call: ChaosCall
  /** When it must have settled, at the latest: its deadline, or the moment at which its caller left. */
  due: number
  attempts: number
  overdue: boolean
}

export class Traffic {
  readonly tally: ChaosTally = new ChaosTally()
  readonly clients: ChaosClients
  /** By how much a call outlived its deadline, at most, in ms. */
  worst = 0
  private readonly chance: Chance
  private readonly origins: Origins
  private readonly laws: Laws
  private readonly slack: number
  private readonly underWay = new Map<number, UnderWay>()
  private lastId = 0
  private stopped = false

  /** `slack`: by how many ms a call may outlive its deadline. */
  constructor(chance: Chance, origins: Origins, laws: Laws, slack: number) {
    this.chance = chance
    this.origins = origins
    this.laws = laws
    this.slack = slack
    this.clients = openClients((path) => {
      const known = this.underWay.get(readPath(path).id)
      if (known !== undefined) known.attempts++
    })
  }

  get calls(): number {
    return this.lastId
  }

  /** The calls that have not settled. */
  get unsettled(): ChaosCall[] {
    return [...this.underWay.values()].map(({ call }) => call)
  }

  /** Resolves when it was stopped and every caller has come back. */
  async run(callers: number): Promise<void> {
    const caller = async (): Promise<void> => {
      while (!this.stopped) await this.one(choose(this.chance, ++this.lastId))
    }
    await Promise.all(Array.from({ length: callers }, caller))
  }

  stop(): void {
    this.stopped = true
  }

  /** Looks for calls that should have settled. */
  checkDeadlines(): void {
    const now = performance.now()
    for (const known of this.underWay.values()) {
      const late = now - known.due
      if (known.overdue || late < this.slack) continue
      known.overdue = true
      this.laws.break('settles', `${JSON.stringify(known.call)} is unsettled ${Math.round(late)} ms later`)
    }
  }

  private async one(call: ChaosCall): Promise<void> {
    const known: UnderWay = { call, due: performance.now() + call.timeout, attempts: 0, overdue: false }
    this.underWay.set(call.id, known)
    const row = this.tally.of(call.fault)
    row.requests++
    const leaving = new AbortController()
    const timers = this.leave(known, leaving)
    try {
      const sent = send(call, this.clients, this.origins, leaving.signal)
      if (call.leavesAfter === 0) leave(known, leaving, LEFT)
      this.judge(call, await sent)
    } catch (error) {
      if (leaving.signal.reason === LEFT) row.left++
      else this.tally.failed(call.fault, leaving.signal.reason === LATE ? 'caller gave up' : codeOf(error))
    }
    for (const timer of timers) clearTimeout(timer)
    row.retries += Math.max(0, known.attempts - 1)
    this.worst = Math.max(this.worst, performance.now() - known.due)
    this.laws.hold(
      'settles',
      performance.now() - known.due < this.slack || known.overdue,
      () => `${JSON.stringify(call)} settled ${Math.round(performance.now() - known.due)} ms late`,
    )
    this.underWay.delete(call.id)
  }

  /** A bare pool knows no deadline for a call: there the caller keeps it. */
  private leave(known: UnderWay, leaving: AbortController): NodeJS.Timeout[] {
    const { way, leavesAfter, timeout } = known.call
    const timers: NodeJS.Timeout[] = []
    if (way === 'request' || way === 'dispatch' || way === 'leave')
      timers.push(setTimeout(() => leave(known, leaving, LATE), timeout))
    if (leavesAfter === -1) leave(known, leaving, LEFT)
    else if (leavesAfter !== undefined && leavesAfter > 0)
      timers.push(setTimeout(() => leave(known, leaving, LEFT), leavesAfter))
    return timers
  }

  private judge(call: ChaosCall, { status, id, body }: ChaosAnswer): void {
    const { fault, place } = call
    if (status !== 200) return this.tally.failed(fault, `status ${status}`)
    const whole = answerTo(call.id)
    const fits =
      body === undefined || body === whole || (fault === 'unsolicited' && body === whole.slice(0, 1_000))
    this.laws.hold(
      'belongs',
      fits && (id === undefined || id === String(call.id)),
      () =>
        `${JSON.stringify(call)} got x-id ${id} and ${JSON.stringify(body?.slice(0, 40))}, ${body?.length} bytes for ${whole.length}`,
    )
    this.laws.hold('impossible', !hopeless.has(fault), () => `${place} answered ${JSON.stringify(call)}`)
    this.tally.of(fault).answered++
  }
}

const LEFT = new Error('the caller left')
const LATE = new Error('the caller gave up')

function leave(known: UnderWay, leaving: AbortController, reason: Error): void {
  if (leaving.signal.aborted) return
  known.due = Math.min(known.due, performance.now())
  leaving.abort(reason)
}

/** An error's own code, or that of its cause: `fetch` hides them there. */
function codeOf(error: unknown): string {
  const { code, cause, name, status } = error as {
    code?: string
    cause?: { code?: string }
    name?: string
    status?: number
  }
  if (code === 'status') return `status ${status}`
  return (typeof code === 'string' ? code : undefined) ?? cause?.code ?? name ?? 'unknown'
}
