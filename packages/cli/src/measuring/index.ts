/** What measures and what is said of it: for this command, and for the benchmarks beside the peers. */
export { Chance } from './chance.ts'
export { environment, inWords } from './environment.ts'
export type { Environment } from './environment.ts'
export { bootstrapInterval, estimate, median, ratio, undecided } from './statistics.ts'
export type { Estimate } from './statistics.ts'
export { markdown, plain } from './table.ts'
export type { Table } from './table.ts'
export { cost, count, figure, interval, medians, range, speed, times } from './words.ts'
