/** A page of the dashboard in a browser, with a scene that plays for it; whatever goes wrong in it fails the test. */
import { expect, vi } from 'vitest'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { openBrowser } from './browser.ts'
import { serveScene, type FakeOptions, type FakeServer } from './fake-server.ts'

// A browser on a busy machine takes its time.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

let browser: Promise<Browser> | undefined

export async function closeBrowser(): Promise<void> {
  const opened = await browser?.catch(() => undefined)
  browser = undefined
  await opened?.close()
}

export interface OpenPage extends AsyncDisposable {
  readonly page: Page
}

export interface Lab extends OpenPage {
  readonly server: FakeServer
}

interface Surroundings {
  readonly context?: BrowserContextOptions
  /** A server that does not answer is an error of the console, which the test wants. */
  readonly mayComplain?: RegExp
  /** What is there once the page can be used. Default: a row of the dashboard. */
  readonly ready?: string
}

/** Opens the page with a scene that plays, and waits for its first tick. */
export async function openPage({ context, mayComplain, ...scene }: FakeOptions & Surroundings): Promise<Lab> {
  const server = await serveScene(scene)
  const opened = await openAt(server.url, {
    ...(context && { context }),
    ...(mayComplain && { mayComplain }),
  })
  return {
    page: opened.page,
    server,
    async [Symbol.asyncDispose]() {
      await opened[Symbol.asyncDispose]()
      await server[Symbol.asyncDispose]()
    },
  }
}

/** Opens a page; its end is where a complaint of the browser, of errors or of its policy, fails the test. */
export async function openAt(
  url: string,
  { context, mayComplain, ready = 'tr.client' }: Surroundings = {},
): Promise<OpenPage> {
  browser ??= openBrowser()
  const surroundings = await (
    await browser
  ).newContext({ viewport: { width: 1_360, height: 900 }, ...context })
  const page = await surroundings.newPage()
  const complaints = listen(page)
  await page.goto(url)
  await page.locator(ready).first().waitFor()
  return {
    page,
    async [Symbol.asyncDispose]() {
      await surroundings.close()
      expect(complaints.filter((text) => mayComplain?.test(text) !== true)).toEqual([])
    },
  }
}

/** What becomes true when the page has been told, and has drawn. */
export function eventually<T>(look: () => Promise<T> | T): ReturnType<typeof expect.poll<T>> {
  return expect.poll(look, { timeout: 15_000 })
}

function listen(page: Page): string[] {
  const complaints: string[] = []
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(String(error)))
  return complaints
}

/** How many pixels of a chart's canvas are coloured. */
export async function drawnShare(page: Page, chart: string): Promise<number> {
  return page.locator(`#chart-${chart} canvas`).evaluate((element) => {
    const canvas = element as HTMLCanvasElement
    const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height)
    let drawn = 0
    for (let at = 3; at < data.length; at += 4) if (data[at]! > 0) drawn++
    return drawn / (data.length / 4)
  })
}
