/** An exchange alone: under it a pool that does what the test says, above it a handler that writes down what it hears. */
import type { Readable } from 'node:stream'
import { Dispatcher } from 'undici'
import { Balancer } from '../../src/balance/balancer.ts'
import { Breaker } from '../../src/breaker/machine.ts'
import { planCall, resolvePlan } from '../../src/client/plan.ts'
import type { CallOptions, HttpClientOptions } from '../../src/client/options.ts'
import type { KeepwarmError } from '../../src/errors.ts'
import { Exchange } from '../../src/exchange/exchange.ts'
import type { CallHandler, Crowding, ExchangeHost, OriginGuard, Outcome } from '../../src/exchange/host.ts'
import { Timekeeper } from '../../src/exchange/timekeeper.ts'
import { HedgePolicy } from '../../src/hedge/policy.ts'
import type { DispatchOptions, PoolHandler } from '../../src/pool/lease.ts'
import { OriginPause } from '../../src/retry/pause.ts'
import { RetryBudget } from '../../src/retry/budget.ts'
import { ManualRuntime } from '../../src/testing/manual-runtime.ts'

/** Chance is the number that the test says, half of everything by default; and timers may ring late. */
export class ScriptedRuntime extends ManualRuntime {
  chance = 0.5
  /** By how much the clock is ahead of its timers, as when the process was busy. */
  late = 0

  override now(): number {
    return super.now() + this.late
  }

  override random(): number {
    return this.chance
  }
}

/** One attempt in the pool. The test is the server; nothing is told after `over`, as in the real one. */
export class FakeLease implements Dispatcher.DispatchController {
  readonly options: DispatchOptions
  readonly handler: PoolHandler
  sent = false
  reused = true
  aborted = false
  paused = false
  reason: Error | null = null
  over = false
  /** It has told the final headers, which come once. */
  answered = false
  rawHeaders = null
  rawTrailers = null

  constructor(options: DispatchOptions, handler: PoolHandler) {
    this.options = options
    this.handler = handler
  }

  abort(reason?: Error): void {
    if (this.aborted || this.over) return
    this.aborted = this.over = true
    this.reason = reason ?? new Error('aborted')
    this.handler.onResponseError?.(this, this.reason)
  }
  pause(): void {
    this.paused = true
  }
  resume(): void {
    this.paused = false
  }

  /** The request goes out. */
  wire(): this {
    this.sent = true
    this.handler.onWire?.()
    return this
  }
  /** The request is written. */
  write(): this {
    this.wire()
    this.handler.onRequestSent?.()
    return this
  }
  headers(status: number, headers: Record<string, string> = {}): this {
    this.answered ||= status >= 200
    this.handler.onResponseStart?.(this, status, headers, '')
    return this
  }
  data(text: string): this {
    this.handler.onResponseData?.(this, Buffer.from(text))
    return this
  }
  end(): void {
    this.over = true
    this.handler.onResponseEnd?.(this, {})
  }
  /** A whole response. */
  answer(status: number, text = '', headers: Record<string, string> = {}): void {
    this.write().headers(status, headers)
    if (text !== '' && !this.over) this.data(text)
    if (!this.over) this.end()
  }
  fail(error: Error): void {
    this.over = true
    this.handler.onResponseError?.(this, error)
  }
  /** As a socket reports it. */
  failWith(code: string): void {
    this.fail(Object.assign(new Error(`it said ${code}`), { code }))
  }
}

export class FakePool extends Dispatcher {
  readonly leases: FakeLease[] = []
  /** Called with every new lease, within dispatch(). */
  onDispatch: (lease: FakeLease) => void = () => {}

  override dispatch(options: Dispatcher.DispatchOptions, handler: PoolHandler): boolean {
    const lease = new FakeLease(options, handler)
    this.leases.push(lease)
    handler.onRequestStart?.(lease, {})
    if (!lease.aborted) this.onDispatch(lease)
    return false
  }
  override close(): Promise<void>
  override close(callback: () => void): void
  override close(): Promise<void> {
    return Promise.resolve()
  }
  override destroy(): Promise<void>
  override destroy(callback: () => void): void
  override destroy(): Promise<void> {
    return Promise.resolve()
  }
}

/** What a caller heard. `collects`, as `json()` and its like do. */
export class Listener implements CallHandler {
  readonly heard: string[] = []
  /** How often it was told the end. */
  told = 0
  error: KeepwarmError | undefined
  body = ''
  controller: Dispatcher.DispatchController | undefined
  readonly collects: boolean
  /** Callbacks that throw. */
  readonly throwsIn: Set<string> = new Set()

