/** Dialing: from an origin to a socket that is connected and, for https, has its TLS session and its protocol. */
import type { Socket } from 'node:net'
import { buildConnector, errors } from 'undici'
import { requirePublic } from '../egress/public-lookup.ts'
import { ConfigError } from '../errors.ts'
import type { Runtime } from '../runtime.ts'
import { leadsToSocketPath, problemsTogether } from './dial-problems.ts'
import { onread, remembering } from './direct-read.ts'
import { DialSteps } from './dial-facts.ts'
import { Dial, type DialResult } from './dial-under-way.ts'
import { dialLookup, lookupOf, type Lookup } from './lookup.ts'
import type { ConnectionPoolOptions } from './options.ts'
import { hostnameOf } from './origin-key.ts'
import { proxyRoute, type ProxyRoute } from './proxy-route.ts'
import type { Proxy } from './proxy.ts'
import { tunnel } from './tunnel.ts'

/** Options of `net.connect` and `tls.connect`, or a function with undici's connector signature. */
export type ConnectOptions = buildConnector.BuildOptions | buildConnector.connector

/** TLS options of one origin, on top of those of all. */
export type TlsOptions = buildConnector.BuildOptions

/** The address book of one origin. */
export interface DialTarget {
  readonly url: URL
  /** Name for SNI and certificate checks, when it is not the host's own. */
  readonly servername: string | undefined
  /** Only HTTP/1.1 may be negotiated. */
  readonly http1Only: boolean
  /** The IP address to dial. Default: what a look-up of the host gives. */
  readonly address?: string
}

/** The options of a pool that say how it dials. */
export type DialOptions = Pick<
  ConnectionPoolOptions,
  | 'connect'
  | 'tls'
  | 'allowH2'
  | 'http2PriorKnowledge'
  | 'proxy'
  | 'maxConnectionsPerAddress'
  | 'privateAddresses'
>

/** A TLS configuration: with what the pool allows, and for callers that understand HTTP/1.1 alone. */
interface Connectors {
  readonly any: buildConnector.connector
  readonly http1: buildConnector.connector
}

/** The most origins whose own connectors are kept. */
const MAX_OWN = 1_000

/**
 * The connectors of a pool: one function per TLS configuration, because undici keeps the TLS sessions that make
 * later handshakes cheap inside the function. Timeouts are exact: undici's own connect timer (±0.5 s) is off.
 */
export class Dialer {
  /** Where targets lead. */
  readonly lookup: Lookup
  private readonly runtime: Runtime
  private readonly build: (own?: TlsOptions) => Connectors
  private readonly tls: DialOptions['tls']
  /** Only public addresses are dialed. */
  private readonly onlyPublic: boolean
  private readonly shared: Connectors
  private readonly own = new Map<string, Connectors>()
  private readonly route: ProxyRoute
  private readonly toProxies = new Map<Proxy, buildConnector.connector>()
  private readonly plain: (socket: Socket) => void
  private readonly underWay = new Set<Dial>()
  private holding = true

  /** @throws ConfigError naming every option that is wrong or does not go with another */
  constructor(runtime: Runtime, options: DialOptions, environment: NodeJS.ProcessEnv = process.env) {
    const problems = problemsTogether(options)
    if (problems.length > 0) throw new ConfigError(problems)
    this.runtime = runtime
    this.tls = options.tls
    this.onlyPublic = options.privateAddresses === 'refuse'
    this.build = (own) => buildConnectors(options, own)
    this.shared = this.build()
    this.route = proxyRoute(options.proxy, environment)
    this.lookup = lookupOf(options, this.route)
    this.plain = options.http2PriorKnowledge === true ? speakHttp2 : ignore
  }

