/** From a settled configuration to the options of a client. */
import { asOption, put } from './option-path.ts'
import { optionRows, optionsTable } from './options-table.ts'
import type { OptionName } from './options-table.ts'
import type { Resolution } from './resolve.ts'
import { isSwitch, partsOf, switches } from './switches.ts'

/**
 * A configuration in the shape that `new HttpClient()` takes. What is absent was not given, and the client or the
 * servers know better; `retry.attempts` alone is always there, unless `resilience` is `none`.
 */
export interface ClientSettings {
  readonly baseUrl?: string | readonly string[]
  readonly followRedirects?: boolean | number
  readonly allowedOrigins?: readonly string[]
  readonly privateAddresses?: 'allow' | 'refuse'
  readonly headers?: { readonly 'user-agent': string }
  readonly timeout?: number
  readonly attemptTimeout?: number
  readonly headersTimeout?: number
  readonly writeTimeout?: number
  readonly bodyIdleTimeout?: number
  readonly attemptFloor?: number
  readonly deadlineHeader?: 'grpc-timeout' | 'x-envoy-expected-rq-timeout-ms'
  readonly maxResponseBytes?: number
  readonly resilience?: 'standard' | 'hedged' | 'none'
  readonly retry?: {
    /** The first one included. */
    readonly attempts: number
    readonly base?: number
    readonly multiplier?: number
    readonly cap?: number
    readonly growth?: 'exponential' | 'linear' | 'constant'
    readonly jitter?: 'full' | number
    readonly throttledBase?: number
    readonly statuses?: readonly number[]
    readonly maxRetryAfter?: number
  }
  readonly budget?: Numbers<'perSuccess' | 'start' | 'cap' | 'perSecond'>
  readonly breaker?: false | Numbers<BreakerNumbers>
  readonly hedge?:
    | boolean
    | {
        readonly after?: number | { readonly quantile: number }
        readonly most?: number
        readonly share?: number
      }
  readonly healthPath?: string
  readonly healthChecks?: boolean | Numbers<'interval' | 'timeout'>
  readonly warmUp?: number
  readonly minConnections?: number
  readonly maxConnections?: number
  readonly maxConnectionsPerOrigin?: number
  readonly maxConnectionsPerAddress?: number
  readonly maxIdleConnections?: number
  readonly maxDials?: number
  readonly adaptive?: boolean
  readonly limiter?:
    | boolean
    | {
        readonly algorithm?: 'half-probe' | 'gradient' | 'aimd'
        readonly min?: number
        readonly max?: number
      }
  readonly maxQueue?: number
  readonly discipline?: 'fifo' | 'lifo' | 'codel'
  readonly overloadAfter?: number
  readonly overloadWait?: number
  readonly acquireTimeout?: number
  readonly connectTimeout?: number
  readonly idleTimeout?: number
  readonly maxIdleTimeout?: number
  readonly maxConnectionAge?: number
  readonly maxRequestsPerConnection?: number
  readonly leakAfter?: number
  readonly leakStacks?: boolean
  readonly dnsRefresh?: number
  readonly pingAfter?: number
  readonly pingTimeout?: number
  readonly allowH2?: boolean
  readonly http2PriorKnowledge?: boolean
  readonly proxy?: string
  /** The contents of the files. */
  readonly connect?: { readonly ca?: string; readonly cert?: string; readonly key?: string }
}

type Numbers<Name extends string> = { readonly [Each in Name]?: number }
type BreakerNumbers =
  | 'failureRatio'
  | 'minimumCompletions'
  | 'window'
  | 'connectFailures'
  | 'openFor'
  | 'maxOpenFor'
  | 'probes'
  | 'slowAfter'

/** The options that somebody gave, or that had to be adjusted to what somebody gave. */
export function toClientSettings(resolution: Resolution): ClientSettings {
  const options: Record<string, unknown> = {}
  const belongTo = new Set<OptionName>(switches.flatMap((name) => [name, ...partsOf(name)]))
  for (const [name, row] of optionRows) {
    if (belongTo.has(name) || row.kind === 'file' || !isTold(resolution, name)) continue
    const value = asOption(name, resolution.settled.get(name)?.value)
    if (value !== undefined) put(options, row.option, value)
  }
  for (const name of switches) {
    const value = wholeOf(resolution, name)
    if (value !== undefined) options[name] = value
  }
  if (Object.keys(resolution.certificates).length > 0) options['connect'] = resolution.certificates
  return options // each row says by its kind and its place what stands there
}

function isTold({ given, settled }: Resolution, name: OptionName): boolean {
  const now = settled.get(name)
  if (now?.unused === true) return false
  if (given.has(name)) return now?.value !== undefined
  return now?.adjusted === true || (name === 'retries' && settled.get('resilience')?.value !== 'none')
}

/** What had to be adjusted, by its place among a client's options; it holds whoever gave it. */
export function adjustments({ settled }: Resolution): readonly (readonly [option: string, value: unknown])[] {
  return optionRows.flatMap(([name, row]) => {
    const now = settled.get(name)
    return now?.adjusted === true && now.unused !== true
      ? [[row.option, asOption(name, now.value)] as const]
      : []
  })
}

/** false, or true, or an object of its parts. */
function wholeOf(resolution: Resolution, name: (typeof switches)[number]): unknown {
  const { given, settled } = resolution
  const told = partsOf(name).filter((part) => isTold(resolution, part))
  if (settled.get(name)?.unused === true) return undefined
  if (settled.get(name)?.value === false) return given.has(name) ? false : undefined
  if (told.length === 0 && !given.has(name)) return undefined
  const whole: Record<string, unknown> = {}
  for (const part of told) put(whole, lastOf(part), asOption(part, settled.get(part)?.value))
  return told.length === 0 && name !== 'breaker' && isSwitch(name) ? true : whole
}

function lastOf(part: OptionName): string {
  return optionsTable[part].option.split('.').slice(1).join('.')
}
