/** What the library weighs in a bundle, minified and gzipped, without undici: more than it may is a decision to take. */
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { build, type Plugin, type Rolldown } from 'vite'
import { house } from './sources.ts'

/** The most bytes, a few percent above what it was when it was last looked at; and what must have been left out. */
const budgets = [
  { take: 'HttpClient', from: 'keepwarm', most: 132_000, without: 'keepwarm_pool_connections' },
  { take: 'ConnectionPool', from: 'keepwarm', most: 42_500, without: 'budget_empty' },
  { take: 'resilience', from: 'keepwarm', most: 70_000, without: 'keepwarm_pool_connections' },
  { take: 'RetryBudget', from: 'keepwarm/policies', most: 4_200, without: 'half-open' },
  { take: 'errorCodes', from: 'keepwarm', most: 2_000, without: 'class ' },
]

test.each(budgets)('$take of $from weighs at most $most bytes', async ({ take, from, most, without }) => {
  const code = await bundle(`export { ${take} } from '${from}'`)
  expect(code).toMatch(new RegExp(`export\\s*\\{[^}]*\\b${take}\\b`))
  expect(code).not.toContain(without)
  const weight = gzipSync(code).length
  expect(weight).toBeLessThanOrEqual(most)
  expect(weight, `it has become lighter: lower the budget of ${take}`).toBeGreaterThan(most * 0.9)
})

/** As a bundler of an app would: all that is not reached from `entry` is gone. */
async function bundle(entry: string): Promise<string> {
  const output = (await build({
    configFile: false,
    root: house,
    logLevel: 'error',
    plugins: [entryOf(entry)],
    resolve: { conditions: ['keepwarm-source', 'node'] },
    build: {
      write: false,
      minify: 'oxc',
      target: 'es2024',
      modulePreload: false,
      rolldownOptions: {
        input: 'entry-of-size',
        preserveEntrySignatures: 'strict',
        external: [/^node:/, 'undici', '@opentelemetry/api'],
      },
    },
  })) as Rolldown.RolldownOutput
  expect(output.output).toHaveLength(1)
  return output.output[0].code
}

function entryOf(source: string): Plugin {
  return {
    name: 'entry-of-size',
    enforce: 'pre',
    resolveId: (id) => (id === 'entry-of-size' ? `\0${id}` : undefined),
    load: (id) => (id === '\0entry-of-size' ? source : undefined),
  }
}