  constructor(collects = false) {
    this.collects = collects
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.controller = controller
    this.hear('start')
  }
  onBodySent(): void {
    this.hear('bodySent')
  }
  onRequestSent(): void {
    this.hear('sent')
  }
  onResponseStarted(): void {
    this.hear('started')
  }
  onResponseStart(_controller: unknown, status: number): void {
    if (status >= 200) this.body = ''
    this.hear(`headers ${status}`)
  }
  onResponseData(_controller: unknown, chunk: Buffer): void {
    this.body += chunk.toString()
    this.hear('data')
  }
  onResponseEnd(): void {
    this.told++
    this.hear('end')
  }
  onRequestUpgrade(): void {
    this.told++
    this.hear('upgrade')
  }
  onResponseError(_controller: unknown, error: Error): void {
    this.told++
    this.error = error as KeepwarmError
    this.hear('error')
  }

  private hear(what: string): void {
    this.heard.push(what)
    if (this.throwsIn.has(what.split(' ', 1)[0]!)) throw new Error(`thrown in ${what}`)
  }
}

export interface Request extends Partial<DispatchOptions> {
  readonly says?: CallOptions
  /** Makes the body of each attempt. */
  readonly makeBody?: () => Readable
  /** When it must be over, whatever its plan says. */
  readonly by?: number
}

/** Everything around one origin's exchanges. Backoff is 100 ms × 2ⁿ × chance, total 30 s, write 5 s, body idle 10 s. */
export class ExchangeBench {
  readonly runtime: ScriptedRuntime = new ScriptedRuntime()
  readonly pool: FakePool = new FakePool()
  readonly timekeeper: Timekeeper = new Timekeeper(this.runtime)
  readonly guard: OriginGuard
  /** Of b.test, where attempts go that avoid a.test; only when `baseUrl` names both. */
  readonly other: OriginGuard
  readonly retries: string[] = []
  readonly notRetried: string[] = []
  readonly changes: string[] = []
  readonly outcomes: Outcome[] = []
  readonly hedges: string[] = []
  /** What the pool says when it is asked whether a call may have two connections. */
  crowding: Crowding | undefined
  private readonly options: HttpClientOptions
  private readonly host: ExchangeHost

  constructor(options: HttpClientOptions = {}) {
    this.options = options
    const { breaker, budget, hedge, deadlineHeader } = options
    const endpoints = Array.isArray(options.baseUrl) ? (options.baseUrl as string[]) : []
    const balancer = endpoints.length > 1 ? new Balancer(endpoints, options.balance) : undefined
    const guardOf = (origin: string): OriginGuard => ({
      origin,
      pause: new OriginPause(),
      hedges: typeof hedge === 'object' ? new HedgePolicy(hedge) : undefined,
      endpoint: balancer?.find(origin),
      underWay: 0,
      breaker: new Breaker(breaker === false ? {} : breaker),
      budget: new RetryBudget({ start: 10, perSecond: 0, ...budget }),
    })
    this.guard = guardOf('http://a.test')
    const other = balancer === undefined ? this.guard : guardOf('http://b.test')
    this.other = other
    this.host = {
      name: 'bench',
      runtime: this.runtime,
      pool: this.pool,
      timekeeper: this.timekeeper,
      balancer,
      deadlineHeader,
      guard: (_options, avoid) => (avoid === this.guard ? other : this.guard),
      crowding: () => this.crowding,
      notRetried: (because) => this.notRetried.push(because),
      hedged: (what) => this.hedges.push(what),
      attemptBegan: () => {},
      attemptEnded: () => {},
      retried: (reason) => this.retries.push(reason),
      breakerChanged: (change) => this.changes.push(change),
      ended: (_exchange, outcome) => this.outcomes.push(outcome),
    }
  }

  /** Sends a call and returns who listens. */
  call(request: Request = {}, listener: Listener = new Listener()): Listener {
    const { says, makeBody, by, ...options } = request
    const planned = planCall(resolvePlan(this.options), says)
    const plan = makeBody === undefined ? planned : { ...planned, makeBody }
    const target = { origin: 'http://a.test', path: '/p?secret=1', method: 'GET' as const }
    const wire = {
      ...target,
      ...options,
      ...(says?.idempotent !== undefined && { idempotent: says.idempotent }),
    }
    new Exchange(this.host, plan, wire, listener, by).start()
    return listener
  }

  /** The attempt that was dispatched last. */
  get last(): FakeLease {
    return this.pool.leases.at(-1)!
  }

  get dispatched(): number {
    return this.pool.leases.length
  }

  get tokens(): number {
    return this.guard.budget.level(this.runtime.now())
  }

  advance(ms: number): void {
    this.runtime.advance(ms)
  }
}
