import { expect, test } from 'vitest'
import { EventLog } from './event-log.ts'

const log = (): EventLog => new EventLog('search', () => 1_700_000_000_000)

test('a burst is one event that counts', () => {
  const events = log()
  for (let i = 0; i < 1_000; i++) events.again('refused', 'http://a.test', 'refused', i)
  expect(events.recent()).toEqual([
    {
      ...{ at: 1_700_000_000_000, number: 1, client: 'search', level: 'warn', kind: 'refused' },
      ...{ origin: 'http://a.test', text: 'refused', count: 1_000 },
    },
  ])
})

test('what goes on is told again every ten seconds, what comes back after a second at once', () => {
  const events = log()
  for (let now = 0; now < 30_000; now += 100) events.again('retry', 'http://a.test', 'again', now)
  expect(events.recent().map(({ count }) => count)).toEqual([100, 100, 100])
  events.again('retry', 'http://a.test', 'again', 31_500)
  expect(events.recent()).toHaveLength(4)
})

test('kinds and origins are told apart', () => {
  const events = log()
  events.again('refused', 'http://a.test', 'x', 0)
  events.again('refused', 'http://b.test', 'x', 0)
  events.again('timeout', 'http://a.test', 'x', 0)
  events.tell('breaker', 'info', 'http://a.test', 'x')
  events.tell('breaker', 'warn', 'http://a.test', 'x')
  expect(events.recent().map(({ number }) => number)).toEqual([1, 2, 3, 4, 5])
  expect(events.recent(3).map(({ level }) => level)).toEqual(['info', 'warn'])
})

test('a hundred are kept, short ones, and what was handed out does not change', () => {
  const events = log()
  for (let i = 0; i < 250; i++) events.again('dial', `http://${i}.test`, 'x'.repeat(1_000), 0)
  const kept = events.recent()
  expect([kept.length, kept[0]?.number, kept.at(-1)?.number]).toEqual([100, 151, 250])
  expect(kept.every(({ text }) => text.length === 160)).toBe(true)
  events.again('dial', 'http://249.test', 'x', 1)
  expect([kept.at(-1)?.count, events.recent().at(-1)?.count]).toEqual([1, 2])
})
