/** `keepwarm/opentelemetry`: needs `@opentelemetry/api`, which the rest of keepwarm never loads. */
export { instrument } from './instrument.ts'
export type { InstrumentOptions, OptInMetric, WhoseRequests } from './options.ts'
export { carriesTrace } from './whose.ts'
