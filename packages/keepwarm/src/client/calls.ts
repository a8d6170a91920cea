/** The calls of a client: what they share while they run, and their end with it. */
import type { Readable } from 'node:stream'
import type { Dispatcher } from 'undici'
import { Balancer } from '../balance/balancer.ts'
import type { Endpoint } from '../balance/endpoint.ts'
import type { BalanceOptions } from '../balance/options.ts'
import { ambientDeadline } from '../deadline/ambient.ts'
import type { DeadlineHeader } from '../deadline/header.ts'
import { KeepwarmError } from '../errors.ts'
import type { Course } from '../exchange/course.ts'
import { Exchange } from '../exchange/exchange.ts'
import type { CallHandler, Crowding, ExchangeHost, OriginGuard, Outcome } from '../exchange/host.ts'
import type { CallPlan } from '../exchange/plan.ts'
import { subject } from '../exchange/texts.ts'
import { Timekeeper } from '../exchange/timekeeper.ts'
import { logEvents } from '../observe/logging/log-events.ts'
import type { Logger } from '../observe/logging/logger.ts'
import { ErrorDiagnosis, type LookAtClient } from '../observe/error-diagnosis.ts'
import type { LoopDelay } from '../observe/process-snapshot.ts'
import { Recorder } from '../observe/recorder.ts'
import type { DispatchOptions } from '../pool/lease.ts'
import type { ConnectionPool } from '../pool/pool.ts'
import { originOf } from '../pool/request-facts.ts'
import type { Runtime } from '../runtime.ts'
import type { MetricsOptions } from './metrics-options.ts'
import { Origins, type GuardOptions } from './origins.ts'
import { ClientGauges } from './snapshot-gauges.ts'
import { UnderWay } from './under-way.ts'
import { verdictOf } from './verdict.ts'
import { asInvalid, closeUnsent } from './wire-request.ts'

export interface CallsOptions extends GuardOptions {
  readonly name: string
  readonly runtime: Runtime
  readonly pool: Dispatcher & { crowding?(origin: string): Crowding | undefined }
  /** Where calls to the first of them go: to one of them. */
  readonly endpoints: readonly string[]
  readonly balance: BalanceOptions
  readonly deadlineHeader: DeadlineHeader | undefined
  readonly metrics?: MetricsOptions | undefined
  readonly logger?: Logger | undefined
  /** The client's pool, and whether it is its own: for the history. */
  readonly gauged?: { readonly pool: ConnectionPool; readonly isOwn: boolean }
  /** Shows what errors are explained by. */
  readonly look?: LookAtClient | undefined
}

const nothing: GuardOptions = { breaker: undefined, budget: undefined, hedge: undefined, groups: undefined }

export class Calls {
  readonly recorder: Recorder
  readonly origins: Origins
  readonly balancer: Balancer | undefined
  readonly diagnosis: ErrorDiagnosis | undefined
  private readonly options: CallsOptions
  private readonly home: string | undefined
  private readonly host: ExchangeHost
  /** For health checks: they are no part of the traffic that the figures speak of, and go where they are sent. */
  private readonly checks: ExchangeHost
  private readonly underWay = new UnderWay()
  private readonly idle = Promise.withResolvers<void>()
  private readonly log: Disposable | undefined
  private closing = false

  /** @throws ConfigError naming every option that is wrong. */
  constructor(options: CallsOptions) {
    this.options = options
    const { name, runtime, endpoints, balance, metrics, logger, gauged } = options
    this.origins = new Origins(runtime, options)
    this.log = logger && logEvents(logger, name, runtime)
    const gauges = gauged && new ClientGauges({ ...gauged, runtime, endpoints, origins: this.origins })
    this.recorder = new Recorder({
      ...{ client: name, wallClock: () => runtime.wallClock(), buckets: metrics?.buckets },
      ...(gauges && { look: () => gauges.look(this.recorder.events) }),
    })
    this.diagnosis = options.look && new ErrorDiagnosis(options.look, runtime.now())
    this.home = endpoints[0]
    this.balancer = endpoints.length > 1 ? new Balancer(endpoints, balance) : undefined
    this.host = this.newHost()
    const unguarded = new Origins(runtime, nothing)
    this.checks = {
      ...this.host,
      balancer: undefined,
      isCheck: true,
      guard: (wire) => unguarded.guard(originOf(wire), wire.path),
      explain: () => undefined,
      attemptBegan: () => {},
      attemptEnded: () => {},
      retried: () => {},
      ended: (exchange) => this.underWay.remove(exchange),
    }
  }

