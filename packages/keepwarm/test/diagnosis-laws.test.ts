/** What holds of every diagnosis, whatever the snapshots say. */
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { HTTPClientConfig, HttpClient, diagnose, diagnosisText, type Verdict } from 'keepwarm'
import { expect, test } from 'vitest'
import { connectionRows } from '../src/config/rows-connections.ts'
import { optionRows } from '../src/config/options-table.ts'
import { variables } from '../src/observe/diagnosis/variables.ts'
import { severity } from '../src/observe/diagnosis/verdict.ts'
import { beforeAndNow, type Deeds, type PoolDeeds, type Scene } from './support/snapshots.ts'

const seen = (scene: Scene): Verdict[] => diagnose(...beforeAndNow(scene))
const worst = (verdicts: readonly Verdict[]): number =>
  Math.max(...verdicts.map(({ level }) => severity[level]))

// ── snapshots by chance ──────────────────────────────────────────────────────────────────────────────────────────

const some = (most: number): fc.Arbitrary<number> => fc.nat(most)
const counts = (names: readonly string[], most: number): fc.Arbitrary<Record<string, number>> =>
  fc.dictionary(fc.constantFrom(...names), some(most))

const blocked = [
  'maxConnections',
  'maxConnectionsPerOrigin',
  'maxConnectionsPerAddress',
  'maxDials',
  'limiter',
  'group',
  'dialing',
] as const
const failures = [
  '5xx',
  'reset',
  'connect',
  'attempt_timeout',
  'deadline',
  'aborted',
  '4xx',
  'queue_full',
  'breaker_open',
]
const dialCodes = [
  'ECONNREFUSED',
  'ENOTFOUND',
  'CERT_HAS_EXPIRED',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'other',
]
const reasons = [
  'idle',
  'idle_limit',
  'age',
  'requests',
  'evicted',
  'server_closed',
  'connection_close',
  'reset',
  'aborted',
  'stale',
]

const deeds: fc.Arbitrary<Deeds> = fc.record({
  calls: fc.integer({ min: 1_000, max: 100_000 }),
  failed: counts(failures, 100),
  retries: some(5_000),
  retriedFor: counts(['status_503', 'status_429', 'reset'], 2_000),
  notRetried: counts(['budget_empty', 'attempts_used'], 100),
  inFlight: some(50),
  headers: some(20_000),
  queued: some(5_000),
  guard: fc.record({
    breaker: fc.constantFrom('closed', 'open', 'half-open'),
    forced: fc.constantFrom(null, null, 'open', 'closed'),
    lastFailure: fc.constantFrom(null, 'HTTP 503', 'connect ECONNREFUSED'),
    transitions: fc.record({ opened: some(4), halfOpened: some(4), closed: some(4) }),
    budget: fc.record({ tokens: some(100), cap: fc.constant(100) }),
  }),
})

const pool: fc.Arbitrary<PoolDeeds> = fc.record({
  connections: some(20),
  idle: some(20),
  dialing: some(4),
  inFlight: some(20),
  waiting: some(300),
  oldestWait: some(6_000),
  blockedBy: fc.constantFrom(null, ...blocked),
  stalled: fc.record({ count: some(20), oldest: some(90_000), leaked: some(20) }),
  serverIdle: fc.constantFrom(null, 400, 5_000, 70_000),
  use: fc.record({ count: some(5_000), total: some(5_000_000) }),
  ended: fc.record({ connections: some(500), requests: some(5_000) }),
  serverCloses: fc.record({ count: some(50), restTotal: some(50_000), moments: some(50) }),
  dials: fc.record({
    failed: counts(dialCodes, 20),
    count: some(50),
    total: some(90_000),
    dns: some(30_000),
    tcp: some(30_000),
    tls: some(30_000),
  }),
  counters: fc.record({
    requests: some(10_000),
    lostRaces: some(5),
    lostUnsent: some(5),
    leaks: some(3),
    opened: some(500),
    closed: counts(reasons, 200),
    refused: fc.record({
      queue_full: some(100),
      acquire_timeout: some(3),
      dial_failed: some(100),
      closed: some(1),
    }),
  }),
}) as fc.Arbitrary<PoolDeeds>

