export { ConfigError, HttpStatusError, KeepwarmError } from './errors.ts'
export type { AttemptRecord, ConfigProblem, ErrorCode, ErrorFacts, Phase, Sent } from './errors.ts'
