/** What people do with the page: give documents, watch them, search, read, follow entities. */
import { afterAll, expect, test } from 'vitest'
import { service } from './app-support.ts'
import {
  allOver,
  choose,
  closeBrowser,
  drop,
  eventually,
  library,
  open,
  quick,
  row,
  search,
} from './page/lab.ts'

afterAll(closeBrowser)

test('documents are dropped, watched, found, read and followed from one to the next', async () => {
  const running = await service({}, quick)
  await using lab = await open(running)
  const { page } = lab
  await page.getByText('Nothing is indexed yet').waitFor()
  await drop(page, library)
  await row(page, 'pool.md').waitFor()
  await allOver(page, 3)
  await eventually(() => page.locator('header').innerText()).toContain('3 documents')
  await eventually(() => page.getByRole('status').last().textContent()).toMatch(/over: 3 of 3 documents\.$/)
  // Before anybody searched, what there is, with how fresh it is.
  const listed = page.getByRole('region', { name: 'Indexed last' }).getByRole('listitem')
  expect(await listed.count()).toBe(3)
  await eventually(() => listed.filter({ hasText: 'Bread' }).innerText()).toMatch(
    /(fresh|stale|outdated) \d+ % · changed just now/,
  )
  await search(page, 'idle sockets of the pool')
  const hit = page.getByRole('article').first()
  await eventually(() => hit.getByRole('heading').innerText()).toBe('The connection pool')
  expect(await hit.locator('mark').allInnerTexts()).toEqual(
    expect.arrayContaining(['idle', 'sockets', 'pool']),
  )
  const kinds = await hit
    .locator('.snippet .entity')
    .evaluateAll((all) => all.map((one) => [one.textContent, one.getAttribute('title')].join(': ')))
  expect(kinds).toEqual(
    expect.arrayContaining(['ConnectionPool: class', 'Node.js: technology', 'Ada Lovelace: person']),
  )
  await eventually(() => hit.locator('.freshness').innerText()).toMatch(/\d+ % · changed just now/)
  // The document, and what is like it.
  await hit.getByRole('button', { name: 'The connection pool', exact: true }).click()
  const document = page.getByRole('dialog', { name: 'The connection pool' })
  await document.getByRole('region', { name: 'Text' }).waitFor()
  expect(await document.locator('.text').innerText()).toContain('keeps idle sockets warm')
  expect(await document.locator('.text .entity').count()).toBeGreaterThan(3)
  await document.getByRole('button', { name: 'Retries' }).click()
  await page.getByRole('dialog', { name: 'Retries' }).getByText('both mention').first().waitFor()
  // Back is back, and an entity leads to all that mention it.
  await page.goBack()
  await document.getByRole('button', { name: /^Ada Lovelace ?, person$/ }).click()
  await eventually(() => page.getByRole('article').count()).toBe(2)
  expect(await page.getByRole('dialog').count()).toBe(0)
  await page.getByRole('button', { name: /^mentions Ada Lovelace/ }).waitFor()
  expect(new URL(page.url()).hash).toContain('entity=Ada+Lovelace')
})

test('stages are seen while they run, each with its name', async () => {
  const running = await service({}, quick)
  await using lab = await open(running)
  const { page } = lab
  const seen = page.evaluate(
    () =>
      new Promise<string[]>((resolve) => {
        const texts = new Set<string>()
        const look = new MutationObserver(() => {
          for (const bar of document.querySelectorAll('.item [role=progressbar]'))
            texts.add(`${bar.getAttribute('aria-valuenow')} ${bar.getAttribute('aria-valuetext')}`)
          if (document.body.innerText.includes('1 of 1 over')) {
            look.disconnect()
            resolve([...texts])
          }
        })
        look.observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true })
      }),
  )
  await choose(page, library.slice(0, 1))
  const texts = await seen
  expect(texts.join('\n')).toMatch(/embed|entities|semantic|freshness/)
  expect(new Set(texts.map((text) => text.split(' ', 1)[0])).size).toBeGreaterThan(2)
})

test('a text is pasted, dropped and written; the same again is unchanged; it can be removed', async () => {
  const running = await service({}, quick)
  await using lab = await open(running)
  const { page } = lab
  await page.evaluate(() => {
    const clipboardData = new DataTransfer()
    clipboardData.setData('text/plain', '# Pasted\n\nThis came by paste.')
    document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true }))
  })
  await row(page, 'Pasted').waitFor()
  await drop(page, [], 'A dropped line\nand another')
  await row(page, 'A dropped line').waitFor()
  await page.getByText('Write a text').click()
  await page.getByLabel('Title').fill('By hand')
  await page.getByLabel('Text', { exact: true }).fill('Written by hand, about sourdough.')
  await page.getByRole('button', { name: 'Add this text' }).click()
  await allOver(page, 3)
  await page.getByRole('button', { name: 'Clear', exact: true }).click()
  await drop(page, [], 'A dropped line\nand another')
  await row(page, 'unchanged').waitFor()
  await search(page, 'sourdough')
  await page.getByRole('article').getByRole('button', { name: 'By hand' }).click()
  await page.getByRole('button', { name: 'Remove' }).click()
  await page.getByRole('button', { name: 'Really remove it?' }).click()
  await eventually(() => page.getByRole('dialog').count()).toBe(0)
  await eventually(() => page.locator('header').innerText()).toContain('2 documents')
})

test('what is no text is refused by name and reason, and the rest is taken', async () => {
  const running = await service({}, quick)
  await using lab = await open(running)
  const { page } = lab
  await choose(page, [
    { name: 'picture.png', text: new Uint8Array([137, 80, 78, 71, 0, 1]) },
    { name: 'latin.txt', text: new Uint8Array([0x63, 0x61, 0x66, 0xe9]) },
    { name: 'nothing.md', text: '   ' },
    library[0]!,
  ])
  await allOver(page, 4, 3)
  await eventually(() => row(page, 'picture.png').innerText()).toMatch(/not taken[^]*NUL bytes/)
  expect(await row(page, 'latin.txt').innerText()).toContain('not in UTF-8')
  expect(await row(page, 'nothing.md').innerText()).toContain('empty')
  expect(await row(page, 'pool').last().innerText()).toContain('indexed')
})

test('filters narrow the search, and stand in the address, which can be kept', async () => {
  const running = await service({}, quick)
  await using lab = await open(running)
  const { page } = lab
  await choose(page, [
    { name: 'a.md', text: '# Alpha\n\nThe lighthouse stands.' },
    { name: 'b.txt', text: 'Beta\n\nThe lighthouse fell.' },
  ])
  await allOver(page, 2)
  await page.getByLabel('Type').fill('text')
  await search(page, 'lighthouse')
  await eventually(() => page.getByRole('article').count()).toBe(1)
  expect(await page.getByRole('article').innerText()).toContain('b.txt')
  await page.reload()
  await eventually(() => page.getByRole('article').count()).toBe(1)
  expect(await page.getByRole('searchbox').inputValue()).toBe('lighthouse')
  await page.getByLabel('Type').fill('')
  await page.getByLabel('Source').fill('a.md')
  await page.getByRole('button', { name: 'Search' }).click()
  await eventually(() => page.getByRole('article').allInnerTexts()).toEqual([
    expect.stringContaining('Alpha'),
  ])
  await page.getByRole('button', { name: 'Clear' }).first().click()
  await page.getByRole('region', { name: 'Indexed last' }).waitFor()
})
