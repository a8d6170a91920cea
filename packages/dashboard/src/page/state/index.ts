/**
 * What the dashboard makes of a service's stream, without a page: for other screens, such as `keepwarm top`. Nothing here
 * knows a clock, a network or a document.
 */
export type {
  Breaker,
  Level,
  WireClient,
  WireEvent,
  WireSlice,
  WireSnapshot,
  WireTick,
  WireVerdict,
} from '../wire.ts'
export { Columns } from './columns.ts'
export type { Figures, Spark } from './figures.ts'
export { NOTHING, bytes, clock, count, duration, factor, rate, share } from './format.ts'
export { placesText, stripOf, type Place } from './glyphs.ts'
export { headlineOf, type Headline } from './headline.ts'
export { heldConnections, type Held } from './held.ts'
export { addressOf, ageOf, heard, isStale, lost, noLink, pauseBefore, turnedTo, type Link } from './link.ts'
export { readMessage, type Message } from './messages.ts'
export type { Places } from './places.ts'
export { LATELY, ordered, rowOf, type Row } from './rows.ts'
export {
  choosing,
  cleared,
  paused,
  shown,
  start,
  withHistory,
  withTick,
  type Screen,
  type Seen,
} from './screen.ts'
export { failures, outcomes, type SeriesName } from './series.ts'
export { breakerText, kindText, levelText, rankOf } from './words.ts'
