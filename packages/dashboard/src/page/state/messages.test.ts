import { expect, test } from 'vitest'
import { FakeFeed } from '../../../test/support/fake-feed.ts'
import { sceneOf } from '../../../test/support/fake-scenes.ts'
import { readMessage } from './messages.ts'

const tick = new FakeFeed(sceneOf('healthy'), 1_700_000_000).tick(1_700_000_000)

test('a tick and a history are read as they are', () => {
  expect(readMessage('tick', JSON.stringify(tick))).toMatchObject({ kind: 'tick', tick: { rows: tick.rows } })
  expect(readMessage('history', JSON.stringify(tick.rows))).toEqual({ kind: 'history', slices: tick.rows })
})

test.each([
  ['tick', '{', /no JSON/],
  ['tick', '[]', /incomplete tick/],
  ['tick', '{"snapshot":{"version":2}}', /version 2, this page 1\. Reload/],
  ['tick', '{"snapshot":{"version":1}}', /incomplete snapshot/],
  ['history', '{}', /does not understand/],
  ['history', '[{"client":7}]', /does not understand/],
] as const)('a %s of %s is a problem that is told', (kind, data, told) => {
  expect(readMessage(kind, data)).toMatchObject({ kind: 'problem', text: expect.stringMatching(told) })
})

test('lists that are missing are empty', () => {
  const bare = { snapshot: { ...tick.snapshot, events: undefined } }
  expect(readMessage('tick', JSON.stringify(bare))).toMatchObject({
    tick: { rows: [], verdicts: [], snapshot: { events: [] } },
  })
})
