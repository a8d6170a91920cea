/** `npm run screenshots -w @keepwarm/dashboard [-- <scene>…]`: docs/screenshots anew, from scenes that play. */
import { mkdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { openBrowser } from '../test/support/browser.ts'
import { scenes } from '../test/support/fake-scenes.ts'
import { indexed } from './palette.ts'
import { ensurePage } from './page.ts'

const target = process.env['SCREENSHOTS'] ?? join(import.meta.dirname, '../../../docs/screenshots')
const wanted = process.argv.slice(2)

await ensurePage()
const { serveScene } = await import('../test/support/fake-server.ts')
mkdirSync(target, { recursive: true })
const browser = await openBrowser()
for (const { name } of scenes) {
  if (wanted.length > 0 && !wanted.includes(name)) continue
  for (const colorScheme of ['light', 'dark'] as const) await shoot(browser, name, colorScheme)
}
await browser.close()

async function shoot(browser: Browser, scene: string, colorScheme: 'light' | 'dark'): Promise<void> {
  await using server = await serveScene({ scene })
  const page = await browser.newPage({ colorScheme, viewport: { width: 1_360, height: 900 } })
  await page.goto(server.url)
  await page.locator('tr.client').first().waitFor()
  const verdict = page.locator('.verdict summary').first()
  if ((await verdict.count()) > 0) await verdict.click()
  await page.waitForTimeout(1_500)
  const path = join(target, `${scene}-${colorScheme}.png`)
  writeFileSync(
    path,
    await indexed(page, await page.screenshot({ fullPage: true, clip: await visible(page) })),
  )
  await page.close()
  console.log(`${scene}-${colorScheme}.png: ${Math.round(statSync(path).size / 1_000)} kB`)
}

/** All of the page, or, where it is long, as much as is looked at. */
async function visible(page: Page): Promise<{ x: number; y: number; width: number; height: number }> {
  const height = await page.evaluate(() => document.documentElement.scrollHeight)
  return { x: 0, y: 0, width: 1_360, height: Math.min(height, 1_420) }
}
