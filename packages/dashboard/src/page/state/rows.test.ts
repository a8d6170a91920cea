import { expect, test } from 'vitest'
import { FakeFeed } from '../../../test/support/fake-feed.ts'
import { sceneOf } from '../../../test/support/fake-scenes.ts'
import type { WireTick, WireVerdict } from '../wire.ts'
import { Columns } from './columns.ts'
import { headlineOf, titleOf } from './headline.ts'
import { ordered, rowOf, type Row } from './rows.ts'

const NOW = 1_700_000_000

function tickOf(scene: string): { tick: WireTick; rows: Row[] } {
  const feed = new FakeFeed(sceneOf(scene), NOW)
  const tick = feed.tick(NOW)
  const rows = tick.snapshot.clients.map((client) => {
    const columns = new Columns()
    for (const slice of feed.rows(NOW - 100, NOW)) if (slice.client === client.name) columns.append(slice)
    return rowOf(client, tick, columns, NOW)
  })
  return { tick, rows }
}

function row(name: string, level: Row['level'], rate: number): Row {
  const [first] = tickOf('healthy').rows
  return { ...first!, name, level, figures: { ...first!.figures, rate } }
}

const names = (rows: readonly Row[]): string[] => rows.map(({ name }) => name)

test('a row says the verdict of its client, and how bad it is', () => {
  const { rows } = tickOf('pool-exhausted')
  const ollama = rows.find(({ name }) => name === 'ollama')!
  expect(ollama).toMatchObject({ level: 'critical', state: 'pool exhausted', breaker: 'closed' })
  expect(ollama.places).toMatchObject({
    used: 20,
    limit: 20,
    waiting: 14,
    blockedBy: 'maxConnectionsPerOrigin',
  })
  expect(rows.filter(({ level }) => level === 'ok')).toHaveLength(3)
})

test('an open breaker is critical although no diagnosis says so', () => {
  const { tick } = tickOf('breaker-open')
  const client = tick.snapshot.clients.find(({ name }) => name === 'langextract')!
  const row = rowOf(client, { ...tick, verdicts: [] }, new Columns(), NOW)
  expect(row).toMatchObject({ level: 'critical', state: 'breaker open', breaker: 'open' })
})

test('HTTP/2 shows streams of what its sessions take, not sockets', () => {
  const { rows } = tickOf('healthy')
  const coordinator = rows.find(({ name }) => name === 'coordinator')!
  expect(coordinator.places).toMatchObject({ kind: 'streams', open: 2, limit: 200 })
})

test('the worst stands first, then the busiest', () => {
  const rows = [row('a', 'ok', 5), row('b', 'critical', 1), row('c', 'warn', 90), row('d', 'ok', 50)]
  expect(names(ordered(rows, []))).toEqual(['b', 'c', 'd', 'a'])
})

test('rows of one level keep their order until one is twice as busy as the other', () => {
  const before = ['a', 'b', 'c']
  expect(names(ordered([row('a', 'ok', 10), row('b', 'ok', 19), row('c', 'ok', 5)], before))).toEqual(before)
  expect(names(ordered([row('a', 'ok', 10), row('b', 'ok', 21), row('c', 'ok', 5)], before))).toEqual([
    'b',
    'a',
    'c',
  ])
})

test('what is announced changes with what is wrong, not with every number', () => {
  const { tick, rows } = tickOf('pool-exhausted')
  const worse = tick.verdicts.map((verdict): WireVerdict => ({ ...verdict, text: 'other numbers' }))
  const [first, second] = [headlineOf(tick, rows), headlineOf({ ...tick, verdicts: worse }, rows)]
  expect(first.announcement).toBe('ollama: pool exhausted.')
  expect(second.announcement).toBe(first.announcement)
})

test('a service that is well is said to be well', () => {
  const { tick, rows } = tickOf('healthy')
  expect(headlineOf(tick, rows)).toMatchObject({
    level: 'ok',
    verdicts: [],
    summary: 'All 4 clients are well.',
  })
})

test('the tab of the browser says the worst', () => {
  const { tick, rows } = tickOf('pool-exhausted')
  expect(titleOf(headlineOf(tick, rows), 'search')).toBe('■ ollama: pool exhausted – search')
  const well = tickOf('healthy')
  expect(titleOf(headlineOf(well.tick, well.rows), 'search')).toBe('search')
})

test('who looks bad without a verdict is named in the summary', () => {
  const { tick, rows } = tickOf('breaker-open')
  const headline = headlineOf({ ...tick, verdicts: [] }, rows)
  expect(headline).toMatchObject({
    level: 'critical',
    summary: 'langextract: breaker open · 3 of 4 clients well',
  })
})
