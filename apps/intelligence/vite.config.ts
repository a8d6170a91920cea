import { join } from 'node:path'
import { defineConfig, type UserConfig } from 'vite'

const config: UserConfig = defineConfig({
  // What the dashboard's page has already is taken from its sources.
  resolve: { conditions: ['keepwarm-source', 'module', 'browser'] },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    write: false,
    target: ['chrome120', 'firefox121', 'safari17'],
    modulePreload: false,
    cssCodeSplit: false,
    rolldownOptions: { input: join(import.meta.dirname, 'src/page/main.tsx') },
  },
})

export default config
