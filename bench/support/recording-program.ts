/** The process in which calls are written down, made, and clients weighed. */
import { setImmediate as breathe, setTimeout as sleep } from 'node:timers/promises'
import { HttpClient } from 'keepwarm'
import { collectGarbage } from './collect-garbage.ts'
import { answerQuestions, settingsOf } from './program.ts'
import { share } from './share.ts'

export interface RecordingSettings {
  readonly origin: string
  readonly connections: number
  /** Whole calls of a run. */
  readonly requests: number
  /** Calls that the recorder alone writes down. */
  readonly calls: number
  readonly clients: number
}

export type RecordingArm = 'recorded' | 'unrecorded'
export type RecordingQuestion = RecordingArm | 'alone' | 'weigh'

/** Bytes of a client. */
export interface RecordingWeight {
  readonly firstCall: number
  readonly history: number
  /** Of both, as the process grows by it: native histograms are in nothing else. */
  readonly resident: number
}

/** What a client tells its recorder of a call. It is not public: the benchmark reaches for it. */
interface Recorder {
  began(now: number): void
  attemptBegan(why: 'initial', now: number): void
  attemptEnded(attempt: object, origin: string, ending: number, sent: boolean): void
  ended(call: object, verdict: 'successful', status: number, now: number): void
}

const { origin, connections, requests, calls, clients } = settingsOf<RecordingSettings>()
const limits = {
  maxConnections: connections,
  maxConnectionsPerOrigin: connections,
  maxIdleConnections: connections,
}
const arms: Readonly<Record<RecordingArm, HttpClient>> = { recorded: open(), unrecorded: open() }
const toRecord = recorderOf(open())
const nothing = (): void => {}
Object.assign(recorderOf(arms.unrecorded), {
  ...{ began: nothing, attemptBegan: nothing, attemptEnded: nothing, ended: nothing },
})

answerQuestions('ready', async (question: RecordingQuestion) => {
  if (question === 'weigh') return weigh()
  await breathe()
  return question === 'alone' ? writeDown() : make(arms[question])
})

function open(): HttpClient {
  return new HttpClient({ baseUrl: origin, ...limits })
}

function recorderOf(client: HttpClient): Recorder {
  return (client as unknown as { readonly calls: { readonly recorder: Recorder } }).calls.recorder
}

async function make(client: HttpClient): Promise<number> {
  const before = process.cpuUsage()
  await share(requests, connections, () => client.get('/').text())
  return since(before) / requests
}

/** µs of a call, less what the loop and the clock themselves take. */
function writeDown(): number {
  const slot = { dialedAt: 0, openedAt: 0 }
  const stake = { attempt: 1, begunAt: 0, wiredAt: 0, sentAt: 0, answeredAt: 0, endedAt: 0, slot }
  const clock = { startedAt: 0 }
  const call = { sentAttempts: 1, origin, clock, plan: { operation: undefined }, ledger: { stake } }
  const turn = (): number => {
    const now = performance.now()
    clock.startedAt = stake.begunAt = now - 5
    stake.wiredAt = stake.sentAt = now - 4.9
    stake.answeredAt = now - 1
    stake.endedAt = now
    return now
  }
  const empty = process.cpuUsage()
  for (let i = 0; i < calls; i++) turn()
  const loop = since(empty)
  const before = process.cpuUsage()
  for (let i = 0; i < calls; i++) {
    const now = turn()
    toRecord.began(clock.startedAt)
    toRecord.attemptBegan('initial', clock.startedAt)
    toRecord.attemptEnded(stake, origin, 200, true)
    toRecord.ended(call, 'successful', 200, now)
  }
  return Math.max(since(before) - loop, 1) / calls
}

/** µs of CPU time. */
function since(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before)
  return user + system
}

/** Clients without calls, with one, and with a second of history; what the connection of a call weighs is taken off. */
async function weigh(): Promise<RecordingWeight> {
  const own = Array.from(
    { length: clients },
    () => new HttpClient({ baseUrl: origin, pool: arms.recorded.pool }),
  )
  const empty = await weight()
  for (const client of own) await client.get('/').text()
  const called = await weight()
  await sleep(1_100)
  for (const client of own) client.history()
  const remembering = await weight()
  for (const client of own) await client.close()
  return {
    firstCall: (called.own - empty.own) / clients,
    history: (remembering.own - called.own) / clients,
    resident: (remembering.resident - empty.resident) / clients,
  }
}

async function weight(): Promise<{ readonly own: number; readonly resident: number }> {
  for (let round = 0; round < 3; round++) {
    await collectGarbage(2)
    await sleep(20)
  }
  const { heapUsed, external, rss } = process.memoryUsage()
  return { own: heapUsed + external, resident: rss }
}
