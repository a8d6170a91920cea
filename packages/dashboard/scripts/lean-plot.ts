/**
 * Leaves out of uPlot what this page does not use: it is one large function and one object, where no bundler finds that
 * out. The charts have a legend and a time axis of their own, and two kinds of lines.
 */
import type { Plugin } from 'vite'

const changes: readonly (readonly [find: string, put: string])[] = [
  ['uPlot.fmtNum = fmtNum;', ''],
  ['uPlot.rangeLog = rangeLog;', ''],
  ['uPlot.rangeAsinh = rangeAsinh;', ''],
  ['uPlot.join = join;', ''],
  ['uPlot.fmtDate = fmtDate;', ''],
  ['uPlot.tzDate  = tzDate;', ''],
  ['uPlot.clipGaps = clipGaps;', ''],
  ['(paths.bars    = bars);', ''],
  ['(paths.spline  = monotoneCubic);', ''],
  ['const showLegend = legend.show;', 'const showLegend = false;'],
  ['let isTime = sc.time;', 'const isTime = false;'],
  ['let isTime = mode == 1 && scales[s.scale].time;', 'const isTime = false;'],
  ['const [ timeIncrsMs, _timeAxisStampsMs, timeAxisSplitsMs ] = genTimeStuffs(1);', ''],
  ['const [ timeIncrsS,  _timeAxisStampsS,  timeAxisSplitsS  ] = genTimeStuffs(1e-3);', ''],
  ['const _timeAxisSplits = (ms == 1 ? timeAxisSplitsMs(_tzDate) : timeAxisSplitsS(_tzDate));', ''],
  [
    'const _timeAxisVals   = timeAxisVals(_tzDate, timeAxisStamps((ms == 1 ? _timeAxisStampsMs : _timeAxisStampsS), _fmtDate));',
    '',
  ],
  ['const _timeSeriesVal  = timeSeriesVal(_tzDate, timeSeriesStamp(_timeSeriesStamp, _fmtDate));', ''],
]

export const leanPlot: Plugin = {
  name: 'lean-plot',
  transform(code, id) {
    if (!id.endsWith('uPlot.esm.js')) return undefined
    return changes.reduce((rest, [find, put]) => {
      if (!rest.includes(find))
        throw new Error(`uPlot has no "${find}" any more: adapt scripts/lean-plot.ts.`)
      return rest.replaceAll(find, put)
    }, code)
  },
}
