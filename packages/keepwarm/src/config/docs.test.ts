import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { renderOptionsTable } from './docs.ts'
import { optionGroups, optionRows } from './options-table.ts'

const page = new URL('../../../../docs/configuration.md', import.meta.url)
const [begin, end] = ['<!-- options: begin -->', '<!-- options: end -->']

test('docs/configuration.md has the table of options as it is; after a change, run this with -u', async () => {
  const text = readFileSync(page, 'utf8')
  const [before, rest] = text.split(begin)
  const after = rest?.split(end)[1]
  expect(after, `the page has lost its markers ${begin} and ${end}`).toBeDefined()
  await expect(`${before}${begin}\n\n${renderOptionsTable()}\n\n${end}${after}`).toMatchFileSnapshot(
    page.pathname,
  )
})

test('the tables have a line for each option, and no cell that breaks it', () => {
  const lines = renderOptionsTable()
    .split('\n')
    .filter((line) => line.startsWith('|'))
  expect(lines).toHaveLength(optionRows.length + 2 * Object.keys(optionGroups).length)
  for (const line of lines) expect(line.split('|')).toHaveLength(7)
})
