import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

const conditions = ['keepwarm-source', 'node']
const beside = ['{packages,apps}/*/src/**/*.test.ts']
const others = ['{packages,apps}/*/test/**/*.test.ts', 'test/**/*.test.ts', 'bench/**/*.test.ts']

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    globalSetup: [
      'packages/dashboard/test/support/built-page.ts',
      'apps/intelligence/test/page/built-page.ts',
    ],
    pool: 'forks',
    // Most tests wait more than they work.
    maxWorkers: Math.max(2, availableParallelism()),
    execArgv: ['--conditions=keepwarm-source'],
    testTimeout: 20_000,
    hookTimeout: 20_000,
    projects: [
      // Tests beside their files think, and leave nothing behind: a process of their own for each file costs more than they do.
      { extends: true, test: { name: 'thinking', include: beside, isolate: false } },
      { extends: true, test: { name: 'doing', include: others } },
    ],
  },
})
