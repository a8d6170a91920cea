/**
 * What a client did in each second of the last quarter of an hour. There is no timer: whatever begins or ends writes to the
 * row of the second that runs, and the first that comes in a later second puts the row away.
 *
 *     touch(now) ─ same second ──▶ the row that runs
 *          └────── a later one ──▶ that row into the ring, a row for each second between, then a new one
 */
import { QuickQuantiles } from './quick-quantiles.ts'
import {
  column,
  FIRST_UNCOUNTED,
  gaugeNames,
  OUTCOME_COLUMNS,
  outcomeColumns,
  phaseNames,
  seriesNames,
  type GaugeName,
  type SeriesName,
} from './series.ts'

/** Seconds that are kept. */
export const HISTORY_SECONDS = 900

/** The clock of the machine may be set back by so many seconds; beyond that the history begins anew. */
const SET_BACK = 2
/** Gauges are looked at this often, in ms, where something happens. */
const LOOK_AGAIN = 100

const NEVER = -1
const COLUMNS = seriesNames.length
const [ATTEMPTS, RETRIES, HEDGES] = [column('attempts'), column('retries'), column('hedges')]
const PHASES = column(phaseNames[0]!)
const GAUGES = column(gaugeNames[0]!)
const [P50, P95, P99] = [column('p50'), column('p95'), column('p99')]
const [OPENED, CLOSED] = [column('opened'), column('closed')]

/** Columns by second. Durations are ms; null where nothing is known of that second. */
export interface HistorySlice {
  readonly version: 1
  readonly client: string
  /** The unix second of the first row. */
  readonly from: number
  /** How many rows there are: all of seconds that are over. The next slice begins at `from + seconds`. */
  readonly seconds: number
  readonly series: Readonly<Record<SeriesName, readonly (number | null)[]>>
}

/** How a client and its connections are at the moment; connections opened and closed so far. */
export interface Gauges extends Readonly<Record<GaugeName, number>> {
  readonly opened: number
  readonly closed: number
}

export class History {
  private readonly wallClock: () => number
  private readonly look: () => Gauges
  /** The second that runs, in columns: phases are sums until it is put away. */
  private readonly row = new Float64Array(COLUMNS)
  private readonly durations = new QuickQuantiles()
  /** Rows of 900 seconds, that of a second at its remainder; made when the first is put away. */
  private ring: Float32Array | undefined
  private second = NEVER
  private first = NEVER
  /** Until when nothing is to be done but to count, on the clock that never jumps. */
  private quietUntil: number = -Infinity
  private secondEnds: number = -Infinity
  private seen: { readonly opened: number; readonly closed: number } | undefined

  /** @param look is asked at most ten times a second. */
  constructor(wallClock: () => number, look: () => Gauges) {
    this.wallClock = wallClock
    this.look = look
  }

  /** Something is about to be counted, or looked at. */
  touch(now: number): void {
    if (now >= this.quietUntil) this.move(now)
  }

  /** An attempt began. To be called after {@link touch}, like all that count. */
  began(why: 'initial' | 'retry' | 'hedge'): void {
    this.row[ATTEMPTS]!++
    if (why !== 'initial') this.row[why === 'retry' ? RETRIES : HEDGES]!++
  }

  /** A call ended. `phases`: ms, in the order of their names. */
  ended(outcome: number, duration: number, phases: Float64Array): void {
    const { row } = this
    row[outcomeColumns[outcome]!]!++
    for (let i = 0; i < phaseNames.length; i++) row[PHASES + i]! += phases[i]!
    this.durations.add(duration)
  }

  /** The seconds that are over, from `since` (unix) on. */
  slice(client: string, since: number, now: number): HistorySlice {
    this.touch(now)
    const from = Math.min(this.second, Math.max(Math.ceil(since), this.oldest))
    const seconds = this.second - from
    const series = Object.fromEntries(
      seriesNames.map((name, index) => [name, this.columnOf(index, from, seconds)]),
    ) as unknown as HistorySlice['series']
    return { version: 1, client, from, seconds, series }
  }

  private get oldest(): number {
    return Math.max(this.first, this.second - HISTORY_SECONDS)
  }

  private columnOf(index: number, from: number, seconds: number): (number | null)[] {
    const { ring } = this
    return Array.from({ length: seconds }, (_, i) => {
      const value = ring![((from + i) % HISTORY_SECONDS) * COLUMNS + index]!
      return Number.isNaN(value) ? null : Math.round(value * 1_000) / 1_000
    })
  }

  private move(now: number): void {
    if (now >= this.secondEnds) this.advance(now)
    this.lookAround()
    this.quietUntil = Math.min(this.secondEnds, now + LOOK_AGAIN)
  }

  private advance(now: number): void {
    const wall = this.wallClock()
    const second = Math.floor(wall / 1_000)
    this.secondEnds = now + 1_000 - (wall - second * 1_000)
    const passed = second - this.second
    if (this.first === NEVER || passed < -SET_BACK) this.beginAt(second)
    else if (passed > 0) {
      this.putAway()
      for (let gap = Math.max(1, passed - HISTORY_SECONDS); gap < passed; gap++)
        this.leaveOut(this.second + gap)
      this.second = second
      this.clear()
    }
  }

  private beginAt(second: number): void {
    this.first = this.second = second
    this.clear()
  }

  private clear(): void {
    this.row.fill(0)
    this.durations.clear()
  }

  private putAway(): void {
    const { row, durations } = this
    row[P50] = durations.at(0.5)
    row[P95] = durations.at(0.95)
    row[P99] = durations.at(0.99)
    let ended = 0
    for (let i = 0; i < OUTCOME_COLUMNS; i++) ended += row[i]!
    for (let i = 0; i < phaseNames.length; i++) row[PHASES + i]! /= ended // NaN where nothing ended
    this.rows.set(row, (this.second % HISTORY_SECONDS) * COLUMNS)
  }

  private leaveOut(second: number): void {
    const at = (second % HISTORY_SECONDS) * COLUMNS
    this.rows.fill(0, at, at + FIRST_UNCOUNTED).fill(NaN, at + FIRST_UNCOUNTED, at + COLUMNS)
  }

  private get rows(): Float32Array {
    return (this.ring ??= new Float32Array(HISTORY_SECONDS * COLUMNS))
  }

  private lookAround(): void {
    const { row, seen } = this
    const gauges = this.look()
    for (let i = 0; i < gaugeNames.length; i++) row[GAUGES + i] = gauges[gaugeNames[i]!]
    if (seen !== undefined) {
      row[OPENED]! += gauges.opened - seen.opened
      row[CLOSED]! += gauges.closed - seen.closed
    }
    this.seen = gauges
  }
}
