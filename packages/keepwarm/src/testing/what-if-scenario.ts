/** What a {@link whatIf} is asked. */
import type { Dispatcher } from 'undici'
import type { CallOptions, HttpClientOptions } from '../client/options.ts'
import { ConfigError, type ConfigProblem } from '../errors.ts'
import { namesOf, optionProblems } from '../known-options.ts'
import type { Callers } from './crowd.ts'
import type { Abandoned } from './network-behaviour.ts'
import { broken, type Rule } from './option-rules.ts'
import type { ServiceTime } from './what-if-service.ts'

/** A service as queueing theory sees it: so many requests at once, a line for the others, and what each takes. */
export interface Upstream {
  /** Requests that it works on at once. */
  readonly slots: number
  /** How long it works on one, in ms: a number, or by chance, such as `exponential(100)`. */
  readonly service: number | ServiceTime
  /** How many may wait for a slot; the others are answered 503 at once. Default Infinity. */
  readonly queue?: number
  /** What becomes of requests whose client has left. Default `finished`, as most servers do. */
  readonly abandoned?: Abandoned
  /** One way, in ms. Default 1. */
  readonly latency?: number
}

interface When {
  /** In ms from the beginning. */
  readonly at: number
  /** How long it lasts, in ms. */
  readonly for: number
}

/**
 * What happens to the upstream. `outage`: it is gone; connections are reset, dials refused, and what it had begun is lost.
 * `hang`: it takes requests and begins none; afterwards it has to work off what has piled up. `slow`: what it begins takes
 * `factor` times as long. `errors`: that `share` of the requests (default 1: all) is answered with `status` (default 503)
 * as soon as their turn comes.
 */
export type WhatIfEvent = When &
  (
    | { readonly kind: 'outage' | 'hang' }
    | { readonly kind: 'slow'; readonly factor: number }
    | { readonly kind: 'errors'; readonly share?: number; readonly status?: number }
  )

export interface WhatIf {
  /** Your own client's options. Without a `baseUrl` it is `http://upstream`. */
  readonly client?: Omit<HttpClientOptions, 'runtime' | 'network' | 'pool' | 'baseUrl'> & {
    readonly baseUrl?: string | URL
  }
  /** So many clients with these options, each in a process of its own, share the load. Default 1. */
  readonly clients?: number
  readonly upstream: Upstream
  /** Calls of all clients together: so many a second at random moments (Poisson), or by so many callers in turns. */
  readonly load: { readonly perSecond: number } | Callers
  /** What is called. Default GET `/`, with the client's own time limits. */
  readonly call?: CallOptions & { readonly method?: Dispatcher.HttpMethod; readonly path?: string }
  /** For how long calls come, in ms. */
  readonly duration: number
  readonly events?: readonly WhatIfEvent[]
  /** Of the chance. The same seed brings the same load, whatever the client. Default 1. */
  readonly seed?: number
}

const names = namesOf<WhatIf>({
  client: true,
  clients: true,
  upstream: true,
  load: true,
  call: true,
  duration: true,
  events: true,
  seed: true,
})
const upstreamNames = namesOf<Upstream>({
  slots: true,
  service: true,
  queue: true,
  abandoned: true,
  latency: true,
})
const loadNames: ReadonlySet<string> = new Set(['perSecond', 'callers', 'pause'])
const kinds = {
  outage: [],
  hang: [],
  slow: ['factor'],
  errors: ['share', 'status'],
} as const satisfies Record<WhatIfEvent['kind'], readonly string[]>

/** @throws ConfigError naming every option that is wrong; those of the client are told when it is made */
export function checkWhatIf(scenario: WhatIf): void {
  const problems = [...optionProblems(scenario, names)]
  if (problems.length === 0) {
    problems.push(
      ...ownProblems(scenario),
      ...upstreamProblems(scenario.upstream),
      ...loadProblems(scenario.load),
      ...(scenario.events ?? []).flatMap((event, i) => eventProblems(event, `events[${i}]`)),
    )
  }
  if (problems.length > 0) throw new ConfigError(problems)
}

