/** Each incident is on the screen as an operator has to see it, and the charts draw. */
import { afterAll, expect, test } from 'vitest'
import { closeBrowser, eventually, drawnShare, openPage } from '../support/page-lab.ts'

afterAll(closeBrowser)

const incidents: readonly (readonly [
  scene: string,
  client: string,
  state: string,
  level: string,
  marks: readonly string[],
])[] = [
  [
    'pool-exhausted',
    'ollama',
    'pool exhausted',
    'critical',
    ['20 of 20 in use', '▲ 14', 'maxConnectionsPerOrigin', '▼'],
  ],
  ['body-leak', 'langextract', 'unread bodies', 'warn', ['18 of 20 in use']],
  ['stale-connections', 'bridge', 'stale connections', 'warn', []],
  ['retry-storm', 'langextract', 'retry storm', 'critical', ['▲ ×1.', '▼']],
  ['breaker-flapping', 'langextract', 'breaker flapping', 'critical', ['▼']],
  ['breaker-open', 'langextract', 'breaker open', 'critical', ['open', '▼']],
  ['dns-trouble', 'coordinator', 'DNS or TLS trouble', 'critical', ['2 dialing', '▼']],
  ['churn', 'bridge', 'connection churn', 'warn', ['3 dialing']],
]

test.each(incidents)(
  '%s: the row of %s stands on top, says "%s", and has its marks',
  async (scene, client, state, level, marks) => {
    await using lab = await openPage({ scene })
    const { page } = lab
    const [verdict, row] = [page.locator('.verdict').first(), page.locator('tr.client').first()]
    expect(await verdict.locator('summary').innerText()).toMatch(new RegExp(`${client}\\s+${state}`))
    expect(await verdict.getAttribute('class')).toContain(level)
    expect(await row.getAttribute('class')).toContain(level)
    const text = await row.innerText()
    for (const mark of [client, state, ...marks]) expect(text).toContain(mark)
    // It is the one that is shown below, before anybody chose.
    expect(await page.locator('.chosen h2').innerText()).toBe(client)
  },
)

test('all four charts draw', async () => {
  await using lab = await openPage({ scene: 'pool-exhausted' })
  for (const chart of ['connections', 'waiting', 'latency', 'outcomes']) {
    await eventually(() => drawnShare(lab.page, chart)).toBeGreaterThan(0.03)
  }
})

test('a service that is well says so in one line, and nothing on its screen is an alarm', async () => {
  await using lab = await openPage({ scene: 'healthy' })
  const { page } = lab
  expect(await page.locator('.verdicts').innerText()).toContain('All 4 clients are well.')
  expect(await page.locator('.verdict, .alarm, .banner, tr.warn, tr.critical').count()).toBe(0)
  expect(await page.locator('tr.client').allInnerTexts()).toHaveLength(4)
})

test('a blocked event loop is said to be the process, in the verdict and in the header', async () => {
  await using lab = await openPage({ scene: 'loop-blocked' })
  const { page } = lab
  expect(await page.locator('.verdict summary').innerText()).toMatch(/this process\s+event loop blocked/)
  expect(await page.locator('header li.critical').innerText()).toContain('loop p99 480 ms')
})

test('HTTP/2 shows streams and sessions', async () => {
  await using lab = await openPage({ scene: 'healthy' })
  expect(await lab.page.locator('tr.client', { hasText: 'coordinator' }).innerText()).toMatch(
    /\d+ of 200 streams on 2 HTTP\/2 sessions/,
  )
})

test('a thousand connections are bars, and lists of them are bounded', async () => {
  await using lab = await openPage({ scene: 'crowd' })
  const { page } = lab
  expect(await page.locator('tr.client .place.frame').count()).toBe(10)
  expect(await page.locator('.connections tbody tr').count()).toBeLessThanOrEqual(100)
})

test('a verdict unfolds into its evidence and a line to copy, and stays so as numbers change', async () => {
  await using lab = await openPage({
    scene: 'pool-exhausted',
    context: { permissions: ['clipboard-read', 'clipboard-write'] },
  })
  const { page } = lab
  await page.locator('.verdict summary').click()
  expect(await page.locator('.verdict dl').innerText()).toContain('maxConnectionsPerOrigin')
  const before = await page.locator('.verdict summary').innerText()
  await eventually(() => page.locator('.verdict summary').innerText()).not.toBe(before)
  await page.getByRole('button', { name: 'Copy OLLAMA_HTTP_CLIENT_POOL_TIMEOUT=1' }).click()
  await page.getByText('copied').waitFor()
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('OLLAMA_HTTP_CLIENT_POOL_TIMEOUT=1')
})

test('the live region is told of what is wrong, once', async () => {
  await using lab = await openPage({ scene: 'pool-exhausted' })
  const { page } = lab
  const region = page.locator('[aria-live=polite]')
  expect(await region.textContent()).toBe('ollama: pool exhausted.')
  const changes = await region.evaluate(
    (element) =>
      new Promise<number>((resolve) => {
        let seen = 0
        new MutationObserver(() => seen++).observe(element, {
          characterData: true,
          childList: true,
          subtree: true,
        })
        setTimeout(() => resolve(seen), 2_500)
      }),
  )
  expect(changes).toBe(0)
})

test('what strangers name themselves is text', async () => {
  await using lab = await openPage({ scene: 'hostile' })
  const { page } = lab
  expect(await page.locator('tr.client th').first().innerText()).toContain('<img src=x onerror=alert(1)>')
  expect(await page.locator('img, iframe, b > script').count()).toBe(0)
})
