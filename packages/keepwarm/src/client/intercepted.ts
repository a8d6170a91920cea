/**
 * A client's interceptors: between its calls and its pool, so that they see each attempt.
 *
 *     exchange ─▶ Passage ─▶ interceptors ─▶ Landing ─▶ pool
 *                    ▲                         │
 *                    └── written, lost, carried by: what handlers of undici know nothing of
 */
import { Dispatcher, errors } from 'undici'
import { ConfigError, KeepwarmError } from '../errors.ts'
import { asError } from '../exchange/caller.ts'
import type { Crowding, Headers, UpgradeSocket } from '../exchange/host.ts'
import type { Lease, PoolHandler } from '../pool/lease.ts'
import { modernHandler } from '../pool/modern-handler.ts'
import { Passage } from './passage.ts'

type Controller = Dispatcher.DispatchController
type Pool = Dispatcher & { crowding?(origin: string): Crowding | undefined }

/** The pool of a client, as its calls reach it. */
export function beneath(
  pool: Pool,
  interceptors: readonly Dispatcher.DispatcherComposeInterceptor[] | undefined,
): Pool {
  return interceptors === undefined || interceptors.length === 0
    ? pool
    : new InterceptedPool(pool, interceptors)
}

/** Under which an attempt's passage goes along in its options: interceptors copy what they do not know. */
const passageOf = Symbol('passage')

type Marked = Dispatcher.DispatchOptions & { [passageOf]?: Passage }

class InterceptedPool extends Dispatcher {
  private readonly pool: Pool
  private readonly through: Dispatcher

  /** @param interceptors as of `compose()`: the last one sees an attempt first. */
  constructor(pool: Pool, interceptors: readonly Dispatcher.DispatcherComposeInterceptor[]) {
    super()
    this.pool = pool
    this.through = composed(pool, interceptors)
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    const passage = new Passage(options, handler)
    try {
      passage.go((all, own) => this.through.dispatch({ ...all, [passageOf]: passage } as Marked, own))
    } catch (thrown) {
      const why = `an interceptor threw: ${asError(thrown).message}`
      throw new KeepwarmError('hook', why, { phase: 'admit', cause: thrown })
    }
    return true
  }

  crowding(origin: string): Crowding | undefined {
    return this.pool.crowding?.(origin)
  }
}

/** @throws ConfigError when one of them does not give what undici asks for. */
function composed(
  pool: Dispatcher,
  interceptors: readonly Dispatcher.DispatcherComposeInterceptor[],
): Dispatcher {
  try {
    return new Foot(pool).compose([...interceptors])
  } catch (thrown) {
    const received = `one that undici refuses: ${asError(thrown).message}`
    const expected = 'functions that get a dispatch function and give one, of exactly (options, handler)'
    throw new ConfigError([{ variable: 'interceptors', received, expected }])
  }
}

/** What the interceptors are composed onto. */
class Foot extends Dispatcher {
  private readonly pool: Dispatcher

  constructor(pool: Dispatcher) {
    super()
    this.pool = pool
  }

  override dispatch(options: Marked, handler: Dispatcher.DispatchHandler): boolean {
    const { [passageOf]: passage, ...plain } = options
    const isDirect = passage === undefined || (handler as unknown) === passage
    return this.pool.dispatch(plain, isDirect ? handler : new Landing(passage, handler))
  }
}

/** What the pool tells is handed to the interceptors, and to the passage what they would not pass on. */
class Landing implements PoolHandler {
  private readonly passage: Passage
  private readonly handler: Dispatcher.DispatchHandler

  constructor(passage: Passage, handler: Dispatcher.DispatchHandler) {
    this.passage = passage
    this.handler = modernHandler(handler)
  }

  get acquireBy(): number {
    return this.passage.acquireBy
  }

  get acquireTimeout(): number | undefined {
    return this.passage.acquireTimeout
  }

  get trail(): PoolHandler['trail'] {
    return this.passage.trail
  }

  get trailAttempt(): number {
    return this.passage.trailAttempt
  }

  get operation(): string | undefined {
    return this.passage.operation
  }

  onRequestStart(lease: Controller, context: object): void {
    this.passage.carriedBy(lease as Lease)
    this.handler.onRequestStart?.(lease, context)
  }

  onWire(): void {
    this.passage.onWire()
  }

  onBack(): void {
    this.passage.onBack()
  }

  onBodySent(chunk: Buffer): void {
    this.handler.onBodySent?.(chunk)
  }

  /** Some interceptors keep it to themselves; to be told twice does no harm. */
  onRequestSent(): void {
    this.handler.onRequestSent?.()
    this.passage.onRequestSent()
  }

  onResponseStarted(): void {
    this.handler.onResponseStarted?.()
  }

  onResponseStart(lease: Controller, status: number, headers: Headers, text?: string): void {
    this.handler.onResponseStart?.(lease, status, headers, text)
  }

  onResponseData(lease: Controller, chunk: Buffer): void {
    this.handler.onResponseData?.(lease, chunk)
  }

  onResponseEnd(lease: Controller, trailers: Headers): void {
    this.handler.onResponseEnd?.(lease, trailers)
  }

  onRequestUpgrade(lease: Controller, status: number, headers: Headers, socket: UpgradeSocket): void {
    if (this.handler.onRequestUpgrade === undefined)
      throw new errors.InvalidArgumentError('an interceptor does not understand upgrades')
    this.handler.onRequestUpgrade(lease, status, headers, socket)
  }

  onResponseError(lease: Controller, error: Error): void {
    this.handler.onResponseError?.(lease, error)
  }
}