function ownProblems({ client = {}, clients = 1, duration, seed = 1 }: WhatIf): ConfigProblem[] {
  const { baseUrl = '' } = client
  const isOne = typeof baseUrl === 'string' || baseUrl instanceof URL
  return broken([
    ['client.baseUrl', baseUrl, isOne, 'one URL: there is one upstream'],
    ['clients', clients, isCount(clients), 'a whole number from 1'],
    ['duration', duration, isTime(duration), 'milliseconds above 0'],
    ['seed', seed, Number.isInteger(seed), 'a whole number'],
  ])
}

function upstreamProblems(upstream: Upstream): readonly ConfigProblem[] {
  const unknown = optionProblems(upstream, upstreamNames, 'upstream')
  if (unknown.length > 0) return unknown
  const { slots, service, queue = Infinity, abandoned = 'finished', latency = 1 } = upstream
  const takes = typeof service === 'function' || (Number.isFinite(service) && service >= 0)
  const fates: readonly string[] = ['freed', 'skipped', 'finished'] satisfies Abandoned[]
  return broken([
    ['upstream.slots', slots, isCount(slots) || slots === Infinity, 'a whole number from 1'],
    ['upstream.service', service, takes, 'milliseconds from 0, or a function such as exponential(100)'],
    [
      'upstream.queue',
      queue,
      queue === Infinity || (Number.isInteger(queue) && queue >= 0),
      'a number from 0',
    ],
    ['upstream.abandoned', abandoned, fates.includes(abandoned), fates.join(', ')],
    ['upstream.latency', latency, Number.isFinite(latency) && latency >= 0, 'milliseconds from 0'],
  ])
}

function loadProblems(load: WhatIf['load']): readonly ConfigProblem[] {
  const unknown = optionProblems(load, loadNames, 'load')
  if (unknown.length > 0) return unknown
  if ('perSecond' in load)
    return broken([['load.perSecond', load.perSecond, isTime(load.perSecond), 'calls a second, above 0']])
  const { callers, pause = 0 } = load
  return broken([
    ['load.callers', callers, isCount(callers), 'a whole number from 1, or perSecond in its place'],
    ['load.pause', pause, Number.isFinite(pause) && pause >= 0, 'milliseconds from 0'],
  ])
}

function eventProblems(event: WhatIfEvent, name: string): readonly ConfigProblem[] {
  const own: readonly string[] | undefined = kinds[event?.kind]
  if (own === undefined)
    return broken([[`${name}.kind`, event?.kind, false, `one of ${Object.keys(kinds).join(', ')}`]])
  const unknown = optionProblems(event, new Set(['kind', 'at', 'for', ...own]), name)
  return [...unknown, ...broken([...timeRules(event, name), ...kindRules(event, name)])]
}

function timeRules(event: WhatIfEvent, name: string): Rule[] {
  return [
    [`${name}.at`, event.at, Number.isFinite(event.at) && event.at >= 0, 'milliseconds from 0'],
    [`${name}.for`, event.for, isTime(event.for), 'milliseconds above 0'],
  ]
}

function kindRules(event: WhatIfEvent, name: string): Rule[] {
  if (event.kind === 'slow')
    return [[`${name}.factor`, event.factor, isTime(event.factor), 'a number above 0, such as 5']]
  if (event.kind !== 'errors') return []
  const { share = 1, status = 503 } = event
  const isStatus = Number.isInteger(status) && status >= 200 && status <= 599
  return [
    [`${name}.share`, share, share > 0 && share <= 1, 'a share above 0 and up to 1'],
    [`${name}.status`, status, isStatus, 'a status from 200 to 599'],
  ]
}

function isCount(value: number): boolean {
  return Number.isInteger(value) && value >= 1
}

function isTime(value: number): boolean {
  return Number.isFinite(value) && value > 0
}
