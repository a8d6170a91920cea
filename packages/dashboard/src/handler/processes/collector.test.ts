import { EventEmitter } from 'node:events'
import { expect, test } from 'vitest'
import { ToldProcess } from '../../../test/support/handler-observed.ts'
import { LocalSource } from '../local-source.ts'
import type { Sight } from '../observed.ts'
import { Collector } from './collector.ts'
import { frame, type Ask, type Message } from './protocol.ts'

/** Another process, as it is seen from here. */
class ToldPort extends EventEmitter {
  readonly heard: Message[] = []
  readonly told = new ToldProcess()
  readonly id: string

  constructor(id: string) {
    super()
    this.id = id
  }

  postMessage(message: Message): void {
    this.heard.push(message)
  }

  hello(more: object = {}): void {
    this.emit('message', {
      ...frame,
      type: 'hello',
      id: this.id,
      pid: Number(this.id),
      name: 'worker',
      ...more,
    })
  }

  get asks(): Ask[] {
    return this.heard.filter((message) => message.type === 'ask')
  }

  answer(ask: Ask = this.asks.at(-1)!): void {
    const snapshot = {
      ...this.told.snapshot(),
      process: { ...this.told.snapshot().process, pid: Number(this.id) },
    }
    const [rows, verdicts] = [this.told.history(), this.told.diagnose()]
    this.emit('message', { ...frame, type: 'answer', number: ask.number, snapshot, rows, verdicts })
  }
}

function lab(): { collector: Collector; told: ToldProcess; log: string[] } {
  const told = new ToldProcess()
  const log: string[] = []
  const note = (_: object, text: string): void => void log.push(text)
  const local = new LocalSource(told, told.runtime)
  return {
    told,
    log,
    collector: new Collector(local, '1', { runtime: told.runtime, log: { warn: note } }),
  }
}

function ids({ processes }: Sight): string[] {
  return processes.map(({ id, silent }) => (silent ? `${id} (silent)` : id))
}

test('alone, this process is shown at once, and nobody is asked', () => {
  const { collector } = lab()
  expect(collector.look('sum', 0)).toMatchObject({ view: '1', processes: [{ id: '1', pid: 4242 }] })
})

test('nobody is asked who has not said hello, and nobody while nobody looks', () => {
  const { collector, told } = lab()
  const port = new ToldPort('7')
  collector.add(port)
  expect(port.heard).toEqual([{ ...frame, type: 'who' }])
  void collector.look('sum', 0)
  expect(port.asks).toHaveLength(0)
  port.hello()
  expect(port.asks).toHaveLength(0)
  expect(told.runtime.pending).toBe(0)
})

test('the sum is of all that answer, and one that was asked for is shown by itself', async () => {
  const { collector, told } = lab()
  const [one, two] = [new ToldPort('7'), new ToldPort('8')]
  for (const port of [one, two]) {
    collector.add(port)
    port.hello()
  }
  const all = collector.look('sum', 5)
  expect(one.asks).toMatchObject([{ since: 5 }])
  for (const port of [two, one]) port.answer()
  const sum = await all
  expect(sum.view).toBe('sum')
  expect(sum.snapshot.process.rss).toBe(3)
  expect(ids(sum)).toEqual(['1', '7', '8'])
  const single = collector.look('8', 5)
  two.answer()
  expect(await single).toMatchObject({ view: '8', snapshot: { process: { pid: 8, rss: 1 } } })
  expect(one.asks).toHaveLength(1)
  expect(told.runtime.pending).toBe(0)
})

