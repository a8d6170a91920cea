import { defineConfig } from 'vitest/config'

export default defineConfig({
  resolve: { conditions: ['keepwarm-source', 'node', 'import', 'module', 'default'] },
  // Without `import`: it would hold for `require`, too, and packages that have both forms would mix them.
  ssr: { resolve: { conditions: ['keepwarm-source', 'node', 'module', 'default'] } },
  test: {
    include: ['{packages,apps}/*/{src,test}/**/*.test.ts', 'test/**/*.test.ts', 'bench/**/*.test.ts'],
    globalSetup: ['packages/dashboard/test/support/built-page.ts'],
    pool: 'forks',
    execArgv: ['--conditions=keepwarm-source'],
    testTimeout: 20_000,
    hookTimeout: 20_000,
  },
})
