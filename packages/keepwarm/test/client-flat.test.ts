/** What many calls leave behind when everything is switched on: nothing. */
import { getEventListeners } from 'node:events'
import { HttpClient } from 'keepwarm'
import { expect, test } from 'vitest'
import { heapInUse } from './support/memory.ts'
import { startRaw } from './support/servers.ts'

const well = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'
const busy = 'HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n'

/** One answer in fifty is a refusal, one in fifty comes late: there is something to try again, and to hedge. */
function startMixed(): ReturnType<typeof startRaw> {
  let answers = 0
  return startRaw((socket) =>
    socket.on('data', () => {
      const turn = ++answers % 50
      if (turn === 1) setTimeout(() => socket.write(well), 20)
      else socket.write(turn === 2 ? busy : well)
    }),
  )
}

/** In eight lines, each call after the one before it. */
async function ask(client: HttpClient, count: number, signal: AbortSignal): Promise<void> {
  let left = count
  const line = async (): Promise<void> => {
    while (left-- > 0) {
      try {
        await client.get('/', { signal }).text()
      } catch {
        // Some fail for good: also they must leave nothing.
      }
    }
  }
  await Promise.all(Array.from({ length: 8 }, line))
}

test('calls with everything on leave nothing on the heap, on a long-lived signal, or behind timers', async () => {
  await using one = await startMixed()
  await using other = await startMixed()
  const timers = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length
  const before = timers()
  const { signal } = new AbortController()
  {
    await using client = new HttpClient({
      baseUrl: [one.origin, other.origin],
      hedge: { after: 2, share: 1 },
      budget: { start: 1_000, memory: Infinity },
      limiter: true,
      deadlineHeader: 'grpc-timeout',
      retry: { base: 1, throttledBase: 1 },
    })
    await ask(client, 5_000, signal)
    const early = await heapInUse()
    await ask(client, 20_000, signal)
    const growth = (await heapInUse()) - early
    expect(growth).toBeLessThan(2_000_000) // what is compiled and thrown away again comes and goes
    expect(getEventListeners(signal, 'abort')).toEqual([])
    const { hedges_sent, retries_attempted } = client.getMetrics()
    expect(Math.min(hedges_sent, retries_attempted)).toBeGreaterThan(0)
  }
  expect(timers()).toBeLessThanOrEqual(before)
}, 60_000)
