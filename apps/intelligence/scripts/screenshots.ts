/**
 * `npm run screenshots -w intelligence`: docs/screenshots/service-*.png anew, from a service that reads this
 * project's own documentation.
 */
import { globSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Page } from 'playwright-core'
import { indexed } from '../../../packages/dashboard/scripts/palette.ts'
import { openBrowser } from '../../../packages/dashboard/test/support/browser.ts'
import type { Service } from '../src/app.ts'
import { begin } from '../test/app-begin.ts'
import { ensureServicePage } from './page.ts'

const home = join(import.meta.dirname, '../../..')
const target = process.env['SCREENSHOTS'] ?? join(home, 'docs/screenshots')
const texts = ['CHANGELOG.md', 'README.md', ...globSync('docs/*.md', { cwd: home }).sort()].map((path) => ({
  source: path.replaceAll('\\', '/'),
  content: readFileSync(join(home, path), 'utf8'),
}))

/** Documents that are there before the picture, and those that are seen on their way. */
const [before, seen] = [texts.slice(0, 16), texts.slice(16)]
const wide = { width: 1_360, height: 940 }
const narrow = { width: 390, height: 844 }

await ensureServicePage()
mkdirSync(target, { recursive: true })
const browser = await openBrowser()
const service = await begin({}, { standIns: 'thread' })
try {
  await give(service, before)
  await shoot('search-light', 'light', wide, search)
  await shoot('search-narrow', 'dark', narrow, search)
  await shoot('document-dark', 'dark', wide, read)
  await shoot('indexing-dark', 'dark', wide, watch)
} finally {
  await browser.close()
  await service.close()
}

async function give({ url }: Service, documents: typeof texts): Promise<void> {
  const headers = { 'content-type': 'application/json' }
  const body = JSON.stringify({ documents, name: 'docs' })
  await fetch(`${url}/documents/batch`, { method: 'POST', headers, body })
  for (;;) {
    const { documents: counts } = (await (await fetch(`${url}/health`)).json()) as {
      documents: Record<string, number>
    }
    if (counts['succeeded'] === documents.length && counts['degraded'] === 0) return
    await new Promise((resolve) => setTimeout(resolve, 500))
  }
}

async function search(page: Page): Promise<void> {
  await page.getByRole('searchbox').fill('figures of the HttpClient for Prometheus and OpenTelemetry')
  await page.keyboard.press('Enter')
  await page.getByRole('article').nth(3).locator('.freshness .mark').waitFor()
}

async function read(page: Page): Promise<void> {
  await search(page)
  await page.getByRole('article').first().getByRole('heading').getByRole('button').click()
  await page.getByRole('dialog').getByRole('heading', { name: 'Entities' }).waitFor()
}

async function watch(page: Page): Promise<void> {
  const files = seen.map(({ source, content }) => {
    return { name: basename(source), mimeType: 'text/markdown', buffer: Buffer.from(content) }
  })
  const picture = { name: 'picture.png', mimeType: 'image/png', buffer: Buffer.from([137, 80, 0]) }
  await page.locator('input[type=file]').setInputFiles([...files, picture])
  await page.locator('.item .step.running').nth(5).waitFor()
}

async function shoot(
  name: string,
  colorScheme: 'light' | 'dark',
  viewport: typeof wide,
  prepare: (page: Page) => Promise<void>,
): Promise<void> {
  const page = await browser.newPage({ colorScheme, viewport })
  await page.goto(`${service.url}/`)
  await page.getByRole('region', { name: 'Indexed last' }).waitFor()
  await prepare(page)
  const path = join(target, `service-${name}.png`)
  writeFileSync(path, await indexed(page, await page.screenshot()))
  await page.close()
  console.log(`service-${name}.png: ${Math.round(statSync(path).size / 1_000)} kB`)
}
