import { join } from 'node:path'
import { defineConfig, type UserConfig } from 'vite'
import { leanPlot } from './scripts/lean-plot.ts'

const config: UserConfig = defineConfig({
  plugins: [leanPlot],
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
