/** What the page keeps: its size, its contrast, narrow screens, the keyboard, names, and that no document runs in it. */
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Page } from 'playwright-core'
import type { Service } from '../src/app.ts'
import { pageHtml } from '../src/built/page.js'
import { begin, freePort, post, service, settled } from './app-support.ts'
import { choose, closeBrowser, eventually, faintTexts, library, open, quick, search } from './page/lab.ts'

let stocked: Service

/** A service with documents, and with an upstream that is down, so that all there is to see is seen. */
beforeAll(async () => {
  const down = `http://127.0.0.1:${await freePort()}`
  stocked = await begin({ LANGEXTRACT_URL: down }, { standIns: 'thread' })
  for (const { name, text } of library) {
    await settled(stocked, await post(stocked, { content: String(text), source: name }))
  }
})

afterAll(async () => {
  await closeBrowser()
  await stocked.close({ timeout: 1_000 })
})

/** Through everything that there is to see; `look` is called at each stop. */
async function tour(page: Page, look: (stop: string) => Promise<void>): Promise<void> {
  await page.getByRole('region', { name: 'Mentioned most' }).waitFor()
  await page.getByText('Write a text').click()
  await look('overview')
  await choose(page, [
    { name: 'more.md', text: '# More\n\nOf the ConnectionPool.' },
    { name: 'bad.bin', text: '\0' },
  ])
  await page.getByText('indexed, but for some stages').first().waitFor()
  await look('indexing')
  await search(page, 'ConnectionPool sockets')
  await page.getByRole('article').first().locator('.freshness .mark').waitFor()
  await look('found')
  await page.getByRole('article').first().getByRole('heading').getByRole('button').click()
  await page.getByRole('dialog').getByRole('heading', { name: 'Entities' }).waitFor()
  await look('document')
}

test('the page is below 30 kB, packed', () => {
  expect(gzipSync(pageHtml).length).toBeLessThan(30_000)
})

test('it asks nobody but the service it came from', async () => {
  const running = await service({}, quick)
  await using lab = await open(running)
  const asked = new Set<string>()
  lab.page.on('request', (request) => asked.add(new URL(request.url()).origin))
  await lab.page.reload()
  await lab.page.getByText('live').waitFor()
  expect([...asked]).toEqual([running.url])
})

test.each(['light', 'dark'] as const)('all text can be read in %s: contrast of AA', async (colorScheme) => {
  await using lab = await open(stocked, { context: { colorScheme } })
  const { page } = lab
  await tour(page, async (stop) => expect([stop, await page.evaluate(faintTexts)]).toEqual([stop, []]))
})

test.each([320, 390, 768, 1_024])('nothing sticks out of a screen that is %i wide', async (width) => {
  await using lab = await open(stocked, { context: { viewport: { width, height: 740 } } })
  const { page } = lab
  await tour(page, async (stop) => {
    const over = await page.evaluate(() => {
      const dialog = document.querySelector('dialog')
      const inside = dialog === null ? 0 : dialog.scrollWidth - dialog.clientWidth
      return Math.max(inside, document.documentElement.scrollWidth - innerWidth)
    })
    expect([stop, over]).toEqual([stop, Math.min(0, over)])
    const small = await page
      .locator('button:visible:not(.link), input:visible:not([type=radio])')
      .evaluateAll((all) =>
        all
          .filter((one) => one.getBoundingClientRect().height < 24)
          .map(({ outerHTML }) => outerHTML.slice(0, 80)),
      )
    expect([stop, small]).toEqual([stop, []])
  })
})

test('on a narrow screen the way to adding documents is one step', async () => {
  await using lab = await open(stocked, { context: { viewport: { width: 390, height: 740 } } })
  const { page } = lab
  await page.getByRole('button', { name: 'Add documents' }).click()
  await eventually(() => page.evaluate(() => document.activeElement?.id)).toBe('add')
  expect(await page.getByRole('button', { name: 'Choose files' }).isVisible()).toBe(true)
})

test('everything has a name for those who cannot see it, and each name of a part is there once', async () => {
  await using lab = await open(stocked)
  const { page } = lab
  await tour(page, async (stop) => {
    const nameless = await page.evaluate(() =>
      [
        ...document.querySelectorAll(
          'button, input, textarea, section, form, dialog, nav, [tabindex], progress, [role]',
        ),
      ]
        .filter((element) => {
          const { labels } = element as HTMLInputElement
          const by = element.getAttribute('aria-labelledby')
          const named = by === null ? undefined : document.getElementById(by)?.textContent
          const own = element.getAttribute('aria-label') ?? named ?? labels?.[0]?.textContent
          const text = element.matches('button, [role=status], [role=alert], h2')
            ? (element.textContent ?? '')
            : ''
          const isForm = element.matches('details form')
          return !own && text === '' && !isForm && !element.matches('[role=status], [role=alert]')
        })
        .map((element) => element.outerHTML.slice(0, 120)),
    )
    expect([stop, nameless]).toEqual([stop, []])
    const ids = await page.locator('[id]').evaluateAll((all) => all.map(({ id }) => id))
    expect(ids.length, stop).toBe(new Set(ids).size)
  })
  for (const landmark of ['banner', 'navigation', 'main', 'search'] as const)
    expect(await page.locator('body').getByRole(landmark, { includeHidden: true }).count(), landmark).toBe(1)
})

