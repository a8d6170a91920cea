/** A test of one's own code without sockets: an hour of an outage takes a moment, and comes out the same every time. */
import assert from 'node:assert/strict'
import { HttpClient } from 'keepwarm'
import { ManualRuntime, SimulatedNetwork } from 'keepwarm/testing'

/** The code that is tested: the last price that is known is better than none. */
class Prices {
  #known = 0
  readonly client: HttpClient

  constructor(client: HttpClient) {
    this.client = client
  }

  async current(): Promise<number> {
    this.#known = await this.client
      .get('/tea', { timeout: 2_000 })
      .json()
      .then(Number, () => this.#known)
    return this.#known
  }
}

const runtime = new ManualRuntime()
const network = new SimulatedNetwork(runtime, { 'http://prices': { answer: { after: 20, body: ['3'] } } })
const server = network.server('http://prices')
const prices = new Prices(new HttpClient({ baseUrl: 'http://prices', runtime, network }))

/** What comes of it while the clock moves on by so much. */
async function within(ms: number): Promise<number> {
  const [price] = await Promise.all([prices.current(), runtime.run(ms)])
  return price
}

assert.equal(await within(1_000), 3)
server.behave({ answer: { ends: 'never' } }) // it hangs
for (let minute = 0; minute < 60; minute++) assert.equal(await within(60_000), 3)
console.log('an hour of outage: the price was known all the time')

server.behave({ answer: { after: 20, body: ['4'] } })
await runtime.run(60_000)
assert.equal(await within(10_000), 4)
console.log('afterwards it is the new one')
console.log('requests that the server saw in this hour:', server.requests.length - 2)

await Promise.all([prices.client.close(), runtime.run(1_000)])
