/** What the page says when something fails: an upstream, a document, the connection, the token. */
import { afterAll, expect, onTestFinished, test } from 'vitest'
import { startLangextract, startOllama } from '../src/upstreams/index.ts'
import { begin, freePort, post, service, settled, tempFolder, texts } from './app-support.ts'
import { running as startedWith } from './upstreams-support.ts'
import {
  allOver,
  choose,
  closeBrowser,
  drop,
  eventually,
  library,
  open,
  quick,
  refusals,
  row,
} from './page/lab.ts'
import { relayTo } from './page/relay.ts'

afterAll(closeBrowser)

test('an upstream that is down is named, with what is missing; documents say it, too, and are made whole by hand', async () => {
  const port = await freePort()
  const running = await service({ LANGEXTRACT_URL: `http://127.0.0.1:${port}` }, quick)
  await using lab = await open(running)
  const { page } = lab
  const trouble = page.getByRole('status', { name: 'Trouble' })
  await eventually(() => trouble.innerText()).toContain(`langextract at http://127.0.0.1:${port} is down`)
  expect(await trouble.innerText()).toContain('without their concepts and themes')
  expect(await page.locator('header').innerText()).toContain('langextract is down')
  await choose(page, library.slice(0, 1))
  const one = row(page, 'connection pool')
  await eventually(() => one.innerText()).toContain('indexed, but for some stages')
  await eventually(() => one.locator('.reason').innerText()).toMatch(/^semantic: .*langextract/i)
  await startedWith(startLangextract({ port }))
  await one.getByRole('button', { name: 'Try The connection pool again' }).click()
  await eventually(() => one.innerText()).toMatch(/ indexed$|\nindexed$/)
  expect(await one.locator('.reason').count()).toBe(0)
})

test('what is given up is listed with its reason, and gets another chance, alone and with all others', async () => {
  const ollama = await startedWith(startOllama())
  const running = await service({ OLLAMA_BASE_URL: ollama.url, EMBEDDING_MODEL: 'no-such-model' })
  for (const text of texts(2)) await settled(running, await post(running, text), ['dead'])
  await using lab = await open(running)
  const { page } = lab
  const dead = page.getByRole('region', { name: 'Given up' })
  await eventually(() => dead.getByRole('listitem').count()).toBe(2)
  expect(await dead.getByRole('listitem').first().innerText()).toMatch(/embed: .*no-such-model/)
  const asked: string[] = []
  page.on('request', (request) => request.method() === 'POST' && asked.push(new URL(request.url()).pathname))
  await dead
    .getByRole('button', { name: /^Try doc_.* again$/ })
    .first()
    .click()
  await eventually(() => page.getByRole('status').last().textContent()).toMatch(/tried again|over/)
  await dead.getByRole('button', { name: 'Try all again' }).click()
  await eventually(() => asked).toEqual([
    expect.stringMatching(/^\/documents\/doc_\w+\/retry$/),
    '/dead-letters/redrive',
  ])
  await allOver(page, 2, 2)
  expect(await row(page, 'given up').count()).toBe(2)
})

test('a stream that breaks is taken up where it stopped: what happened meanwhile is on the screen', async () => {
  const running = await service({}, quick)
  const relay = await relayTo(running.url)
  await using lab = await open(relay, { mayComplain: refusals })
  const { page } = lab
  const streams: (string | null)[] = []
  page.on('request', (request) => {
    const { pathname, searchParams } = new URL(request.url())
    if (pathname === '/events') streams.push(searchParams.get('last_event_id'))
  })
  await choose(page, library.slice(0, 1))
  await allOver(page, 1)
  relay.cut()
  const trouble = page.getByRole('status', { name: 'Trouble' })
  await eventually(() => trouble.innerText()).toContain('What is shown is old')
  expect(await page.locator('header').innerText()).toContain('connection lost')
  const id = await post(running, { ...texts(1)[0]!, title: 'Meanwhile' })
  await settled(running, id)
  relay.mend()
  await eventually(() => row(page, 'Meanwhile').innerText()).toContain('indexed')
  await eventually(() => page.locator('header').innerText()).toContain('live')
  expect(await trouble.innerText()).toBe('')
  expect(streams.at(-1)).toMatch(/^[0-9a-f]+-\d+$/)
})

test('a service that began anew cannot tell what was missed: the page asks how its documents are', async () => {
  const DATA_DIR = tempFolder()
  const first = await begin({ DATA_DIR, OLLAMA_BASE_URL: `http://127.0.0.1:${await freePort()}` })
  onTestFinished(() => first.close({ timeout: 500 }))
  const relay = await relayTo(first.url)
  await using lab = await open(relay, { mayComplain: refusals })
  const { page } = lab
  await choose(page, library.slice(0, 1))
  await eventually(() => row(page, 'pool.md').innerText()).toMatch(/waits|tried again/)
  relay.cut()
  await first.close({ timeout: 500 })
  const second = await service({ DATA_DIR }, quick)
  await eventually(async () => (await second.context.store.jobs.counts()).succeeded).toBe(1)
  relay.mend(second.url)
  await eventually(() => row(page, /pool/).innerText()).toContain('indexed')
})

test('a service with a token asks for it once, says when it is wrong, and the dashboard asks no more', async () => {
  const running = await service({ API_TOKEN: 'a-token-that-nobody-guesses' }, quick)
  await using lab = await open(running, { ready: 'form.token', mayComplain: refusals })
  const { page } = lab
  expect(await page.getByRole('searchbox').count()).toBe(0)
  await drop(page, library)
  await page.getByLabel('Token').fill('not-the-token-of-it')
  await page.keyboard.press('Enter')
  await eventually(() => page.getByRole('alert').innerText()).toBe('this is not the token of this service')
  await page.getByLabel('Token').fill('a-token-that-nobody-guesses')
  await page.keyboard.press('Enter')
  await page.getByRole('searchbox').waitFor()
  await eventually(() => page.locator('header').innerText()).toContain('live')
  await choose(page, library.slice(0, 1))
  await allOver(page, 1)
  expect(page.url()).not.toContain('token')
  expect(await page.evaluate(() => document.cookie)).toBe('')
  await page.getByRole('link', { name: 'Dashboard' }).click()
  await page.locator('tr.client').first().waitFor()
  // Known from now on.
  await page.goto(running.url)
  await page.getByRole('region', { name: 'Indexed last' }).waitFor()
})
