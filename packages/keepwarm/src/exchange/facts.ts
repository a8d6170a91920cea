/**
 * What is known of a call besides its answer, made when somebody asks: while it runs nothing is kept for it but a few
 * numbers, on objects that are there anyway.
 */
import type { CallTimings, ConnectionFacts, ConnectTimings } from '../call-facts.ts'
import type { AttemptRecord } from '../errors.ts'
import type { AttemptTimings } from '../observe/events.ts'
import type { Slot } from '../pool/entities.ts'
import type { Course } from './course.ts'
import { NEVER, type Stake } from './stake.ts'

/** Both, as errors carry them. */
export function factsOf(course: Course): { timings: CallTimings; connection: ConnectionFacts | undefined } {
  return { timings: timingsOf(course), connection: connectionOf(course) }
}

/** Where the time went, until now or the end. */
export function timingsOf(course: Course): CallTimings {
  const { clock, ledger } = course
  const { stake } = ledger
  const total = (clock.endedAt ?? clock.now) - clock.startedAt
  if (stake.attempt === 0) return { before: total, queued: 0, total }
  const before = stake.begunAt - clock.startedAt
  return { before, ...attemptTimings(stake, endOf(course), clock.stage === 'wait'), total }
}

/** @param waits also what lost its connection, and waits again */
export function attemptTimings(stake: Stake, until: number, waits: boolean): AttemptTimings {
  const { begunAt, slot, wiredAt } = stake
  if (wiredAt === NEVER || waits) return { queued: until - begunAt }
  const wasDialed = slot !== null && slot.dialedAt >= begunAt
  return {
    queued: wiredAt - begunAt,
    ...(wasDialed && { connect: dialTimings(slot) }),
    ...exchanged(stake, until),
  }
}

/** An answer may come before the whole request was written, which is then not waited for. */
function exchanged(
  { wiredAt, sentAt, answeredAt }: Stake,
  until: number,
): Pick<CallTimings, 'send' | 'headers' | 'download'> {
  const isAnswered = answeredAt !== NEVER
  const isSent = sentAt !== NEVER
  const sent = Math.min(isSent ? sentAt : Infinity, isAnswered ? answeredAt : Infinity, until)
  if (!isAnswered) return { send: sent - wiredAt, ...(isSent && { headers: until - sent }) }
  return { send: sent - wiredAt, headers: answeredAt - sent, download: until - answeredAt }
}

/** When the attempt was over: that of a call which pauses ended before it. */
function endOf({ clock, ledger: { stake, attempts } }: Course): number {
  if (stake.underWay !== 0) return clock.endedAt ?? clock.now
  const record = attempts.findLast(({ number }) => number === stake.attempt)
  if (record !== undefined) return stake.begunAt + record.duration
  return clock.endedAt ?? clock.now
}

function dialTimings({ dialedAt, openedAt, facts }: Slot): ConnectTimings {
  const { dns, tcp, tls } = facts ?? {}
  return {
    total: openedAt - dialedAt,
    ...(dns !== undefined && { dns }),
    ...(tcp !== undefined && { tcp }),
    ...(tls !== undefined && { tls }),
  }
}

/** What the attempt went out on; undefined where it did not, or the dispatcher does not say. */
export function connectionOf({ ledger: { stake } }: Course): ConnectionFacts | undefined {
  return attemptConnection(stake)
}

export function attemptConnection(stake: Stake): ConnectionFacts | undefined {
  const { slot, served, rested, wiredAt } = stake
  if (slot === null) return undefined
  const { protocol, address, local, proxy } = slot.facts ?? {}
  return {
    id: slot.id,
    ...(protocol !== undefined && { protocol: protocol === 'h2' ? 'h2' : 'http/1.1' }),
    reused: served > 1,
    age: wiredAt - slot.openedAt,
    idle: rested,
    requestsServed: served,
    ...(address !== undefined && { address }),
    ...(local !== undefined && { local }),
    ...(proxy !== undefined && { proxy }),
  }
}

/** The attempts besides the one that counts: those before it, and a hedge that lost. */
export function otherAttempts({ ledger: { attempts, stake } }: Course): readonly AttemptRecord[] {
  return attempts.filter(({ number }) => number !== stake.attempt)
}
