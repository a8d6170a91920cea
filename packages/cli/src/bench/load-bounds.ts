/** How much load may be made. A machine of somebody else bears little, until the user says that it may bear more. */
import { CliError } from '../cli-error.ts'
import { isThisMachine } from '../target/target.ts'

/** What is asked for. */
export interface Load {
  readonly url: URL
  readonly method: string
  /** Requests at once. */
  readonly concurrency: number
  /** Requests in a second; undefined for as many as the server answers. */
  readonly rate: number | undefined
  /** Of each arm, in ms. */
  readonly duration: number
  /** Of each arm. */
  readonly requests: number | undefined
}

/** What the user takes upon himself. */
export interface Permission {
  /** The host that he may load, in his own words. */
  readonly allowLoad: string | undefined
  /** Whether methods are allowed that change something. */
  readonly unsafe: boolean
}

const safeMethods = ['GET', 'HEAD', 'OPTIONS', 'QUERY']

/** Of a host that is not this machine. */
const modest = { concurrency: 10, rate: 50, seconds: 60, requests: 2_000 } as const

/**
 * The requests a second at which it is kept; undefined for no such limit.
 * @throws CliError naming what is too much, and what allows it
 */
export function boundedRate(load: Load, { allowLoad, unsafe }: Permission): number | undefined {
  const { url, method, concurrency, rate, duration, requests = 0 } = load
  if (!safeMethods.includes(method) && !unsafe)
    throw new CliError(
      `${method} may change something, and would be sent many times. Allowed: ${safeMethods.join(', ')}; add --unsafe where that is meant`,
    )
  const { hostname } = url
  if (allowLoad !== undefined && allowLoad !== hostname)
    throw new CliError(`--allow-load ${allowLoad} is another host than that of the URL: ${hostname}`)
  if (isThisMachine(url) || allowLoad === hostname) return undefined
  refuseMoreThan('--concurrency', concurrency, modest.concurrency, hostname)
  refuseMoreThan('--rate', rate ?? 0, modest.rate, hostname)
  refuseMoreThan('--duration in seconds', duration / 1_000, modest.seconds, hostname)
  refuseMoreThan('--requests', requests, modest.requests, hostname)
  return modest.rate
}

function refuseMoreThan(what: string, given: number, most: number, host: string): void {
  if (given <= most) return
  throw new CliError(
    `${what} ${given} is much for ${host}, which is not this machine. Allowed: up to ${most}; or, where you may load it, --allow-load ${host}`,
  )
}
