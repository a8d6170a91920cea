/** A real client, a real service that gets slow, the real handler, and the page in a browser. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { HttpClient } from 'keepwarm'
import { afterAll, expect, test } from 'vitest'
import { dashboard } from '../../src/index.ts'
import { closeBrowser, eventually, openAt } from '../support/page-lab.ts'

afterAll(closeBrowser)

test('a pool that is exhausted is seen as it happens, and a breaker is held open by hand', async () => {
  await using stack = new AsyncDisposableStack()
  const service = createServer(() => {}).listen(0, '127.0.0.1') // answers nobody
  stack.defer(() => {
    service.close()
    service.closeAllConnections()
  })
  await once(service, 'listening')
  const { port } = service.address() as AddressInfo
  const client = new HttpClient({
    name: 'slow-one',
    baseUrl: `http://127.0.0.1:${port}`,
    maxConnectionsPerOrigin: 2,
    acquireTimeout: 20_000,
  })
  stack.defer(() => client.destroy())
  const board = dashboard(client, { name: 'real', admin: true })
  stack.defer(() => board.close())
  for (let call = 0; call < 6; call++) {
    client.get('/embed', { query: { secret: 'x1' } }).text().catch(() => {}) // prettier-ignore
  }
  const { url } = await board.listen()

  await using lab = await openAt(url, { mayComplain: /Failed to load resource|ERR_/ })
  const { page } = lab
  const row = page.locator('tr.client')
  const screen = (): Promise<string> => page.locator('body').innerText()
  await eventually(() => row.innerText()).toMatch(/slow-one[\s\S]*2 of 2 in use[\s\S]*▲ 4/)
  expect(await row.innerText()).toContain('maxConnectionsPerOrigin')
  expect(await page.locator('.connections tbody tr').count()).toBe(2)
  await eventually(screen).toContain('GET /embed')
  expect(await page.content()).not.toContain('x1')

  await page.getByText('Change by hand').click()
  await page.getByRole('button', { name: 'Hold open' }).click()
  await page.getByText(/^Done: breakers of .* held open\.$/).waitFor()
  await eventually(() => row.innerText()).toContain('open (forced)')
  await eventually(() => page.locator('.events').innerText()).toContain('held open')
}, 40_000)
