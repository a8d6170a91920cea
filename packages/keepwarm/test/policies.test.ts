/** The plain policies, each used alone and by its public name, in time that the test makes up. */
import {
  backoff,
  Balancer,
  Breaker,
  chargeRetry,
  createLimiter,
  decideRetry,
  EndpointChecks,
  HedgePolicy,
  isConnectFailure,
  MovingQuantile,
  OriginPause,
  outcomeOf,
  parseRetryAfter,
  PeakEwma,
  REFUSED,
  resolveRetry,
  ResumableDownload,
  RetryBudget,
  verdict,
  type Ending,
  type RetryQuestion,
} from 'keepwarm/policies'
import { ambientDeadline, ConfigError, readDeadline, withDeadline, writeDeadline } from 'keepwarm'
import { describe, expect, test } from 'vitest'

const settings = resolveRetry({ attempts: 3, base: 100 })
const question: RetryQuestion = {
  ending: { status: 503 },
  sent: 'maybe',
  responseStarted: false,
  method: 'GET',
  idempotent: undefined,
  hasIdempotencyKey: false,
  replayable: true,
  attempt: 1,
  maxAttempts: settings.attempts,
  timeLeft: 5_000,
  backoff: settings.backoff,
  statuses: settings.statuses,
  random: 0.5,
}

describe('retries', () => {
  test('decided, paid for, and refused when nothing pays', () => {
    const budget = new RetryBudget({ start: 1, perSecond: 0 })
    const decision = decideRetry(question)
    expect(decision).toMatchObject({ again: true, reason: 'status_503' })
    expect(chargeRetry(decision, budget, 0)).toBe(decision)
    expect(chargeRetry(decision, budget, 0)).toEqual({ again: false, because: 'budget_empty' })
    for (let i = 0; i < 10; i++) budget.deposit(0)
    expect(chargeRetry(decision, budget, 0)).toBe(decision)
    expect(decideRetry({ ...question, method: 'POST' })).toMatchObject({ because: 'not_idempotent' })
  })

  test('the wait: drawn, capped, and not shorter than the server asks for', () => {
    const options = { base: 100, multiplier: 2, cap: 1_000, jitter: 'full' } as const
    expect([0, 0.5].map((random) => backoff(options, 2, random))).toEqual([0, 100])
    expect(backoff(options, 20, 0.999)).toBeLessThan(1_000)
    const asked = parseRetryAfter('2', Date.UTC(2026, 0, 1), undefined)
    expect(asked).toBe(2_000)
    expect(decideRetry({ ...question, retryAfter: asked })).toMatchObject({ again: true })
    expect(decideRetry({ ...question, retryAfter: 9_000 })).toMatchObject({ because: 'retry_after_too_long' })
    const pause = new OriginPause()
    pause.answered(503, asked, 0)
    expect([pause.remaining(500), pause.remaining(2_000)]).toEqual([1_500, 0])
  })

  test('a download goes on where it broke off, if it is still the same', () => {
    const headers = { etag: '"1"', 'content-length': '10' }
    const download = ResumableDownload.begin('GET', false, 200, headers)!
    expect(download.received(4)).toBe(true)
    expect(download.nextHeaders()).toMatchObject({ range: 'bytes=4-', 'if-match': '"1"' })
    const rest = { etag: '"1"', 'content-range': 'bytes 4-9/10', 'content-length': '6' }
    expect(download.answered(206, { ...rest, etag: '"2"' })).toBe('changed')
    expect(download.answered(206, rest)).toBe('go_on')
    download.received(6)
    expect(download.isWhole).toBe(true)
  })
})

describe('a breaker', () => {
  const lost: Ending = { code: 'connect', sent: 'no' }

  /** Opens it: five failures to connect in a row. */
  function opened(now: number): Breaker {
    const breaker = new Breaker({ openFor: 1_000 })
    for (let i = 0; i < 5; i++)
      breaker.settle(breaker.admit(now), outcomeOf(lost), now, isConnectFailure(lost), 0.5, 'refused')
    return breaker
  }

  test('opens, lets probes through, closes', () => {
    const breaker = opened(0)
    expect(breaker.admit(1)).toBe(REFUSED)
    const later = breaker.retryAfter(1)! + 2
    const probes = [0, 1, 2].map(() => breaker.admit(later))
    expect(probes).not.toContain(REFUSED)
    for (const permit of probes) breaker.settle(permit, 'success', later, false, 0.5)
    expect(breaker.state(later)).toBe('closed')
  })

  test('is held by hand, and goes on in another process', () => {
    const breaker = new Breaker()
    {
      using _ = breaker.force('open')
      expect([breaker.admit(0), breaker.snapshot(0).forced]).toEqual([REFUSED, 'open'])
    }
    expect(breaker.admit(0)).not.toBe(REFUSED)
    const kept: unknown = JSON.parse(JSON.stringify(opened(0).exportState(10)))
    const other = new Breaker()
    other.importState(kept as never, 5_000_000)
    expect(other.state(5_000_000)).toBe('open')
    expect(() => other.importState({} as never, 0)).toThrow(ConfigError)
  })
})

