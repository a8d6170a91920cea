/** The way to the service: it breaks, falls silent, and comes back, and the history has no hole. */
import { afterAll, expect, test } from 'vitest'
import { closeBrowser, eventually, openPage, type Lab } from '../support/page-lab.ts'

afterAll(closeBrowser)

const refused = /503|Failed to load resource|ERR_|EventSource/

/** The seconds that the table of a chart tells of, oldest first. */
async function seconds({ page }: Lab): Promise<number[]> {
  const button = page.getByRole('button', { name: 'Outcomes per second as a table' })
  if ((await button.getAttribute('aria-pressed')) === 'false') await button.click()
  const rows = page.locator('#chart-outcomes tbody tr')
  const texts = await rows.evaluateAll((elements) =>
    elements.map((row) => [...row.children].map((cell) => cell.textContent ?? '')),
  )
  return texts
    .filter((cells) => cells[1] !== '–')
    .map(([time = '']) => time.split(':').reduce((sum, part) => sum * 60 + Number(part), 0))
    .reverse()
}

function gaps(times: readonly number[]): number[] {
  return times
    .slice(1)
    .flatMap((time, index) => ((time - times[index]! + 86_400) % 86_400 === 1 ? [] : [time]))
}

test('a stream that breaks is taken up where it stopped: no second is missing, none comes twice', async () => {
  await using lab = await openPage({ scene: 'retry-storm', mayComplain: refused })
  const { page, server } = lab
  await page.waitForTimeout(1_500)
  server.breakDown()
  await page.locator('.banner').waitFor()
  expect(await page.locator('.banner').innerText()).toContain('Eight already watch.')
  await page.waitForTimeout(1_500)
  server.restore()
  await eventually(() => page.locator('.banner').count()).toBe(0)
  await page.waitForTimeout(1_200)
  const times = await seconds(lab)
  expect(times.length).toBeGreaterThan(50)
  expect(gaps(times)).toEqual([])
  expect(Number(server.asked.at(-1)?.get('since'))).toBeGreaterThan(1_700_000_000)
})

test('a silent stream is stale after three seconds, which is said before everything else', async () => {
  await using lab = await openPage({ scene: 'healthy' })
  const { page, server } = lab
  await page.waitForTimeout(1_200)
  await eventually(() => page.locator('.banner').count()).toBe(0)
  server.silence()
  await page.locator('.banner', { hasText: /Stale: no data for \d+ s/ }).waitFor({ timeout: 8_000 })
  expect(await page.locator('[aria-live=polite]').textContent()).toBe('The data are stale.')
  server.restore()
  await eventually(() => page.locator('.banner').count()).toBe(0)
})

test('a page that nobody looks at asks for every fifth second, and for what it missed when it is looked at', async () => {
  await using lab = await openPage({ scene: 'healthy' })
  const { page, server } = lab
  const hide = (hidden: boolean): Promise<void> =>
    page.evaluate((value) => {
      Object.defineProperty(document, 'hidden', { configurable: true, get: () => value })
      document.dispatchEvent(new Event('visibilitychange'))
    }, hidden)
  await hide(true)
  await eventually(() => server.asked.at(-1)?.get('every')).toBe('5')
  expect(server.asked.at(-1)?.get('since')).not.toBeNull()
  await hide(false)
  await eventually(() => server.asked.at(-1)?.get('every')).toBe('1')
  await page.waitForTimeout(1_200)
  expect(gaps(await seconds(lab))).toEqual([])
  await eventually(() => server.open).toBe(1)
})

test('a service of another age is named, and not guessed at', async () => {
  await using lab = await openPage({ scene: 'healthy', plays: false })
  lab.server.sendRaw('event: tick\nid: 1\ndata: {"snapshot":{"version":2}}\n\n')
  await lab.page.locator('.banner', { hasText: 'version 2' }).waitFor()
  expect(await lab.page.locator('tr.client').count()).toBe(4)
})
