/**
 * How a pool reaches servers: the seam between what it decides and the sockets. The real one dials and speaks HTTP by
 * undici; the simulated one ({@link file://../testing/network.ts}) has neither sockets nor waits.
 */
import type { Socket } from 'node:net'
import type { Dispatcher } from 'undici'
import type { Runtime } from '../runtime.ts'
import { checkClientOptions, Connection, type ClientOptions, type ConnectionHost } from './connection.ts'
import type { Described } from './connections.ts'
import { Dialer, type DialOptions, type DialTarget } from './dial.ts'
import type { DialResult } from './dial-under-way.ts'
import type { Slot } from './entities.ts'
import type { Lookup } from './lookup.ts'
import type { Pulse } from './ping.ts'

/** `Line`: what a dial gives, and a connection is made of; a socket where the network is real. */
export interface Network<Line = unknown> {
  /**
   * Begins a dial, which may take `within` ms, and returns what cancels it. Exactly one of `opened` and `failed` is
   * called, never at once.
   */
  dial(target: DialTarget, within: number, result: DialResult<Line>): () => void
  /** The IP addresses that a target leads to; undefined where a dial does not choose one. */
  lookup?: Lookup
  /** Whether dials keep the process alive: somebody waits for them. */
  hold(alive: boolean): void
  /** Makes a connection of what a dial gave; it is released, drained, retired and closed by telling `host`. */
  connect(host: ConnectionHost, slot: Slot, url: URL, line: Line): NetworkConnection
}

/** One connection of a network. */
export interface NetworkConnection extends Described {
  /** What undici's dispatcher events name. */
  readonly client: Dispatcher
  /** Of HTTP/2, when it can be asked whether it still leads somewhere. */
  readonly pulse?: Pulse | undefined
}

/** @throws ConfigError, or undici's InvalidArgumentError, naming the option that is wrong */
export function realNetwork(
  runtime: Runtime,
  options: DialOptions & { readonly client?: ClientOptions },
): Network<Socket> {
  const client = { pingInterval: 0, ...options.client } // undici's own pings know no deadline
  if (options.client !== undefined) checkClientOptions(options.client)
  const dialer = new Dialer(runtime, options)
  return {
    dial: (target, within, result) => dialer.dial(target, within, result),
    lookup: dialer.lookup,
    hold: (alive) => dialer.hold(alive),
    connect: (host, slot, url, socket) => new Connection(host, runtime, slot, url, socket, client),
  }
}
