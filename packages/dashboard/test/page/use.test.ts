/** What a reader does: choose, look closer, stop time, filter; with a keyboard, too. */
import { afterAll, expect, test } from 'vitest'
import { closeBrowser, eventually, openPage } from '../support/page-lab.ts'

afterAll(closeBrowser)

test('the keyboard alone chooses a client, a range and a table', async () => {
  await using lab = await openPage({ scene: 'pool-exhausted' })
  const { page } = lab
  const chosen = page.locator('.chosen h2')
  await page.locator('button.pick').first().focus()
  await page.keyboard.press('ArrowDown')
  const second = await page.locator('button.pick').nth(1).innerText()
  expect(await chosen.innerText()).toBe(second)
  expect(await page.locator('button.pick[aria-pressed=true]').innerText()).toBe(second)
  await page.keyboard.press('End')
  expect(await chosen.innerText()).toBe(await page.locator('button.pick').last().innerText())
  await page.keyboard.press('Home')
  expect(await chosen.innerText()).toBe('ollama')
  await page.getByRole('radio', { name: '5m', exact: true }).focus()
  await page.keyboard.press('ArrowRight')
  expect(await page.getByRole('radio', { name: '15m' }).isChecked()).toBe(true)
  await page.getByRole('button', { name: 'Waiting as a table' }).focus()
  await page.keyboard.press('Enter')
  await page.locator('#chart-waiting table').waitFor()
})

test('everything that can be done is reached by tab, and shows where the focus is', async () => {
  await using lab = await openPage({ scene: 'pool-exhausted', plays: false })
  const { page } = lab
  const reached = new Set<string>()
  for (let press = 0; press < 60; press++) {
    await page.keyboard.press('Tab')
    const at = await page.evaluate(() => {
      const element = document.activeElement
      if (element === null || element === document.body) return ''
      const label = element.getAttribute('aria-label') ?? element.textContent
      const shown = getComputedStyle(element).outlineStyle !== 'none' || element instanceof HTMLInputElement
      return `${element.tagName} ${label?.trim().slice(0, 24) ?? ''}${shown ? '' : ' INVISIBLE'}`
    })
    reached.add(at)
  }
  const all = [...reached].join('\n')
  for (const wanted of [
    'Pause',
    'SUMMARY',
    'ollama',
    'Connections as a table',
    'Text in the event',
    'Events, newest first',
  ]) {
    expect(all).toContain(wanted)
  }
  expect(all).not.toContain('INVISIBLE')
})

test('a table says the same numbers as its chart', async () => {
  await using lab = await openPage({ scene: 'pool-exhausted', plays: false })
  const { page } = lab
  for (const title of ['Connections', 'Waiting', 'Latency', 'Outcomes per second']) {
    const panel = page.getByRole('region', { name: title, exact: true })
    const legend = await panel.locator('.legend li:not(.at)').allInnerTexts()
    await panel.getByRole('button', { name: `${title} as a table` }).click()
    const heads = await panel.locator('thead th').allInnerTexts()
    const newest = await panel.locator('tbody tr').first().locator('th, td').allInnerTexts()
    const told = heads.slice(1).map((head, index) => `${head} ${newest[index + 1]}`)
    expect(told.map((text) => text.trim())).toEqual(legend.map((text) => text.trim()))
    expect(heads.length).toBeGreaterThan(2)
    expect(await panel.locator('canvas').count()).toBe(0)
  }
})

test('the cursor is in all four charts at one moment, and legends tell the numbers there', async () => {
  await using lab = await openPage({ scene: 'pool-exhausted', plays: false })
  const { page } = lab
  await page.locator('#chart-connections .canvas').focus()
  for (let press = 0; press < 3; press++) await page.keyboard.press('Shift+ArrowLeft')
  const moments = await page.locator('.legend .at').allInnerTexts()
  expect(moments[0]).toMatch(/^\d\d:\d\d:\d\d$/)
  expect(new Set(moments).size).toBe(1)
  expect(await page.locator('#chart-waiting .legend').innerText()).not.toContain('waiting 14')
  await page.locator('#chart-latency .canvas').hover()
  await eventually(() => page.locator('.legend .at').first().innerText()).not.toBe(moments[0])
})

test('time stands still when it is told to, and goes on from now', async () => {
  await using lab = await openPage({ scene: 'pool-exhausted' })
  const { page } = lab
  await page.getByRole('button', { name: 'Pause' }).click()
  const still = await page.locator('main').innerText()
  await page.waitForTimeout(2_200)
  expect(await page.locator('main').innerText()).toBe(still)
  expect(await page.locator('.age').innerText()).toMatch(/^paused at/)
  await page.getByRole('button', { name: 'Resume' }).click()
  expect(await page.locator('.age').innerText()).toMatch(/^updated/)
})

test('events are filtered by text, kind and client', async () => {
  await using lab = await openPage({ scene: 'pool-exhausted', plays: false })
  const { page } = lab
  const kinds = async (): Promise<string[]> => [
    ...new Set(await page.locator('.events .kind').allInnerTexts()),
  ]
  expect((await kinds()).sort()).toEqual(['closed', 'refused'])
  await page.getByRole('combobox', { name: 'Kind' }).selectOption('closed')
  expect(await kinds()).toEqual(['closed'])
  await page.getByRole('checkbox', { name: 'only ollama' }).check()
  await page.getByText('No event is like that.').waitFor()
  await page.getByRole('combobox', { name: 'Kind' }).selectOption('')
  await page.getByRole('searchbox').fill('api/embed')
  expect(await kinds()).toEqual(['refused'])
})

test('colours follow the system, and the reader, who is remembered', async () => {
  await using lab = await openPage({ scene: 'healthy', plays: false, context: { colorScheme: 'dark' } })
  const { page } = lab
  const ground = (): Promise<string> => page.evaluate(() => getComputedStyle(document.body).backgroundColor)
  const dark = await ground()
  await page.getByRole('radio', { name: 'light' }).check()
  const light = await ground()
  expect(light).not.toBe(dark)
  await page.reload()
  await page.locator('tr.client').first().waitFor()
  expect(await ground()).toBe(light)
  await page.getByRole('radio', { name: 'auto' }).check()
  expect(await ground()).toBe(dark)
})

test('who wants no motion sees none', async () => {
  await using lab = await openPage({
    scene: 'pool-exhausted',
    plays: false,
    context: { reducedMotion: 'reduce' },
  })
  const moving = await lab.page.evaluate(
    () =>
      [...document.querySelectorAll('*')].filter((element) => {
        const { transitionDuration, animationName } = getComputedStyle(element)
        return transitionDuration !== '0s' || animationName !== 'none'
      }).length,
  )
  expect(moving).toBe(0)
})
