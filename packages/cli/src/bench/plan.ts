/** What the command line asks for, checked. */
import { CliError } from '../cli-error.ts'
import { headersOf, readText, trustOf } from '../target/target.ts'
import type { Request } from './arm-client.ts'
import { readArms, type Arm } from './arms.ts'
import { boundedRate, type Load } from './load-bounds.ts'
import type { RoundsPlan } from './rounds.ts'
import { readThreshold, type Threshold } from './thresholds.ts'

export interface BenchPlan extends RoundsPlan {
  readonly arms: readonly Arm[]
  readonly request: Request
  /** The rate that was asked for, in requests a second. */
  readonly rate: number | undefined
  /** The rate that a machine of somebody else is kept at. */
  readonly keptAt: number | undefined
  readonly thresholds: readonly Threshold[]
}

/** The options as the readers of command.ts leave them. */
interface Options {
  readonly compare?: readonly string[]
  readonly failIf?: readonly string[]
  readonly concurrency?: number
  readonly rate?: number
  readonly duration: number
  readonly requests?: number
  readonly rounds: number
  readonly warmUp: number
  readonly seed?: number
  readonly timeout: number
  readonly method?: string
  readonly body?: string
  readonly bodyFile?: string
  readonly unsafe?: boolean
  readonly allowLoad?: string
}

/**
 * @param drawSeed for a run without a seed of its own
 * @throws CliError
 */
export function readPlan(
  url: URL,
  given: Readonly<Record<string, unknown>>,
  drawSeed: () => number,
): BenchPlan {
  const options = given as unknown as Options
  const request = readRequest(url, given, options)
  const load: Load = {
    ...options,
    url,
    method: request.method,
    concurrency: request.concurrency,
    rate: options.rate,
    requests: options.requests,
  }
  const keptAt = boundedRate(load, { allowLoad: options.allowLoad, unsafe: options.unsafe === true })
  const arms = readArms(options.compare ?? [])
  const names = arms.map(({ name }) => name)
  return {
    arms,
    request,
    rate: options.rate,
    keptAt,
    thresholds: (options.failIf ?? []).map((text) => readThreshold(text, names)),
    rounds: options.rounds,
    warmUp: options.warmUp,
    seed: options.seed ?? drawSeed(),
    round: roundOf(options, keptAt, request.concurrency),
  }
}

function readRequest(url: URL, given: Readonly<Record<string, unknown>>, options: Options): Request {
  if (options.body !== undefined && options.bodyFile !== undefined)
    throw new CliError('--body and --body-file are both given; one of them is the body')
  const body = options.bodyFile === undefined ? options.body : readText('--body-file', options.bodyFile)
  return {
    url,
    method: (options.method ?? (body === undefined ? 'GET' : 'POST')).toUpperCase(),
    headers: headersOf(given),
    body,
    trust: trustOf(given),
    timeout: options.timeout,
    concurrency:
      options.concurrency ?? (options.rate === undefined ? 10 : Math.min(100, Math.ceil(options.rate))),
  }
}

function roundOf(options: Options, keptAt: number | undefined, concurrency: number): BenchPlan['round'] {
  const { rate, requests, rounds } = options
  const duration = options.duration / rounds
  const open = rate !== undefined
  const most = requests === undefined ? Infinity : Math.ceil(requests / rounds)
  const due = open ? Math.max(1, Math.round((rate * duration) / 1_000)) : Infinity
  return {
    open,
    duration,
    concurrency,
    requests: Math.min(most, due),
    every: 1_000 / (rate ?? keptAt ?? Infinity),
  }
}
