import { expect, test } from 'vitest'
import { ManualRuntime } from '../testing/manual-runtime.ts'
import type { Origin, Slot } from './entities.ts'
import { PingWatch, Pulse, type Pingable } from './ping.ts'

/** A session that answers pings, when it does, after `latency` ms. */
class Session implements Pingable {
  received = 0
  answers = true
  askable = true
  latency = 10
  readonly pings: number[] = []
  private readonly runtime: ManualRuntime

  constructor(runtime: ManualRuntime) {
    this.runtime = runtime
  }

  ping(answered: () => void): boolean {
    if (!this.askable) return false
    this.pings.push(this.runtime.now())
    this.runtime.after(this.latency, () => {
      if (!this.answers) return
      this.received += 17
      answered()
    })
    return true
  }
}

function setup(times: { pingAfter?: number; pingTimeout?: number } = { pingAfter: 100, pingTimeout: 40 }) {
  const runtime = new ManualRuntime()
  const [alive, waning, silent]: [number[], number[], number[]] = [[], [], []]
  const watch = new PingWatch(runtime, times, {
    alive: () => alive.push(runtime.now()),
    waning: () => waning.push(runtime.now()),
    silent: () => silent.push(runtime.now()),
  })
  const origin = {} as Origin
  const open = (): { session: Session; pulse: Pulse } => {
    const session = new Session(runtime)
    const pulse = new Pulse({ origin } as Slot, session)
    watch.watch(pulse)
    return { session, pulse }
  }
  return { runtime, watch, alive, waning, silent, open, ...open() }
}

test('a session that answers is asked once in pingAfter, and no more often', () => {
  const { runtime, session, silent } = setup()
  runtime.advance(1_000)
  expect(session.pings[0]).toBe(100)
  expect(session.pings.length).toBeGreaterThan(5)
  for (const [i, at] of session.pings.entries())
    if (i > 0) expect(at - session.pings[i - 1]!).toBeGreaterThanOrEqual(100)
  expect(silent).toEqual([])
})

test('a session on which bytes arrive is never asked', () => {
  const { runtime, session } = setup()
  for (let i = 0; i < 50; i++) {
    runtime.advance(20)
    session.received++
  }
  expect(session.pings).toEqual([])
})

test('a session that does not answer wanes, and is silent after pingTimeout; asked and told once', () => {
  const { runtime, session, alive, waning, silent } = setup()
  session.answers = false
  runtime.advance(1_000)
  expect(session.pings).toEqual([100])
  expect([alive, waning, silent]).toEqual([[], [120], [140]])
})

test('silence that begins at any moment is found within pingAfter and a quarter, and pingTimeout', () => {
  for (let last = 1; last < 100; last += 7) {
    const { runtime, session, silent } = setup()
    session.answers = false
    runtime.advance(last)
    session.received++
    runtime.advance(1_000)
    expect(silent[0]! - last).toBeGreaterThanOrEqual(140)
    expect(silent[0]! - last).toBeLessThanOrEqual(165)
  }
})

test('any byte is as good as an answer, and there is never a second ping before the first is answered', () => {
  const { runtime, session, alive, silent } = setup()
  session.answers = false
  runtime.advance(115)
  session.received++
  runtime.advance(140)
  expect([alive, silent]).toEqual([[120], []])
  expect(session.pings).toEqual([100])
  runtime.advance(1_000) // silent again, and the ping is still owed
  expect(silent).toHaveLength(1)
  expect(session.pings).toEqual([100])
})

test('a process that slept while it waited reads the answer before it judges', () => {
  const { runtime, session, silent } = setup()
  session.latency = 15
  runtime.advance(105)
  const now = runtime.now.bind(runtime)
  runtime.now = () => now() + 60_000 // the looks that are due are late by a minute; the answer comes behind the first
  runtime.advance(200)
  expect(session.received).toBeGreaterThan(0)
  expect(silent).toEqual([])
})

test('a session that is doubted is asked at once; until it answered, it is not asked again', () => {
  const { runtime, watch, session, pulse, alive, silent } = setup()
  runtime.advance(30)
  expect(watch.doubt(pulse)).toBe(true)
  expect(watch.doubt(pulse)).toBe(true)
  expect(session.pings).toEqual([30])
  runtime.advance(60)
  expect(alive[0]).toBe(40) // as soon as the answer is there
  session.answers = false
  watch.doubt(pulse)
  runtime.advance(40)
  expect(session.pings).toEqual([30, 90])
  expect(silent).toEqual([130])
})

test('bytes that arrived before the doubt do not lift it', () => {
  const { runtime, watch, session, pulse, silent } = setup()
  session.answers = false
  runtime.advance(20)
  session.received++
  watch.doubt(pulse)
  runtime.advance(40)
  expect(silent).toEqual([60])
})

test('what is no session yet is left alone, and asked when it is one', () => {
  const { runtime, watch, session, pulse, silent } = setup()
  session.askable = false
  runtime.advance(500)
  expect(watch.doubt(pulse)).toBe(false)
  expect(silent).toEqual([])
  session.askable = true
  runtime.advance(200)
  expect(session.pings.length).toBeGreaterThan(0)
})

test.each([
  { pingAfter: Infinity, pingTimeout: 40 },
  { pingAfter: 100, pingTimeout: Infinity },
])('%j: never', (times) => {
  const { runtime, watch, session, pulse } = setup(times)
  runtime.advance(100_000)
  expect(watch.doubt(pulse)).toBe(false)
  expect(session.pings).toEqual([])
})

test('an origin that ended a session because of the pings is not asked again', () => {
  const { runtime, watch, open, pulse } = setup()
  runtime.advance(100)
  pulse.unwelcome = true
  watch.forget(pulse)
  const next = open()
  runtime.advance(1_000)
  expect(next.session.pings).toEqual([])
  expect(watch.doubt(next.pulse)).toBe(false)
})

test('an origin that ended a session for other reasons is', () => {
  const { runtime, watch, open, pulse } = setup()
  runtime.advance(50)
  pulse.unwelcome = true
  watch.forget(pulse)
  const next = open()
  runtime.advance(1_000)
  expect(next.session.pings.length).toBeGreaterThan(5)
})

test('the watch holds no process alive, and has no timer for nobody', () => {
  const { runtime, watch, pulse } = setup()
  expect(runtime.holding).toBe(0)
  watch.forget(pulse)
  runtime.advance(1_000)
  expect(runtime.holding).toBe(0)
})

test('silence is counted from the first request that waits for a byte', () => {
  const { session, pulse } = setup()
  expect(pulse.silence(5)).toBe(0)
  pulse.requested(10)
  pulse.requested(200)
  expect(pulse.silence(300)).toBe(290)
  session.received++
  expect(pulse.silence(310)).toBe(0)
  pulse.requested(320)
  expect(pulse.silence(330)).toBe(10)
})
