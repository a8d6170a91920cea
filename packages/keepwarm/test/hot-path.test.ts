/**
 * What a request costs in bytes of the heap, beside undici's bare Pool in the same process: a measure of the hot path that
 * is the same on every machine and at every load, so that no change makes it dearer unnoticed. (`npm run bench -- cpu`
 * measures the time.)
 */
import { expect, test } from 'vitest'
import { runProgramWith } from './support/program.ts'
import { eachRequest, rawResponse, startRaw } from './support/servers.ts'

/** Nothing is collected while it is counted: the young generation has room for all of it. */
const flags = ['--max-semi-space-size=256', '--min-semi-space-size=256', '--no-warnings']

const program = `
import { ConnectionPool, HttpClient } from 'keepwarm'
import { Pool } from 'undici'

const [origin] = process.argv.slice(1)
const callers = 20
const limits = { maxConnections: callers, maxConnectionsPerOrigin: callers, maxIdleConnections: callers }
const undici = new Pool(origin, { connections: callers })
const pool = new ConnectionPool(limits)
const client = new HttpClient({ baseUrl: origin, ...limits })

class Text {
  constructor(resolve, reject) { this.resolve = resolve; this.reject = reject; this.chunks = [] }
  onRequestStart() {}
  onResponseStart() {}
  onResponseData(_, chunk) { this.chunks.push(chunk) }
  onResponseEnd() { this.resolve(this.chunks[0].toString()) }
  onResponseError(_, error) { this.reject(error) }
}
const collect = (dispatcher) => () =>
  new Promise((resolve, reject) => dispatcher.dispatch({ origin, path: '/', method: 'GET' }, new Text(resolve, reject)))

async function bytes(get, requests) {
  let left = requests
  const before = process.memoryUsage().heapUsed
  await Promise.all(Array.from({ length: callers }, async () => { while (left-- > 0) await get() }))
  return (process.memoryUsage().heapUsed - before) / requests
}

const arms = { undici: collect(undici), pool: collect(pool), client: () => client.get('/').text() }
const counted = {}
for (const [name, get] of Object.entries(arms)) {
  await bytes(get, 3_000) // until its code is compiled
  const runs = []
  for (let run = 0; run < 5; run++) runs.push(await bytes(get, 1_000))
  counted[name] = runs.toSorted((a, b) => a - b)[2]
}
console.log(JSON.stringify(counted))
process.exit()
`

test('a request through the pool takes no more of the heap than through undici’s, and a whole call little more', async () => {
  await using server = await startRaw((socket) => {
    eachRequest(socket, () => socket.write(rawResponse('{"status":"warm"}')))
  })
  const { code, output } = await runProgramWith(flags, program, server.origin)
  expect(code, output).toBe(0)
  const { undici, pool, client } = JSON.parse(output) as Record<'undici' | 'pool' | 'client', number>
  expect(undici, output).toBeGreaterThan(1_000)
  expect(pool / undici, output).toBeLessThan(1.02)
  expect(client / undici, output).toBeLessThan(1.25)
})
