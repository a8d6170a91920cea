/** What the library and the handler send is what the page reads: held by the types, and once by a real tick. */
import { HttpClient, observe } from 'keepwarm'
import { expect, test } from 'vitest'
import type { Sight } from '../../src/handler/observed.ts'
import { readMessage } from '../../src/page/state/messages.ts'
import { gaugesOf, placesOf } from '../../src/page/state/places.ts'
import { seriesNames } from '../../src/page/state/series.ts'
import type { WireTick } from '../../src/page/wire.ts'

test('a tick of the handler is a tick of the page', async () => {
  await using client = new HttpClient({ name: 'search', baseUrl: 'http://127.0.0.1:9' })
  using observed = observe(client)
  const snapshot = observed.snapshot({ connections: true })
  const sight: Sight = {
    view: 'sum',
    snapshot,
    rows: observed.history(),
    verdicts: observed.diagnose(snapshot),
    processes: [],
  }
  const tick: WireTick = sight
  const read = readMessage('tick', JSON.stringify(tick))
  expect(read).toMatchObject({ kind: 'tick', tick: { snapshot: { clients: [{ name: 'search' }] } } })
  const [search] = tick.snapshot.clients
  expect(placesOf(tick.snapshot, search!)).toMatchObject({ kind: 'connections', used: 0 })
  expect(gaugesOf(tick.snapshot, search!)).toMatchObject({
    inUse: 0,
    waiting: 0,
    limit: tick.snapshot.pools[0]!.maxConnectionsPerOrigin,
  })
})

test('the page knows every series of the history', async () => {
  await using client = new HttpClient({ name: 'search', baseUrl: 'http://127.0.0.1:9' })
  expect([...seriesNames].sort()).toEqual(Object.keys(client.history().series).sort())
})