const loop = fc.record({ p50: some(70), p99: some(400), max: some(900) })
const scene: fc.Arbitrary<Scene> = fc.record({
  deeds,
  pool,
  poolBefore: pool,
  loop,
  window: fc.integer({ min: 60, max: 120_000 }),
})

// ── what holds ───────────────────────────────────────────────────────────────────────────────────────────────────

test('a diagnosis is plain JSON, worst first, one line each, and says that all is well when nothing needs attention', () => {
  fc.assert(
    fc.property(scene, (it) => {
      const verdicts = seen(it)
      expect(JSON.parse(JSON.stringify(verdicts))).toEqual(verdicts)
      const levels = verdicts.map(({ level }) => severity[level])
      expect(levels).toEqual([...levels].sort((a, b) => b - a))
      expect(verdicts.some(({ kind }) => kind === 'healthy')).toBe(
        levels.every((level) => level < severity.warn),
      )
      for (const { text, evidence, suggestion, level } of verdicts) {
        expect([text, suggestion?.text ?? ''].join('')).not.toMatch(/[\n\r]|undefined|NaN|Infinity|null/)
        expect(evidence.map(({ value }) => value).join()).not.toMatch(/undefined|NaN|null|-\d/)
        expect(new Set(evidence.map(({ name }) => name)).size).toBe(evidence.length)
        if (severity[level] >= severity.warn) expect(suggestion).not.toBeNull()
      }
    }),
    { numRuns: 300 },
  )
})

test('no kind is told twice of one place, and what a verdict includes has none of its own there', () => {
  fc.assert(
    fc.property(scene, (it) => {
      const verdicts = seen(it)
      const places = verdicts.map(({ kind, client, origin, group, cause }) =>
        [kind, client, origin, group, cause].join(),
      )
      expect(new Set(places).size).toBe(places.length)
      expect(
        verdicts.filter(({ kind }) => kind === 'pool_exhausted' || kind === 'slow_dependency').length,
      ).toBeLessThan(2)
    }),
    { numRuns: 300 },
  )
})

test('the same snapshots give the same diagnosis, and are as they were', () => {
  fc.assert(
    fc.property(scene, (it) => {
      const [before, now] = beforeAndNow(it)
      const texts = JSON.stringify([before, now])
      expect(diagnose(before, now)).toEqual(diagnose(before, now))
      expect(JSON.stringify([before, now])).toBe(texts)
      expect(diagnose(JSON.parse(JSON.stringify(before)), JSON.parse(JSON.stringify(now)))).toEqual(
        diagnose(before, now),
      )
    }),
    { numRuns: 200 },
  )
})

test('nothing is wrong with calls that succeed in about their usual time, however many they are', () => {
  const well = fc.record({
    deeds: fc.record({
      calls: some(10_000_000),
      failed: fc.record({ '4xx': some(0) }),
      inFlight: some(20),
      headers: some(119),
      queued: some(60),
    }),
    pool: fc.record({
      connections: some(20),
      idle: some(20),
      inFlight: some(20),
      waiting: some(200),
      oldestWait: some(99),
      blockedBy: fc.constantFrom(null, 'maxConnectionsPerOrigin', 'dialing'),
      use: fc.record({ count: some(10_000_000), total: some(1_000_000) }),
      counters: fc.record({
        requests: some(10_000_000),
        opened: some(9),
        closed: fc.record({ idle: some(9), age: some(9) }),
      }),
    }),
    loop: fc.record({ p50: some(49), p99: some(150), max: some(199) }),
    window: fc.integer({ min: 60, max: 300_000 }),
  }) as fc.Arbitrary<Scene>
  fc.assert(
    fc.property(well, (it) => {
      expect(seen(it).map(({ kind }) => kind)).toEqual(['healthy'])
    }),
    { numRuns: 300 },
  )
})

const full = {
  connections: 20,
  idle: 0,
  inFlight: 20,
  waiting: 14,
  blockedBy: 'maxConnectionsPerOrigin',
} as const

