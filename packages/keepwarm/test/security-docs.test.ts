import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const page = new URL('../../../docs/security.md', import.meta.url)
const cited = [...readFileSync(page, 'utf8').matchAll(/\]\((\S+\.test\.ts)\): “(.+)” \|$/gm)]

test('every row of docs/security.md names a test that there is', () => {
  expect(cited.length).toBeGreaterThan(20)
  const missing = cited.filter(([, file, name]) => {
    return !readFileSync(new URL(file!, page), 'utf8').includes(`'${name}'`)
  })
  expect(missing.map(([, file, name]) => `${file}: ${name}`)).toEqual([])
})
