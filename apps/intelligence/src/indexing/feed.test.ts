import { expect, test } from 'vitest'
import { documentOf, IndexFeed, type NumberedEvent } from './feed.ts'

const removed = (document: string) => ({ type: 'removed', document }) as const

test('whoever comes back gets exactly what it missed', () => {
  const feed = new IndexFeed()
  const heard: NumberedEvent[] = []
  const leave = feed.follow((event) => heard.push(event))
  feed.tell(removed('a'))
  leave()
  for (const id of ['b', 'c']) feed.tell(removed(id))
  expect(heard.map(({ event }) => documentOf(event))).toEqual(['a'])
  const missed = feed.after(heard[0]!.id)
  expect(missed?.map(({ event }) => documentOf(event))).toEqual(['b', 'c'])
  expect(feed.after(missed!.at(-1)!.id)).toEqual([])
  expect(feed.followers).toBe(0)
})

test('what is no longer known, was another process’s, or never was is told apart from nothing', () => {
  const feed = new IndexFeed(3)
  const ids: string[] = []
  feed.follow(({ id }) => ids.push(id))
  for (let index = 0; index < 20; index++) feed.tell(removed(String(index)))
  expect(feed.after(ids[0]!)).toBeUndefined()
  expect(feed.after(ids[17]!)?.map(({ event }) => documentOf(event))).toEqual(['18', '19'])
  for (const id of ['', 'x', 'ffffffff-1', `${ids[0]!.split('-')[0]}-99`, `${ids[0]!.split('-')[0]}-NaN`])
    expect(feed.after(id)).toBeUndefined()
})

test('it keeps at least as many as it says, and never twice as many', () => {
  const feed = new IndexFeed(10)
  const ids: string[] = []
  feed.follow(({ id }) => ids.push(id))
  for (let index = 0; index < 1_000; index++) {
    feed.tell(removed(String(index)))
    const known = ids.filter((id) => feed.after(id) !== undefined).length
    if (index > 10) expect(known).toBeGreaterThanOrEqual(10)
    expect(known).toBeLessThan(21)
  }
})
