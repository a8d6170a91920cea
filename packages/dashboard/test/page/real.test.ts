/** A real client, a real service that gets slow, the real handler, and the page in a browser. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Worker } from 'node:worker_threads'
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

test('connections are drained and limits are changed by hand, and the pool does it', async () => {
  await using stack = new AsyncDisposableStack()
  const { origin } = await startService(stack)
  const client = new HttpClient({ name: 'by hand', baseUrl: origin, maxConnections: 8 })
  stack.defer(() => client.destroy())
  const board = dashboard(client, { name: 'real', admin: true })
  stack.defer(() => board.close())
  await client.warm(3)
  const { url } = await board.listen()

  await using lab = await openAt(url, { mayComplain: /status of 422/ })
  const { page } = lab
  await page.getByText('Change by hand').click()
  await page.getByRole('button', { name: 'Drain' }).click()
  await page.getByText(/^Done: .*3 connections/).waitFor()
  await eventually(() => client.pool.snapshot().connections).toBe(0)
  await eventually(() => page.locator('.connections').innerText()).toContain('No connection is open.')

  const told = page.locator('.acts [role=status]')
  await page.getByLabel('Limit', { exact: true }).selectOption('maxConnectionsPerOrigin')
  await page.getByLabel('New value').fill('3')
  await page.getByRole('button', { name: 'Set', exact: true }).click()
  await eventually(() => told.innerText()).toMatch(/^Done: .*maxConnectionsPerOrigin/)
  expect(client.pool.snapshot().maxConnectionsPerOrigin).toBe(3)
  await page.getByLabel('Limit', { exact: true }).selectOption('maxConnections')
  await page.getByLabel('New value').fill('0')
  await page.getByRole('button', { name: 'Set', exact: true }).click()
  await eventually(() => told.innerText()).toMatch(/maxConnections/)
  expect(await told.innerText()).not.toMatch(/^Done/)
  expect(client.pool.snapshot().maxConnections).toBe(8)
}, 40_000)

test('a service of several processes is chosen from: their sum, or one of them', async () => {
  await using stack = new AsyncDisposableStack()
  const { origin } = await startService(stack)
  const client = new HttpClient({ name: 'search', baseUrl: origin })
  stack.defer(() => client.destroy())
  for (let call = 0; call < 4; call++) await client.get('/').text()
  const worker = new Worker(new URL('../support/handler-worker.ts', import.meta.url), {
    workerData: [origin, '7', 'stay beside'],
    execArgv: ['--conditions=keepwarm-source'],
  })
  stack.defer(async () => void (await worker.terminate()))
  const board = dashboard(client, { name: 'shop' })
  stack.defer(() => board.close())
  board.collect(worker)
  const { url } = await board.listen()

  await using lab = await openAt(url)
  const { page } = lab
  const chooser = page.getByLabel('Process', { exact: true })
  await chooser.waitFor()
  await eventually(() => chooser.locator('option').allInnerTexts()).toEqual([
    'all 2 processes',
    expect.stringMatching(/^shop \d+$/),
    expect.stringMatching(/^stay beside \d+\.\d+$/),
  ])
  const facts = page.locator('header')
  const connections = page.locator('.connections tbody tr')
  await eventually(() => connections.count()).toBe(2)
  const [, own, other] = await chooser.locator('option').evaluateAll((options) => options.map((option) => (option as unknown as { value: string }).value)) // prettier-ignore
  await chooser.selectOption(other!)
  await eventually(() => connections.count()).toBe(1)
  await eventually(() => facts.innerText()).toContain('stay beside')
  expect(await chooser.inputValue()).toBe(other)
  await chooser.selectOption(own!)
  await eventually(() => facts.locator('h1').innerText()).toBe('shop')
  await eventually(() => connections.count()).toBe(1)
  await chooser.selectOption('sum')
  await eventually(() => connections.count()).toBe(2)
}, 60_000)

async function startService(stack: AsyncDisposableStack): Promise<{ origin: string }> {
  const service = createServer((_, response) => void response.end('{}'))
  service.keepAliveTimeout = 120_000 // connections stay while a browser starts
  service.listen(0, '127.0.0.1')
  stack.defer(() => {
    service.close()
    service.closeAllConnections()
  })
  await once(service, 'listening')
  return { origin: `http://127.0.0.1:${(service.address() as AddressInfo).port}` }
}