test('the keyboard alone gives a text, searches, reads a document and follows an entity; focus is always seen', async () => {
  await using lab = await open(stocked)
  const { page } = lab
  const press = async (...keys: string[]): Promise<void> => {
    for (const key of keys) await page.keyboard.press(key)
  }
  const focused = (): Promise<string> =>
    page.evaluate(() => {
      const { activeElement: element } = document
      if (element === null || element === document.body) return 'nothing'
      const { outlineStyle, outlineWidth } = getComputedStyle(element)
      const around = element.nextElementSibling
      const shown =
        (outlineStyle !== 'none' && outlineWidth !== '0px') || around?.matches('input:focus-visible + span')
      const label =
        element.getAttribute('aria-label') ?? (element as HTMLInputElement).labels?.[0]?.textContent
      return `${(label ?? element.textContent).trim()}${shown === true ? '' : ' UNSEEN'}`
    })
  const tabTo = async (wanted: RegExp): Promise<void> => {
    for (let step = 0; step < 120; step++) {
      await press('Tab')
      const at = await focused()
      expect(at).not.toContain('UNSEEN')
      if (wanted.test(at)) return
    }
    throw new Error(`not reached by Tab: ${wanted}`)
  }
  await tabTo(/^To the search$/)
  await press('Enter')
  expect(await focused()).toContain('Search by words and meaning')
  await tabTo(/^Write a text$/)
  await press('Enter')
  await tabTo(/^Text/)
  await page.keyboard.type('Typed by hand about zeppelins')
  await tabTo(/^Add this text$/)
  await press('Space')
  await page.getByText('1 of 1 over').waitFor()
  await page.locator('#query').focus()
  await page.keyboard.type('ConnectionPool sockets')
  await press('Enter')
  await page.getByRole('article').first().waitFor()
  await tabTo(/^The connection pool$/)
  await press('Enter')
  await page.getByRole('dialog').getByRole('heading', { name: 'Entities' }).waitFor()
  await tabTo(/Ada Lovelace, person/)
  await press('Escape')
  await eventually(() => page.getByRole('dialog').count()).toBe(0)
  await eventually(focused).toContain('The connection pool')
  await tabTo(/ConnectionPool, class/)
  await press('Enter')
  await page.getByRole('button', { name: /^mentions ConnectionPool/ }).waitFor()
})

test('a hostile document is text: in its title, its source, its text, its entities and its reasons', async () => {
  const running = await service({}, quick)
  await using lab = await open(running, { at: '#q=%3Cimg%20src%3Dx%20onerror%3D%22window.ran%3D1%22%3E' })
  const { page } = lab
  const attack = '<img src=x onerror="window.ran=1"><script>window.ran=1</script>'
  const content = `# ${attack}\n\nSee [link](javascript:window.ran=1) and ConnectionPool ${attack} by <b>Ada Lovelace</b>.`
  await choose(page, [
    { name: `${attack.replaceAll('/', '_')}.md`, text: content },
    { name: '"><svg onload=window.ran=1>.md', text: '\0' },
  ])
  await page.getByText('2 of 2 over').waitFor({ timeout: 45_000 })
  await search(page, 'ConnectionPool script')
  await page.getByRole('article').first().waitFor()
  expect(await page.getByRole('article').first().innerText()).toContain('<script>window.ran=1</script>')
  await page.getByRole('article').first().getByRole('heading').getByRole('button').click()
  await page.locator('.text').waitFor()
  expect(await page.locator('.text').innerText()).toContain(attack)
  expect(await page.evaluate(() => 'ran' in window)).toBe(false)
  expect(
    await page
      .locator('#app img, #app script, #app a[href^=javascript], #app svg[onload], #app b:has-text("Ada")')
      .count(),
  ).toBe(0)
})

test('who wants no motion sees none', async () => {
  await using lab = await open(stocked, { context: { reducedMotion: 'reduce' } })
  const { page } = lab
  await tour(page, async (stop) => {
    const moving = await page.evaluate(
      () =>
        [...document.querySelectorAll('*')].filter((element) => {
          const { transitionDuration, animationName } = getComputedStyle(element)
          return transitionDuration !== '0s' || animationName !== 'none'
        }).length,
    )
    expect([stop, moving]).toEqual([stop, 0])
  })
  // What moves for others does so while it runs, which is over before anybody looks.
  const running = await page.evaluate(() => {
    const step = document.createElement('span')
    step.className = 'step running'
    document.body.append(step)
    return getComputedStyle(step).animationName
  })
  expect(running).toBe('none')
})