  /** How late its clock rang in the last seconds. */
  get loop(): LoopDelay {
    return this.host.timekeeper.lateness.seen(this.options.runtime.now())
  }

  get isClosing(): boolean {
    return this.closing
  }

  get endpoints(): readonly string[] {
    return this.options.endpoints
  }

  /** What cannot be begun is told to the handler, as every other end. */
  begin(
    plan: CallPlan,
    options: Dispatcher.DispatchOptions,
    handler: CallHandler,
    upload?: Readable,
    isCheck: boolean = false,
  ): void {
    if (this.closing) {
      closeUnsent(upload)
      const what = subject({ options, origin: originOf(options) })
      const message = `${what} was not sent: the client "${this.options.name}" is closed`
      return handler.onResponseError?.(
        null as never,
        new KeepwarmError('closed', message, { phase: 'admit' }),
      )
    }
    const host = isCheck ? this.checks : this.host
    let exchange: Exchange
    try {
      exchange = new Exchange(host, plan, options, handler, ambientDeadline())
    } catch (error) {
      closeUnsent(upload)
      return handler.onResponseError?.(null as never, asInvalid(error))
    }
    this.underWay.add(exchange)
    if (!isCheck) this.noteBegin(exchange.clock.startedAt)
    exchange.start(upload)
  }

  /** Ends all that are under way. They hear `told`, or what we make of it. */
  endAll(cause: Error, told?: Error): void {
    for (const exchange of this.underWay.all()) exchange.end('closed', cause, told)
  }

  /** Takes no new calls. Resolves when the last one is over. */
  close(): Promise<void> {
    this.closing = true
    this.underWay.whenNone(() => {
      this.host.timekeeper.stop()
      this.log?.[Symbol.dispose]()
      this.idle.resolve()
    })
    return this.idle.promise
  }

  private noteBegin(now: number): void {
    this.recorder.began(now)
    this.diagnosis?.began(now)
  }

  private newHost(): ExchangeHost {
    const { recorder, balancer, diagnosis } = this
    const { name, runtime, pool, deadlineHeader } = this.options
    return {
      name,
      runtime,
      pool,
      balancer,
      deadlineHeader,
      timekeeper: new Timekeeper(runtime),
      guard: (wire, avoid) => this.guard(wire, avoid),
      crowding: (origin) => pool.crowding?.(origin),
      attemptBegan: (why, now) => recorder.attemptBegan(why, now),
      attemptEnded: (stake, ending, sent, reason) =>
        recorder.attemptEnded(stake, stake.guard.origin, ending, sent, reason),
      retried: (reason, origin, now) => recorder.retried(reason, origin, now),
      notRetried: (because) => recorder.notRetried(because),
      hedged: (what) => recorder.hedged(what),
      explain: (failed, now) => diagnosis?.of(failed, now),
      breakerChanged: (change, { origin, breaker }) =>
        recorder.breakerChanged(change, origin, breaker.lastFailure),
      ended: (exchange, outcome, now) => this.ended(exchange, outcome, now),
    }
  }

  private guard(wire: DispatchOptions, avoid: OriginGuard | undefined): OriginGuard {
    const origin = originOf(wire)
    const { balancer } = this
    if (balancer === undefined || origin !== this.home) return this.origins.guard(origin, wire.path)
    const now = this.options.runtime.now()
    const first = this.pick(balancer, wire.path, avoid?.endpoint, now)
    // The balancer does not know of breakers, and to it one that refuses everything looks idle.
    let guard = first
    for (let others = this.options.endpoints.length; others > 1 && isRefusing(guard, now); others--)
      guard = this.pick(balancer, wire.path, guard.endpoint, now)
    return isRefusing(guard, now) ? first : guard
  }

  private pick(balancer: Balancer, path: string, avoid: Endpoint | undefined, now: number): OriginGuard {
    const { runtime } = this.options
    const endpoint = balancer.pick(now, runtime.random(), runtime.random(), avoid)
    return this.origins.guard(endpoint.name, path, endpoint)
  }

  private ended(exchange: Course, outcome: Outcome, now: number): void {
    const ending = 'error' in outcome ? outcome.error : outcome.status
    this.recorder.ended(exchange, verdictOf(outcome), ending, now)
    this.underWay.remove(exchange)
  }
}

function isRefusing({ breaker }: OriginGuard, now: number): boolean {
  return breaker.check(now) !== undefined
}
