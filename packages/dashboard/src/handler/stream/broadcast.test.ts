import { EventEmitter } from 'node:events'
import type { ServerResponse } from 'node:http'
import { expect, test } from 'vitest'
import { ToldProcess } from '../../../test/support/handler-observed.ts'
import { LocalSource } from '../local-source.ts'
import type { Sight, Source, View } from '../observed.ts'
import { Broadcast } from './broadcast.ts'
import { Watcher } from './watcher.ts'

/** A response whose reader reads as the test says. */
class ToldResponse extends EventEmitter {
  text = ''
  reads = true
  writableEnded = false
  destroyed = false
  readonly writableLength = 0
  readonly socket = null

  write(text: string): boolean {
    this.text += text
    return this.reads
  }

  end(): void {
    this.writableEnded = true
    this.emit('close')
  }

  get events(): string[] {
    return [...this.text.matchAll(/^event: (\w+)$/gm)].map(([, name = '']) => name)
  }

  get seconds(): number[] {
    return [...this.text.matchAll(/"client":"search".*?"ok":\[([\d,]*)\]/g)].flatMap(([, list = '']) =>
      list.split(',').map(Number),
    )
  }
}

/** What it shows is of when it was asked; it comes as late as the test says, as from other processes. */
class LateSource implements Source {
  over = false
  delay = 0
  looks = 0
  private readonly told: ToldProcess
  private readonly local: LocalSource

  constructor(told: ToldProcess) {
    this.told = told
    this.local = new LocalSource(told, told.runtime)
  }

  look(view: View, since: number): Promise<Sight> {
    const { runtime } = this.told
    const sight = this.local.look(view, since)
    this.looks++
    return new Promise((resolve) => void runtime.after(this.delay, () => resolve(sight)))
  }
}

function lab(): {
  told: ToldProcess
  source: LateSource
  broadcast: Broadcast
  watch(since?: number): ToldResponse
} {
  const told = new ToldProcess()
  const source = new LateSource(told)
  const log = { warn: () => {} }
  const broadcast = new Broadcast({ source, runtime: told.runtime, log, admin: false, maxWatchers: 4 })
  const watch = (since = 0): ToldResponse => {
    const response = new ToldResponse()
    void broadcast.join(new Watcher(response as unknown as ServerResponse, { view: 'sum', every: 1, since }))
    return response
  }
  return { told, source, broadcast, watch }
}

function consecutive(values: readonly number[]): boolean {
  return values.every((value, index) => index === 0 || value === values[index - 1]! + 1)
}

test('who comes while others are asked gets its history before any tick', async () => {
  const { told, source, watch } = lab()
  source.delay = 900
  const response = watch()
  source.delay = 0
  await told.runtime.run(4_000)
  expect(response.events.slice(0, 3)).toEqual(['history', 'tick', 'tick'])
  expect(consecutive(response.seconds)).toBe(true)
})

test('who comes while a tick is made begins no second one', async () => {
  const { told, source, watch } = lab()
  watch()
  await told.runtime.run(400)
  source.delay = 5_000
  await told.runtime.run(1_000)
  const before = source.looks
  source.delay = 0
  watch()
  await told.runtime.run(3_000)
  expect(source.looks - before).toBe(1) // its own history; the tick is still under way
})

test('answers that come when the next second has begun lose no second and repeat none', async () => {
  const { told, source, watch } = lab()
  const response = watch()
  for (const delay of [0, 990, 1_400, 10, 2_500, 0, 0, 0]) {
    source.delay = delay
    await told.runtime.run(1_000)
  }
  await told.runtime.run(4_000)
  expect(consecutive(response.seconds)).toBe(true)
  expect(response.seconds.at(-1)).toBe(Math.floor(told.runtime.wallClock() / 1_000) - 1)
})

test('who leaves, or is sent away, while others are asked is told nothing more, and no timer is left', async () => {
  const { told, source, broadcast, watch } = lab()
  source.delay = 500
  const [left, stayed] = [watch(), watch()]
  left.end()
  await told.runtime.run(2_000)
  expect(left.events).toEqual([])
  broadcast.close()
  await told.runtime.run(2_000)
  expect(stayed.writableEnded).toBe(true)
  expect(told.runtime.pending).toBe(0)
})

test('who falls behind gets everything that it missed in one tick, once it reads again', async () => {
  const { told, watch } = lab()
  const response = watch()
  await told.runtime.run(100)
  response.reads = false
  await told.runtime.run(10_000)
  const before = response.events.length
  response.reads = true
  response.emit('drain')
  await told.runtime.run(1_000)
  expect(response.events.length).toBe(before + 1)
  expect(consecutive(response.seconds)).toBe(true)
})

test('a clock that was set back sends nothing twice', async () => {
  const { told, watch } = lab()
  const first = watch()
  await told.runtime.run(3_000)
  const since = Math.floor(told.runtime.wallClock() / 1_000) + 60
  const second = watch(since)
  await told.runtime.run(1_000)
  expect(consecutive(second.seconds)).toBe(true)
  expect(consecutive(first.seconds)).toBe(true)
  expect(second.seconds.length).toBeGreaterThan(60)
})