test('a limit finds what a server can do, and is not above it', () => {
  for (const algorithm of ['half-probe', 'gradient', 'aimd'] as const) {
    const limiter = createLimiter({ algorithm, initial: 20, max: 50 })
    for (let now = 0; now < 60_000; now += 10) {
      const { limit } = limiter
      const lost = limit > 10
      limiter.sample(lost ? 1_000 : 20, limit, lost ? 'lost' : 'success', now, (now % 100) / 100)
    }
    expect(limiter.limit, algorithm).toBeLessThan(20)
    expect(limiter.limit, algorithm).toBeGreaterThanOrEqual(1)
  }
})

test('hedging: after what is usual, as a share of requests, and the first acceptable answer is taken', () => {
  const policy = new HedgePolicy({ after: { quantile: 0.9 }, share: 0.1 })
  expect(policy.delay()).toBeUndefined()
  for (let i = 0; i < 500; i++) {
    policy.request()
    policy.sample('answered', 10, 1, i * 10)
  }
  expect(policy.delay()).toBeGreaterThan(9)
  expect(policy.delay()).toBeLessThan(11)
  const facts = {
    mayArriveTwice: true,
    replayable: true,
    responseStarted: false,
    breakerClosed: true,
    limitTight: false,
    poolBusy: false,
    hedges: 0,
    timeLeft: 1_000,
  }
  const budget = new RetryBudget()
  expect(policy.mayHedge({ ...facts, mayArriveTwice: false }, budget, 5_000)).not.toBe(true)
  expect(policy.mayHedge(facts, budget, 5_000)).toBe(true)
})

test('latencies: a quantile that moves, and an average that believes in what is slow', () => {
  const p50 = new MovingQuantile({ quantile: 0.5, minimum: 10 })
  for (let i = 1; i <= 100; i++) p50.add(i, i)
  expect(p50.value).toBeGreaterThan(45)
  expect(p50.value).toBeLessThan(56)
  const ewma = new PeakEwma(10_000)
  ewma.answered(10, 0)
  ewma.answered(200, 1)
  expect(ewma.estimate(1)).toBe(200)
  ewma.answered(10, 2)
  expect(ewma.estimate(2)).toBeGreaterThan(190)
})

test('a balancer leaves out who fails, and takes it back', () => {
  const balancer = new Balancer(['http://a', 'http://b', 'http://c'], { failurePenalty: 1_000 })
  let random = 0.1
  const next = (): number => (random = (random * 7.31 + 0.17) % 1)
  const counts: Record<string, number> = {}
  for (let now = 0; now < 20_000; now += 10) {
    const endpoint = balancer.pick(now, next(), next())
    balancer.started(endpoint, now)
    balancer.ended(endpoint, endpoint.name === 'http://b' ? 'failure' : 'success', 20, now, next())
    if (now > 2_000) counts[endpoint.name] = (counts[endpoint.name] ?? 0) + 1
  }
  expect(counts['http://b'] ?? 0).toBeLessThan(100)
  expect(counts['http://a']! + counts['http://c']!).toBeGreaterThan(1_600)
  balancer.healthChecked('http://a', false, 20_000)
  expect(balancer.pick(20_000, 0.1, 0.9).name).not.toBe('http://a')
})

test('health: what checks say, and everything together', () => {
  const checks = new EndpointChecks({ down: 2 }, 0, 0.5)
  let now = 0
  const find = (finding: 'pass' | 'fail'): 'up' | 'down' | undefined => {
    now = checks.dueAt(now)
    expect(checks.due(now, now)).toBe(true)
    checks.began(now)
    return checks.result(finding, now, 0.5)
  }
  expect([find('fail'), find('fail'), checks.up]).toEqual([undefined, 'down', false])
  expect(verdict({ outcomes: { successes: 100, failures: 0, window: 10_000 } }).status).toBe('healthy')
  const ill = verdict({ outcomes: { successes: 23, failures: 37, window: 10_000 } })
  expect(ill).toMatchObject({ status: 'unhealthy', reasons: [expect.stringContaining('37 of 60')] })
})

test('deadlines: around what runs, and on the wire', async () => {
  const told = readDeadline('grpc-timeout', writeDeadline('grpc-timeout', 1_500)!)
  expect(told).toEqual({ left: 1_500 })
  expect(readDeadline('grpc-timeout', 'soon')).toHaveProperty('ignored')
  const inside = await withDeadline(
    1_500,
    async () => {
      await Promise.resolve()
      return ambientDeadline()
    },
    100,
  )
  expect([inside, ambientDeadline()]).toEqual([1_600, undefined])
})
