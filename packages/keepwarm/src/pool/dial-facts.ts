import type { Socket } from 'node:net'

/** What a dial came to know. Durations in ms; undefined for what there was not, or nobody saw. */
export interface DialFacts {
  /** Until the name was looked up, then until TCP was connected, then until TLS was done. */
  readonly dns: number | undefined
  readonly tcp: number | undefined
  readonly tls: number | undefined
  /** The proxy that it leads through. */
  readonly proxy: string | undefined
  /** `address:port` of our own end. */
  readonly local: string | undefined
}

/** What a connection tells of itself when it opens, to be known when its socket is gone. */
export interface OpenedFacts extends Partial<DialFacts> {
  readonly protocol: 'h1' | 'h2'
  /** `address:port` of the other side. */
  readonly address: string | undefined
}

/** Watches the steps of one dial, by what its socket says. */
export class DialSteps {
  private readonly now: () => number
  private readonly isSecure: boolean
  private readonly proxy: () => string | undefined
  private readonly beganAt: number
  private lookedUpAt: number | undefined
  private connectedAt: number | undefined

  /** @param proxy what it leads through; behind one nobody sees when TLS begins. */
  constructor(now: () => number, isSecure: boolean, proxy: () => string | undefined) {
    this.now = now
    this.isSecure = isSecure
    this.proxy = proxy
    this.beganAt = now()
  }

  watch(socket: Socket): void {
    // Where a name has several addresses, each says that it was looked up.
    socket.on('lookup', () => (this.lookedUpAt ??= this.now()))
    socket.on('connect', () => (this.connectedAt ??= this.now()))
  }

  /** @param socket that it came to. */
  facts({ localAddress, localPort }: Socket): DialFacts {
    const { beganAt, lookedUpAt, connectedAt } = this
    const proxy = this.proxy()
    const sawTls = this.isSecure && proxy === undefined && connectedAt !== undefined
    return {
      dns: lookedUpAt === undefined ? undefined : lookedUpAt - beganAt,
      tcp: connectedAt === undefined ? undefined : connectedAt - (lookedUpAt ?? beganAt),
      tls: sawTls ? this.now() - connectedAt : undefined,
      proxy,
      local: localAddress === undefined ? undefined : `${localAddress}:${localPort}`,
    }
  }
}
