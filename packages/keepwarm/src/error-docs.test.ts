import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { errorCodes } from './error-codes.ts'
import { renderErrorChapters, renderErrorTable } from './error-docs.ts'

const page = new URL('../../../docs/errors.md', import.meta.url)

function withPart(text: string, name: string, part: string): string {
  const [begin, end] = [`<!-- ${name}: begin -->`, `<!-- ${name}: end -->`]
  const [before, rest] = text.split(begin)
  const after = rest?.split(end)[1]
  expect(after, `the page has lost its markers ${begin} and ${end}`).toBeDefined()
  return `${before}${begin}\n\n${part}\n\n${end}${after}`
}

test('docs/errors.md has every code as it is; after a change, run this with -u', async () => {
  const table = withPart(readFileSync(page, 'utf8'), 'error-table', renderErrorTable())
  await expect(withPart(table, 'error-codes', renderErrorChapters())).toMatchFileSnapshot(page.pathname)
})

test('each code has a line, a chapter that its link leads to, and advice of its own', () => {
  const codes = Object.keys(errorCodes)
  const lines = renderErrorTable().split('\n')
  expect(lines).toHaveLength(codes.length + 2)
  for (const line of lines) expect(line.split('|')).toHaveLength(6)
  const headings = [...renderErrorChapters().matchAll(/^### (\w+)$/gm)].map(([, heading]) => heading)
  expect(headings).toEqual(codes)
  expect(new Set(Object.values(errorCodes).map(({ help }) => help)).size).toBe(codes.length)
})
