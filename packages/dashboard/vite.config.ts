import { join } from 'node:path'
import { defineConfig, type Plugin, type UserConfig } from 'vite'

/** Parts of uPlot that hang on its one object, where no bundler finds out that nobody needs them. */
const unneeded = [
  'uPlot.fmtNum = fmtNum;',
  'uPlot.rangeLog = rangeLog;',
  'uPlot.rangeAsinh = rangeAsinh;',
  'uPlot.join = join;',
  'uPlot.fmtDate = fmtDate;',
  'uPlot.tzDate  = tzDate;',
  'uPlot.clipGaps = clipGaps;',
  '(paths.bars    = bars);',
  '(paths.spline  = monotoneCubic);',
]

const leanPlot: Plugin = {
  name: 'lean-uplot',
  transform(code, id) {
    if (!id.endsWith('uPlot.esm.js')) return undefined
    return unneeded.reduce((rest, line) => {
      if (!rest.includes(line)) throw new Error(`uPlot has no "${line}" any more: adapt vite.config.ts.`)
      return rest.replace(line, '')
    }, code)
  },
}

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
