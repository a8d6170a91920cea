import { beforeEach, expect, test } from 'vitest'
import { FakeFeed } from '../../../test/support/fake-feed.ts'
import { sceneOf } from '../../../test/support/fake-scenes.ts'
import { eventKey, filtered, kindsOf, MOST_EVENTS, mergeEvents } from './events.ts'
import { choosing, cleared, paused, shown, start, withHistory, withTick, type Screen } from './screen.ts'

const NOW = 1_700_000_000
const feed = new FakeFeed(sceneOf('pool-exhausted'), NOW)
let opened: Screen

beforeEach(() => {
  opened = withTick(withHistory(start, feed.rows(NOW - 99, NOW)), feed.tick(NOW, NOW))
})

test('history and ticks make one row of seconds without gaps', () => {
  const later = withTick(withTick(opened, feed.tick(NOW + 1)), feed.tick(NOW + 2))
  const columns = later.columns.get('ollama')!
  expect(columns.sum('ok', NOW + 2, 102).known).toBe(102)
  expect(later.latest?.until).toBe(NOW + 2)
})

test('a tick after a pause brings all seconds since the one before', () => {
  const later = withTick(opened, feed.tick(NOW + 5, NOW))
  expect(later.columns.get('ollama')!.sum('ok', NOW + 5, 105).known).toBe(105)
})

test('while time stands still the latest is kept, and what is shown does not move', () => {
  const still = withTick(paused(opened, true), feed.tick(NOW + 1))
  expect(shown(still)?.until).toBe(NOW)
  expect(shown(paused(still, false))?.until).toBe(NOW + 1)
})

test('the history of a client goes with the client', () => {
  const tick = feed.tick(NOW + 1)
  const clients = tick.snapshot.clients.filter(({ name }) => name !== 'bridge')
  const rows = tick.rows.filter(({ client }) => client !== 'bridge')
  const later = withTick(opened, { ...tick, rows, snapshot: { ...tick.snapshot, clients } })
  expect([...later.columns.keys()]).toEqual(['ollama', 'langextract', 'coordinator'])
})

test('another process begins with nothing but the choices of the reader', () => {
  const other = cleared(choosing(opened, 'bridge'))
  expect(other).toEqual({ ...start, selected: 'bridge' })
})

test('events that came before come once, newest first, and are bounded', () => {
  const first = feed.tick(NOW).snapshot.events
  const list = mergeEvents(mergeEvents([], first), feed.tick(NOW + 2).snapshot.events)
  expect(new Set(list.map(eventKey)).size).toBe(list.length)
  expect(list.map(({ at }) => at)).toEqual(list.map(({ at }) => at).toSorted((a, b) => b - a))
  const many = Array.from({ length: 900 }, (_, number) => ({ ...first[0]!, number, at: number }))
  expect(mergeEvents([], many)).toHaveLength(MOST_EVENTS)
  expect(mergeEvents(list, [])).toBe(list)
})

test('a burst that goes on is one event, with its new count', () => {
  const [event] = feed.tick(NOW).snapshot.events
  const list = mergeEvents([{ ...event!, count: 2 }], [{ ...event!, count: 9 }])
  expect(list.map(({ count }) => count)).toEqual([9])
})

test('events are found by text, by kind, and by client', () => {
  const events = opened.latest!.events
  const all = { text: '', kind: '', onlySelected: false }
  const bridge = { name: 'bridge', origins: new Set(['http://bridge:8055']) }
  expect(kindsOf(events)).toEqual(['closed', 'refused'])
  expect(filtered(events, { ...all, kind: 'closed' }, bridge).every(({ kind }) => kind === 'closed')).toBe(
    true,
  )
  expect(
    filtered(events, { ...all, onlySelected: true }, bridge).every(({ client }) => client === 'bridge'),
  ).toBe(true)
  expect(filtered(events, { ...all, text: 'API/EMBED' }, bridge)[0]?.kind).toBe('refused')
  expect(filtered(events, { ...all, text: 'no such thing' }, bridge)).toEqual([])
})
