/** The four charts as data: which layers each has, and how they look without a hue. */
import type { SeriesName } from './series.ts'

export type PlotId = 'connections' | 'waiting' | 'latency' | 'outcomes'
/** Told apart by pattern as well as by colour. */
export type Pattern = 'solid' | 'up' | 'down' | 'dots' | 'cross' | 'flat' | 'upright' | 'light'
export type Unit = 'count' | 'rate' | 'duration'

export interface Layer {
  readonly series: SeriesName
  readonly label: string
  /** Areas are stacked in their order, the first at the bottom. */
  readonly shape: 'area' | 'line' | 'steps' | 'dashes' | 'alarm'
  readonly pattern: Pattern
  /** The name of a colour in the style sheet, without the dashes before it. */
  readonly colour: string
  readonly unit: Unit
  /** Which of the two axes it is measured on. */
  readonly axis: 'left' | 'right'
  /** Of whose sum with the other it is a part, in the data as they come: taken off there before both are stacked. */
  readonly partOf?: SeriesName
  /** Named in the legend and the table though it is nothing all the time. */
  readonly always?: boolean
}

export interface Plot {
  readonly id: PlotId
  readonly title: string
  /** What a screen reader says of it. */
  readonly about: string
  readonly layers: readonly Layer[]
  /** States of the breaker are drawn under it. */
  readonly strip: boolean
}

const area = (series: SeriesName, label: string, colour: string, pattern: Pattern, unit: Unit): Layer => ({
  series,
  label,
  colour,
  pattern,
  unit,
  shape: 'area',
  axis: 'left',
})

export const plots: readonly Plot[] = [
  {
    id: 'connections',
    title: 'Connections',
    about: 'Connections in use, idle and being dialed, against the limit',
    strip: false,
    layers: [
      { ...area('inUse', 'in use', 'used', 'solid', 'count'), always: true },
      { ...area('idle', 'idle', 'idle', 'light', 'count'), always: true },
      area('dialing', 'dialing', 'dialing', 'up', 'count'),
      { ...area('limit', 'limit', 'ink', 'solid', 'count'), shape: 'steps', always: true },
    ],
  },
  {
    id: 'waiting',
    title: 'Waiting',
    about: 'Calls that wait for a connection, and the age of the oldest of them',
    strip: false,
    layers: [
      { ...area('waiting', 'waiting', 'bad', 'up', 'count'), shape: 'alarm', always: true },
      {
        ...area('oldestWait', 'oldest', 'ink', 'solid', 'duration'),
        shape: 'line',
        axis: 'right',
        always: true,
      },
    ],
  },
  {
    id: 'latency',
    title: 'Latency',
    about:
      'Mean time of a call by phase, stacked, with the 95th percentile, and the state of the breaker below',
    strip: true,
    layers: [
      area('before', 'retries, pauses', 'before', 'up', 'duration'),
      { ...area('queued', 'in line', 'queue', 'down', 'duration') },
      { ...area('connect', 'dial', 'dialing', 'dots', 'duration'), partOf: 'queued' },
      area('send', 'send', 'send', 'cross', 'duration'),
      { ...area('headers', 'server', 'used', 'solid', 'duration'), always: true },
      { ...area('download', 'body', 'idle', 'light', 'duration'), always: true },
      { ...area('p95', 'p95', 'ink', 'solid', 'duration'), shape: 'line', always: true },
    ],
  },
  {
    id: 'outcomes',
    title: 'Outcomes per second',
    about: 'How calls ended, per second, stacked, with the attempts that were retries',
    strip: false,
    layers: [
      { ...area('ok', 'ok', 'used', 'solid', 'rate'), always: true },
      area('c4xx', '4xx', 'idle', 'light', 'rate'),
      area('c5xx', '5xx', 'bad', 'up', 'rate'),
      area('timeout', 'timeout', 'late', 'down', 'rate'),
      area('connection', 'connection', 'broken', 'cross', 'rate'),
      area('refused', 'refused', 'queue', 'dots', 'rate'),
      area('breaker_open', 'breaker open', 'dialing', 'upright', 'rate'),
      area('other', 'other error', 'before', 'flat', 'rate'),
      area('cancelled', 'cancelled', 'gone', 'flat', 'rate'),
      { ...area('retries', 'retries', 'ink', 'solid', 'rate'), shape: 'dashes', always: true },
    ],
  },
]

export function plotOf(id: PlotId): Plot {
  return plots.find((plot) => plot.id === id)!
}
