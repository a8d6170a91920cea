/** The page of a running service in a browser, and what the tests of the page do with it. */
import type { ServiceOptions } from '../../src/app.ts'
import type { BrowserContextOptions, Locator, Page } from 'playwright-core'
import { openAt, type OpenPage } from '../../../../packages/dashboard/test/support/page-lab.ts'

export { closeBrowser, eventually } from '../../../../packages/dashboard/test/support/page-lab.ts'
export { faintTexts } from '../../../../packages/dashboard/test/support/contrast.ts'

interface Surroundings {
  readonly context?: BrowserContextOptions
  /** What the browser may complain of, because the test makes it happen. */
  readonly mayComplain?: RegExp
  /** Behind the address, such as `#q=pool`. */
  readonly at?: string
  readonly ready?: string
}

/** What a browser says of answers that are no success, and of a service that is not there. */
export const refusals: RegExp = /Failed to load resource|ERR_|EventSource/

export function open(
  { url }: { readonly url: string },
  { at = '', ready = '#query', ...rest }: Surroundings = {},
): Promise<OpenPage> {
  return openAt(`${url}/${at}`, { ready, ...rest })
}

export interface TextFile {
  readonly name: string
  readonly text: string | Uint8Array
}

/** Chooses files as somebody does who clicks on the button. */
export async function choose(page: Page, files: readonly TextFile[]): Promise<void> {
  const chooser = page.waitForEvent('filechooser')
  await page.getByRole('button', { name: 'Choose files' }).click()
  await (
    await chooser
  ).setFiles(
    files.map(({ name, text }) => ({ name, mimeType: 'text/markdown', buffer: Buffer.from(text as string) })),
  )
}

/** Drops files, or a text, anywhere on the page. */
export async function drop(page: Page, files: readonly TextFile[], text?: string): Promise<void> {
  const transfer = await page.evaluateHandle(
    ({ given, plain }) => {
      const made = new DataTransfer()
      for (const { name, content } of given)
        made.items.add(new File([content], name, { type: 'text/markdown' }))
      if (plain !== undefined) made.setData('text/plain', plain)
      return made
    },
    { given: files.map(({ name, text: content }) => ({ name, content: String(content) })), plain: text },
  )
  await page.dispatchEvent('body', 'dragover', { dataTransfer: transfer })
  await page.dispatchEvent('body', 'drop', { dataTransfer: transfer })
}

/** The row of a document in what is under way. */
export function row(page: Page, title: string | RegExp): Locator {
  return page.getByRole('region', { name: 'Indexing' }).getByRole('listitem').filter({ hasText: title })
}

export async function search(page: Page, query: string): Promise<void> {
  await page.getByRole('searchbox').fill(query)
  await page.keyboard.press('Enter')
}

/** Everything that is under way has come to its end: a good one, or some with trouble. */
export async function allOver(page: Page, count: number, troubled = 0): Promise<void> {
  const text = `${count} of ${count} over${troubled === 0 ? '' : `, ${troubled} with trouble`}`
  await page.getByText(text, { exact: true }).waitFor({ timeout: 45_000 })
}

/** On a busy machine an upstream may take too long, and a stage is then made up for: soon, here. */
export const quick: Omit<ServiceOptions, 'settings'> = {
  standIns: 'thread',
  pipeline: { repairs: { base: 100, cap: 500 } },
}

/** Texts about different things, which share some entities. */
export const library: readonly TextFile[] = [
  {
    name: 'pool.md',
    text: '# The connection pool\n\nThe ConnectionPool of Node.js keeps idle sockets warm for PostgreSQL. Ada Lovelace wrote `pool.acquire()` in Berlin.\n',
  },
  {
    name: 'retries.md',
    text: '# Retries\n\nA ConnectionPool may send a request again. PostgreSQL answers, and `retry.decide()` spends from a budget, says Ada Lovelace.\n',
  },
  { name: 'README.md', text: '# Bread\n\nFlour, water, salt and time. Knead the dough in Lyon and wait.\n' },
]
