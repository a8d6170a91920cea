import { expect, test } from 'vitest'
import { FakeFeed } from '../../../test/support/fake-feed.ts'
import { sceneOf } from '../../../test/support/fake-scenes.ts'
import { placesText, stripOf } from './glyphs.ts'
import { heldConnections } from './held.ts'
import { placesOf, type Places } from './places.ts'

const NOW = 1_700_000_000

function sceneAt(name: string, client: string) {
  const { snapshot } = new FakeFeed(sceneOf(name), NOW).tick(NOW)
  return { snapshot, client: snapshot.clients.find((candidate) => candidate.name === client)! }
}

test('connections are sorted by how long they are held, with who holds them', () => {
  const { snapshot, client } = sceneAt('body-leak', 'langextract')
  const held = heldConnections(snapshot, client)
  const times = held.map(({ holder }) => holder?.heldFor ?? 0)
  expect(times).toEqual(times.toSorted((a, b) => b - a))
  expect(held[0]).toMatchObject({ oddity: 'body not read', holder: { path: '/extract/report' } })
  expect(held.at(-1)?.oddity).toBeUndefined()
})

test('an idle connection that the server is about to close is odd', () => {
  const { snapshot, client } = sceneAt('stale-connections', 'bridge')
  const idle = { ...snapshot.pools.find(({ id }) => id === client.poolId)!.connectionList![0]!, state: 'idle', idle: 5_200 } as const // prettier-ignore
  const pools = snapshot.pools.map((pool) =>
    pool.id === client.poolId ? { ...pool, connectionList: [idle] } : pool,
  )
  expect(heldConnections({ ...snapshot, pools }, client)[0]?.oddity).toBe('server closes it now')
})

const places: Places = {
  kind: 'connections',
  used: 3,
  idle: 2,
  dialing: 1,
  open: 6,
  limit: 20,
  waiting: 0,
  oldestWait: 0,
  blockedBy: undefined,
}

test('each place is a sign up to 64 of them, then the shares of a bar', () => {
  const strip = stripOf(places)
  expect(strip.kind === 'glyphs' && strip.places.slice(0, 8)).toEqual(
    ['used', 'used', 'used', 'dialing', 'idle', 'idle', 'free', 'free'], // prettier-ignore
  )
  expect(stripOf({ ...places, limit: 64 })).toMatchObject({ kind: 'glyphs' })
  const bar = stripOf({ ...places, used: 50, limit: 100 })
  expect(bar).toMatchObject({ kind: 'bar', shares: [{ place: 'used', share: 0.5 }, {}, {}, {}] })
})

test('more than the limit allows, and no limit, are drawn as they are', () => {
  expect(stripOf({ ...places, used: 25, limit: 20 })).toMatchObject({ places: { length: 28 } })
  expect(placesText({ ...places, limit: null })).toBe('3 in use, 2 idle, 1 dialing')
})

test('limits of several endpoints add up, below the total of the pool', () => {
  const { snapshot, client } = sceneAt('healthy', 'ollama')
  expect(placesOf(snapshot, client).limit).toBe(20)
  const two = { ...client, endpoints: [...client.endpoints, 'http://other:1/'] }
  expect(placesOf(snapshot, two).limit).toBe(40)
  const small = snapshot.pools.map((pool) => ({ ...pool, maxConnections: 30 }))
  expect(placesOf({ ...snapshot, pools: small }, two).limit).toBe(30)
})