/** What grows worse with a number; the others stay as they are. */
const worsening: Readonly<Record<string, { most: number; scene: (bad: number) => Scene }>> = {
  'a longer wait': {
    most: 6_000,
    scene: (oldestWait) => ({ deeds: { calls: 200 }, pool: { ...full, oldestWait } }),
  },
  'more failures': { most: 200, scene: (bad) => ({ deeds: { calls: 200, failed: { '5xx': bad } } }) },
  'more timeouts': {
    most: 200,
    scene: (bad) => ({ deeds: { calls: 200, headers: 900, failed: { attempt_timeout: bad } } }),
  },
  'slower answers': { most: 20_000, scene: (headers) => ({ deeds: { calls: 200, headers } }) },
  'more retries': {
    most: 400,
    scene: (retries) => ({
      deeds: { calls: 200, retries, failed: { '5xx': 30 }, attemptsFailed: { '5xx': 30 + retries } },
    }),
  },
  'a later loop': { most: 3_000, scene: (max) => ({ loop: { p50: 0, p99: max, max } }) },
  'more leaks': {
    most: 20,
    scene: (leaked) => ({
      pool: { connections: 20, inFlight: 20, idle: 0, stalled: { count: leaked, oldest: 61_000, leaked } },
    }),
  },
  'more dials that fail': {
    most: 50,
    scene: (ECONNREFUSED) => ({ pool: { dials: { failed: { ECONNREFUSED } } } }),
  },
  'slower dials': {
    most: 20_000,
    scene: (each) => ({ pool: { dials: { count: 5, total: 5 * each, tcp: 5 * each } } }),
  },
  'more calls turned away': {
    most: 500,
    scene: (queue_full) => ({
      pool: {
        counters: { requests: 500, refused: { queue_full, acquire_timeout: 0, dial_failed: 0, closed: 0 } },
      },
    }),
  },
  'more races': {
    most: 20,
    scene: (lostRaces) => ({
      pool: { serverIdle: 5_000, counters: { lostRaces, closed: { server_closed: lostRaces } } },
    }),
  },
}

test.each(Object.entries(worsening))('%s is never less severe', (_, { most, scene: at }) => {
  fc.assert(
    fc.property(fc.nat(most), fc.nat(most), (one, other) => {
      const [less, more] = one < other ? [one, other] : [other, one]
      expect(worst(seen(at(more)))).toBeGreaterThanOrEqual(worst(seen(at(less))))
    }),
    { numRuns: 300 },
  )
  expect(worst(seen(at(0)))).toBeLessThan(worst(seen(at(most))))
})

test('every line that is suggested is one that a configuration takes, and means what the code beside it means', () => {
  const taken = new Set<string>()
  fc.assert(
    fc.property(scene, (it) => {
      for (const { suggestion } of seen(it)) {
        const { env, code } = suggestion ?? {}
        if (env === undefined || env.includes('_CA_FILE=')) continue
        const lines = Object.fromEntries(env.split('\n').map((line) => line.split('=') as [string, string]))
        const config = HTTPClientConfig.fromEnv('SEARCH_SERVICE_HTTP_CLIENT', lines)
        for (const name of Object.keys(lines)) taken.add(name)
        if (code?.startsWith('new HttpClient(') === true) {
          const options = structuredClone(runInNewContext(`(${/\{.*\}/s.exec(code)![0]})`)) as object
          expect(config.explain()).toBeDefined()
          void new HttpClient(options).destroy()
        }
      }
    }),
    { numRuns: 400 },
  )
  expect(taken.size).toBeGreaterThan(6)
})

test('the variables are those of the options table', () => {
  const byOption = new Map(optionRows.map(([, row]) => [row.option, row.env]))
  for (const [option, variable] of Object.entries(variables)) {
    const place = { 'retry.attempts': 'retry.attempts', caFile: 'connect.ca' }[option] ?? option
    expect([option, byOption.get(place)]).toEqual([option, variable])
  }
  expect(variables.maxConnections).toBe(connectionRows.maxConnections.env)
})

test('the text fits a terminal', () => {
  fc.assert(
    fc.property(scene, (it) => {
      const lines = diagnosisText(seen(it)).split('\n')
      expect(lines.length).toBeLessThan(90)
      for (const line of lines) expect(line).not.toMatch(/[\u0000-\u001f\u007f]| $/)
    }),
    { numRuns: 300 },
  )
})
