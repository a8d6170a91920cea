/** The types that are published: exact, by themselves, and no more of them than users need. */
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { complaints, declarationsFrom, withoutComments, writeDeclarations } from './support/declarations.ts'

/** Inside the repository, so that the compiler finds its packages. */
const folder = join(import.meta.dirname, `../../../.data/declarations-test-${process.pid}`)
const entries = ['index.d.ts', 'opentelemetry/index.d.ts', 'policies/index.d.ts', 'testing/index.d.ts']

let built: string

beforeAll(async () => {
  mkdirSync(folder, { recursive: true })
  built = await writeDeclarations(folder)
}, 120_000)

afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('the build writes them, and has nothing to say', () => {
  expect(built).toBe('')
})

test.each(entries)('nothing that %s gives is any', (entry) => {
  const lines = [...declarationsFrom(folder, entry).files].flatMap(([file, text]) =>
    withoutComments(text)
      .replace(/'[^'\n]*'/g, "''")
      .split('\n')
      .filter((line) => /\bany\b/.test(line))
      .map((line) => `${file}: ${line.trim()}`),
  )
  expect(lines).toEqual([])
})

test('a compiler that checks libraries, too, has nothing to say', async () => {
  expect(await complaints(folder, entries)).toBe('')
}, 120_000)

test("a client's users do not read how a call is carried out", () => {
  const files = [...declarationsFrom(folder, 'index.d.ts').files.keys()]
  const inside = files.filter((file) =>
    /^exchange\/|^client\/(?:calls|origins|unpack|health-ask)\b/.test(file),
  )
  expect(inside.filter((file) => !forHooks.includes(file))).toEqual([])
})

/** What a hook is given. */
const forHooks = ['exchange/hooks.d.ts', 'exchange/request-headers.d.ts']

test('nothing that is marked as internal is published', () => {
  const { files } = declarationsFrom(folder, 'index.d.ts')
  const marked = [...files].filter(([, text]) => text.includes('@internal')).map(([file]) => file)
  expect(marked).toEqual([])
  expect(files.get('client/response.d.ts')).not.toContain('exchange')
})

test('they are no larger than they need to be', () => {
  const { packed, packedCode } = declarationsFrom(folder, 'index.d.ts')
  expect(packedCode).toBeLessThan(40_000) // 28 kB when this was written
  expect(packed).toBeLessThan(100_000) // 72 kB
})
