/**
 * `npm run docs`: writes what the pages say twice: the measured table of README.md (from docs/benchmarks.md), the defaults
 * of docs/at-a-glance.md (from docs/configuration.md), and llms.txt (from all pages, in the order of docs/README.md).
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { derivedPages } from './docs/derived.ts'
import { house } from './steps.ts'

const read = (path: string): string => readFileSync(join(house, path), 'utf8')

for (const [path, text] of Object.entries(derivedPages(read))) {
  const before = read(path)
  if (before === text) continue
  writeFileSync(join(house, path), text)
  console.log(`${path} is written anew`)
}