test('who comes, or answers too late, while others are asked is not said to be in the sum', async () => {
  const { collector, told } = lab()
  const [quick, late, new_] = [new ToldPort('7'), new ToldPort('8'), new ToldPort('9')]
  for (const port of [quick, late]) {
    collector.add(port)
    port.hello()
  }
  void collector.look('sum', 0)
  const unanswered = late.asks[0]!
  await told.runtime.run(400)
  const second = collector.look('sum', 0)
  quick.answer()
  collector.add(new_)
  new_.hello()
  await told.runtime.run(500)
  late.answer(unanswered) // of the first, whose time was up
  await told.runtime.run(300)
  const sight = await second
  expect(sight.snapshot.process.rss).toBe(2)
  expect(ids(sight)).toEqual(['1', '7', '8 (silent)'])
})

test('one that does not answer is left out, and is said to be silent until it does', async () => {
  const { collector, told } = lab()
  const [quick, slow] = [new ToldPort('7'), new ToldPort('8')]
  for (const port of [quick, slow]) {
    collector.add(port)
    port.hello()
  }
  const first = collector.look('sum', 0)
  quick.answer()
  await told.runtime.run(700)
  expect(await first).toMatchObject({ view: 'sum', snapshot: { process: { rss: 2 } } })
  const second = collector.look('sum', 0)
  for (const port of [quick, slow]) port.answer()
  expect(ids(await second)).toEqual(['1', '7', '8'])
  slow.answer(slow.asks[0]) // late, and to nobody
  expect(told.runtime.pending).toBe(0)
})

test('whoever is gone is not waited for, and what it was asked ends', async () => {
  const { collector, told } = lab()
  const [port, other] = [new ToldPort('7'), new ToldPort('8')]
  for (const one of [port, other]) {
    collector.add(one)
    one.hello()
  }
  const looking = collector.look('7', 0)
  port.emit('exit', 0)
  await told.runtime.settle()
  other.answer()
  const sight = await looking
  expect(sight.view).toBe('sum')
  expect(ids(sight)).toEqual(['1', '8'])
  expect(port.listenerCount('message')).toBe(0)
  expect(told.runtime.pending).toBe(0)
})

test('a primary that has no clients of its own is none of those that are shown', async () => {
  const { collector, told } = lab()
  told.clients = []
  const port = new ToldPort('7')
  using added = collector.add(port)
  port.hello()
  const looking = collector.look('sum', 0)
  port.answer()
  const sight = await looking
  expect(ids(sight)).toEqual(['7'])
  expect(sight.snapshot.process).toMatchObject({ rss: 1, name: 'shop' })
  expect(added).toBeDefined()
})

test.each([
  ['another version', { version: 2 }],
  ['no id', { id: 7 }],
  ['no name', { name: undefined }],
  ['something of the app', { keepwarm: undefined, type: 'hello' }],
])('a greeting with %s is passed over', async (_, more) => {
  const { collector } = lab()
  const port = new ToldPort('7')
  collector.add(port)
  port.hello(more)
  port.emit('message', null)
  port.emit('message', 'hello')
  expect((await collector.look('sum', 0)).processes).toHaveLength(1)
})

test('an answer that is not whole is none', async () => {
  const { collector, told } = lab()
  const port = new ToldPort('7')
  collector.add(port)
  port.hello()
  const looking = collector.look('7', 0)
  const { number } = port.asks[0]!
  for (const part of [{}, { snapshot: {} }, { snapshot: { version: 1 }, rows: [], verdicts: [] }])
    port.emit('message', { ...frame, type: 'answer', number, ...part })
  await told.runtime.run(1_400)
  expect((await looking).view).toBe('sum')
})

test('there is an end to how many are shown, and to how much one is asked at once', () => {
  const { collector, log, told } = lab()
  const ports = Array.from({ length: 130 }, (_, index) => new ToldPort(String(100 + index)))
  for (const port of ports) {
    collector.add(port)
    port.hello()
  }
  expect(log).toHaveLength(2)
  for (let i = 0; i < 50; i++) void collector.look('100', 0)
  expect(ports[0]!.asks.length).toBeLessThanOrEqual(32)
  expect(told.runtime.pending).toBeLessThanOrEqual(129 * 32)
})
