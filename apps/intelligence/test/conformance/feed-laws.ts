import { setTimeout as pause } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { documentOf, type Feed, type IndexEvent, type NumberedEvent } from '../../src/indexing/feed.ts'
import { until } from '../app-support.ts'
import type { Case } from '../store-conformance.test.ts'

const accepted = (document: string, batch: string | null = null): IndexEvent => ({
  type: 'accepted',
  document,
  batch,
})

interface Heard {
  readonly events: NumberedEvent[]
  missed: number
  readonly leave: () => void
}

async function hear(feed: Feed): Promise<Heard> {
  await feed.reach()
  const heard: Heard = {
    events: [],
    missed: 0,
    leave: feed.follow(
      (event) => heard.events.push(event),
      () => heard.missed++,
    ),
  }
  return heard
}

function documentsOf(events: readonly NumberedEvent[] | undefined): unknown {
  return events?.map(({ event }) => documentOf(event))
}

function untilHeard({ events }: Heard, amount: number): Promise<number> {
  return until(
    () => events.length,
    (length) => length >= amount,
  )
}

export function feedLaws(current: () => Case): void {
  test('what is told is heard in its order, once, from the moment one follows until one leaves', async () => {
    const { feed } = current().store
    feed.tell(accepted('before'))
    const heard = await hear(feed)
    const names = Array.from({ length: 700 }, (_, index) => `d${index}`)
    for (const name of names) feed.tell(accepted(name))
    await untilHeard(heard, names.length)
    expect(documentsOf(heard.events)).toEqual(names)
    heard.leave()
    feed.tell(accepted('after'))
    await feed.reach()
    await pause(20)
    expect(heard.events).toHaveLength(names.length)
    expect({ followers: feed.followers, missed: heard.missed }).toEqual({ followers: 0, missed: 0 })
  })

  test('whoever comes back gets what it missed, and is told when that is not known', async () => {
    const { feed } = current().store
    const heard = await hear(feed)
    feed.tell(accepted('one'))
    await untilHeard(heard, 1)
    heard.leave()
    for (const name of ['two', 'three']) feed.tell(accepted(name))
    await feed.reach()
    const [{ id } = { id: '' }] = heard.events
    const rest = feed.after(id)
    expect(documentsOf(rest)).toEqual(['two', 'three'])
    expect(feed.after(rest?.at(-1)?.id ?? '')).toEqual([])
    const [run = '', number = ''] = id.split('-')
    for (const strange of ['', 'x', `ffffffff-${number}`, `${run}-${Number(number) + 1_000}`, `${run}-NaN`])
      expect(feed.after(strange), strange).toBeUndefined()
  })

  test('the documents of a batch are known to whoever follows after they came', async () => {
    const { feed } = current().store
    feed.tell(accepted('a', 'mine'))
    feed.tell(accepted('b', 'other'))
    feed.tell(accepted('c', 'mine'))
    await feed.reach()
    expect(feed.membersOf('mine')).toEqual(new Set(['a', 'c']))
    expect(feed.membersOf('nobody’s')).toEqual(new Set())
  })

  test('all processes hear the same events under the same numbers, whoever told them', async () => {
    const { store, maker } = current()
    const other = maker.second === undefined ? store : await maker.second()
    const [here, there] = [await hear(store.feed), await hear(other.feed)]
    for (let round = 0; round < 40; round++) {
      for (let index = 0; index < 5; index++) {
        store.feed.tell(accepted(`x ${round * 5 + index}`))
        other.feed.tell(accepted(`y ${round * 5 + index}`))
      }
      await pause(1)
    }
    await Promise.all([untilHeard(here, 400), untilHeard(there, 400)])
    expect(here.events).toHaveLength(400)
    expect(there.events).toEqual(here.events)
    for (const one of ['x', 'y']) {
      const own = (documentsOf(here.events) as string[]).filter((name) => name.startsWith(one))
      expect(own).toEqual(Array.from({ length: 200 }, (_, index) => `${one} ${index}`))
    }
    // So that a reader may come back to another process.
    await other.feed.reach()
    expect(other.feed.after(here.events[100]!.id)).toEqual(here.events.slice(101))
    for (const { leave } of [here, there]) leave()
  })
}
