/** Whatever happens in whatever order: everybody is told once, nothing is held, the breaker finds back. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { KeepwarmError } from '../src/errors.ts'
import { ExchangeBench, Listener, type FakeLease } from './support/client-exchange-bench.ts'

type Event = (world: World) => void

/** Several calls at once over one origin; an event picks one of its attempts or callers. */
class World {
  readonly bench: ExchangeBench
  private readonly budget: number

  constructor(budget: number) {
    this.budget = budget
    this.bench = new ExchangeBench({
      timeout: 2_000,
      attemptTimeout: 900,
      headersTimeout: 400,
      writeTimeout: 300,
      bodyIdleTimeout: 300,
      retry: { attempts: 4, base: 200 },
      breaker: { minimumCompletions: 4, probes: 2, openFor: 500, maxOpenFor: 500, probeTimeout: 1_000 },
      budget: { start: budget, cap: budget, perSuccess: 0 },
    })
    this.bench.pool.onDispatch = (lease) => (lease.reused = false) // no retry is free
  }
  readonly listeners: Listener[] = []
  readonly signals: AbortController[] = []

  call(collects: boolean, method: 'GET' | 'POST', throwsIn: string | undefined): void {
    const leave = new AbortController()
    const listener = new Listener(collects)
    if (throwsIn !== undefined) listener.throwsIn.add(throwsIn)
    this.listeners.push(listener)
    this.signals.push(leave)
    this.bench.call({ method, says: { signal: leave.signal } }, listener)
  }

  lease(pick: number): FakeLease | undefined {
    const running = this.bench.pool.leases.filter((lease) => !lease.over)
    return running[pick % running.length]
  }

  check(): void {
    for (const { told, throwsIn } of this.listeners) {
      expect(told).toBeLessThanOrEqual(throwsIn.has('end') ? 2 : 1)
    }
    expect(this.bench.tokens).toBeGreaterThanOrEqual(0)
    expect(this.bench.tokens).toBeLessThanOrEqual(this.budget - this.bench.retries.length)
  }
}

const pick = fc.nat(20)
const callbacks = [
  undefined,
  undefined,
  undefined,
  'start',
  'sent',
  'headers',
  'data',
  'end',
  'error',
] as const
const statuses = [200, 200, 204, 404, 429, 500, 503]
const waits = ['', '0', '0.3', '60']
const codes = [
  'ECONNRESET',
  'ECONNREFUSED',
  'UND_ERR_SOCKET',
  'HPE_INVALID_HEADER',
  'ENOENT',
  'CERT_HAS_EXPIRED',
]

/** An event that a failing run shows by its name. */
function named(name: string, happen: Event): Event {
  return Object.assign(happen, { [fc.toStringMethod]: () => name })
}

function onLease(name: string, act: (lease: FakeLease) => void): fc.Arbitrary<Event> {
  return pick.map((chosen) =>
    named(`${name} #${chosen}`, (world) => {
      const lease = world.lease(chosen)
      if (lease !== undefined) act(lease)
    }),
  )
}

function onCaller(
  name: string,
  act: (listener: Listener, leave: AbortController) => void,
): fc.Arbitrary<Event> {
  return pick.map((chosen) =>
    named(`${name} #${chosen}`, ({ listeners, signals }) => {
      const index = chosen % listeners.length
      if (listeners.length > 0) act(listeners[index]!, signals[index]!)
    }),
  )
}

const newCall = fc
  .tuple(fc.boolean(), fc.constantFrom('GET' as const, 'POST' as const), fc.constantFrom(...callbacks))
  .map((how) => named(`call ${String(how)}`, (world) => world.call(...how)))
const time = fc.integer({ min: 0, max: 700 }).map((ms) => named(`${ms} ms`, ({ bench }) => bench.advance(ms)))
const headers = fc.tuple(fc.constantFrom(...statuses), fc.constantFrom(...waits)).chain(([status, wait]) =>
  onLease(`headers ${status} ${wait}`, (lease) => {
    if (!lease.answered) lease.write().headers(status, wait === '' ? {} : { 'retry-after': wait })
  }),
)
const failure = fc.constantFrom(...codes).chain((code) => onLease(code, (lease) => lease.failWith(code)))

const event: fc.Arbitrary<Event> = fc.oneof(
  newCall,
  time,
  headers,
  failure,
  onLease('wire', (lease) => void lease.wire()),
  onLease('write', (lease) => void lease.write()),
  onLease('data', (lease) => {
    if (lease.answered) lease.data('x')
  }),
  onLease('end', (lease) => {
    if (lease.answered) lease.end()
  }),
  onLease('refused', (lease) => lease.fail(new KeepwarmError('queue_full', 'full', { phase: 'wait' }))),
  onCaller('signal', (_, leave) => leave.abort(new Error('left'))),
  onCaller('abort', ({ controller }) => controller?.abort(new Error('left'))),
  onCaller('pause', ({ controller }) => controller?.pause()),
  onCaller('resume', ({ controller }) => controller?.resume()),
)

test('random events: told once, nothing held, tokens within bounds, the breaker recovers', () => {
  const emitWarning = process.emitWarning
  process.emitWarning = () => {} // some of the handlers throw when they are told
  try {
    fc.assert(
      fc.property(fc.nat(20), fc.array(event, { minLength: 5, maxLength: 60 }), (budget, events) => {
        const world = new World(budget)
        const { bench } = world
        for (const happen of events) {
          happen(world)
          world.check()
        }
        bench.pool.onDispatch = (lease) => lease.answer(200)
        bench.advance(5_000) // past every deadline
        for (const { told } of world.listeners) expect(told).toBeGreaterThanOrEqual(1)
        expect(bench.outcomes).toHaveLength(world.listeners.length)
        expect(bench.pool.leases.filter((lease) => !lease.over)).toEqual([])
        expect(bench.runtime.holding).toBe(0)
        world.check()
        // Every token that was taken went into a retry that went out, or came back.
        expect(bench.tokens).toBe(budget - bench.retries.length)
        for (let call = 0; call < 4; call++) {
          bench.call()
          bench.advance(1_000)
        }
        expect(bench.guard.breaker.state(bench.runtime.now())).toBe('closed')
        bench.pool.onDispatch = () => {}
        if (bench.tokens < 1) return
        bench.call()
        bench.last.write().failWith('ECONNRESET') // whoever waits for the clock is held by it, still
        expect(bench.runtime.holding).toBe(1)
      }),
      { numRuns: 2_000 },
    )
  } finally {
    process.emitWarning = emitWarning
  }
})