  /**
   * Begins a dial, which may take `within` ms, and returns what cancels it. Exactly one of `opened` and `failed` is
   * called, never at once.
   */
  dial(target: DialTarget, within: number, result: DialResult): () => void {
    const isSecure = target.url.protocol === 'https:'
    const proxy = (): string | undefined => this.route(target.url)?.label
    const steps = new DialSteps(() => this.runtime.now(), isSecure, proxy)
    const dial = new Dial(result, () => this.underWay.delete(dial), steps)
    this.underWay.add(dial)
    const late = (): void => dial.cancel(this.timedOut(target.url, within))
    dial.timer = this.runtime.after(within, late)
    const connect: buildConnector.connector = (...call) => this.connectorFor(target)(...call)
    dial.begin(connect, connectorOptions(target))
    dial.hold(this.holding)
    return () => dial.cancel(new errors.RequestAbortedError('dial called off'))
  }

  /** Whether dials keep the process alive: somebody waits for them. */
  hold(alive: boolean): void {
    if (alive === this.holding) return
    this.holding = alive
    for (const dial of this.underWay) dial.hold(alive)
  }

  private connectorFor({ url, http1Only, address }: DialTarget): buildConnector.connector {
    if (this.onlyPublic) requirePublic(address ?? hostnameOf(url))
    const { any, http1 } = this.connectorsOf(url)
    const toOrigin = http1Only ? http1 : any
    const proxy = this.route(url)
    if (proxy === undefined) return toOrigin
    return tunnel(proxy, { toProxy: this.toProxy(proxy), toOrigin, plain: this.plain })
  }

  private connectorsOf(url: URL): Connectors {
    if (this.tls === undefined || url.protocol !== 'https:') return this.shared
    const known = this.own.get(url.origin)
    if (known !== undefined) return known
    const options = this.tls(new URL(url.origin))
    if (options !== undefined && (typeof options !== 'object' || options === null)) {
      throw new errors.InvalidArgumentError(
        `tls(${url.origin}) gave a ${typeof options}; it must give an object of TLS options, or undefined`,
      )
    }
    if (this.onlyPublic && leadsToSocketPath(options)) {
      throw new errors.InvalidArgumentError(
        `tls(${url.origin}) gave a socket path, which does not go with privateAddresses: 'refuse'`,
      )
    }
    const connectors = options === undefined ? this.shared : this.build(options)
    this.own.set(url.origin, connectors)
    if (this.own.size > MAX_OWN) this.own.delete(this.own.keys().next().value!)
    return connectors
  }

  private toProxy(proxy: Proxy): buildConnector.connector {
    const known = this.toProxies.get(proxy)
    if (known !== undefined) return known
    const connector = buildConnector({ ...proxy.connect, allowH2: false, timeout: 0 })
    this.toProxies.set(proxy, connector)
    return connector
  }

  private timedOut(url: URL, within: number): Error {
    const proxy = this.route(url)
    const through = proxy === undefined ? '' : ` through the proxy ${proxy.label}`
    return new errors.ConnectTimeoutError(`no connection to ${url.origin}${through} within ${within} ms`)
  }
}

function buildConnectors(
  { connect, allowH2 = true, http2PriorKnowledge, privateAddresses }: DialOptions,
  own?: TlsOptions,
): Connectors {
  if (typeof connect === 'function') return { any: connect, http1: connect }
  const given = { ...connect, ...own }
  const lookup = privateAddresses === 'refuse' ? { lookup: dialLookup(given, privateAddresses) } : undefined
  const options = { ...given, ...lookup, useH2c: http2PriorKnowledge === true, timeout: 0, onread }
  const build = (allowH2: boolean): buildConnector.connector =>
    remembering(buildConnector({ ...options, allowH2 }))
  const any = build(allowH2)
  return { any, http1: allowH2 ? build(false) : any }
}

/** What connection.ts reads to know the protocol, as undici's connector says it of a socket that it makes itself. */
function speakHttp2(socket: Socket): void {
  Object.assign(socket, { alpnProtocol: 'h2' })
}

function connectorOptions({ url, servername: asked, address }: DialTarget): buildConnector.Options {
  const hostname = hostnameOf(url)
  // With an address of ours the name for TLS must be said; a host that is an address itself has none.
  const servername = asked ?? (address === undefined || address === hostname ? undefined : hostname)
  return {
    host: url.host,
    hostname: address ?? hostname,
    protocol: url.protocol,
    port: url.port,
    ...(servername === undefined ? {} : { servername }),
  }
}

function ignore(): void {}
