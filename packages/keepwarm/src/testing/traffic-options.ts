/** What recorded traffic is told when it is opened, and what is wrong with it. */
import { ConfigError } from '../errors.ts'
import { namesOf, optionProblems } from '../known-options.ts'
import { broken } from './option-rules.ts'
import type { TrafficMatch } from './traffic-match.ts'

/** How `recordedTraffic()` records and replays. */
export interface TrafficOptions {
  /** Where the traffic is kept; its folder is made when it is written. */
  readonly file: string
  /**
   * `replay` (the default) answers from the file alone, and refuses what it has no answer to. `record` asks the network
   * for everything, and writes the file anew. `auto` answers from the file where it can, and asks the network and adds
   * to the file where it cannot.
   */
  readonly mode?: 'replay' | 'record' | 'auto'
  /** When two requests are the same. */
  readonly match?: TrafficMatch
  /** Headers, parameters and members whose values are masked, besides those that everybody knows. */
  readonly secrets?: readonly string[]
  /** The largest body, of a request or a response, that is recorded, in bytes. Default 1 MiB. */
  readonly maxBodyBytes?: number
  /** So many exchanges are recorded. Default 1,000. */
  readonly maxExchanges?: number
}

const optionNames = namesOf<TrafficOptions>({
  file: true,
  mode: true,
  match: true,
  secrets: true,
  maxBodyBytes: true,
  maxExchanges: true,
})
const matchNames = namesOf<TrafficMatch>({ origin: true, body: true, headers: true })

/** @throws ConfigError naming every option that is wrong */
export function checkTraffic(options: TrafficOptions): void {
  const unknown = optionProblems(options, optionNames)
  if (unknown.length > 0) throw new ConfigError(unknown)
  const { file, mode = 'replay', match = {}, secrets = [], maxBodyBytes = 1, maxExchanges = 1 } = options
  const problems = [
    ...optionProblems(match, matchNames, 'match'),
    ...broken([
      ['file', file, typeof file === 'string' && file !== '', 'the path of a JSON file'],
      ['mode', mode, ['replay', 'record', 'auto'].includes(mode), 'replay, record or auto'],
      ['secrets', typeof secrets, Array.isArray(secrets), 'a list of names'],
      ['maxBodyBytes', maxBodyBytes, Number.isInteger(maxBodyBytes) && maxBodyBytes >= 0, 'bytes, from 0'],
      [
        'maxExchanges',
        maxExchanges,
        Number.isInteger(maxExchanges) && maxExchanges >= 1,
        'a whole number from 1',
      ],
    ]),
  ]
  if (problems.length > 0) throw new ConfigError(problems)
}
