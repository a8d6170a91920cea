/** Each rule at its thresholds and just below, with snapshots made by hand. */
import { expect, test } from 'vitest'
import { diagnose } from '../src/observe/diagnosis/diagnose.ts'
import type { Verdict } from '../src/observe/diagnosis/verdict.ts'
import type { GroupSnapshot } from '../src/observe/pool-snapshot.ts'
import { beforeAndNow, ORIGIN, type PoolDeeds, type Scene } from './support/snapshots.ts'

const seen = (scene: Scene): Verdict[] => diagnose(...beforeAndNow(scene))

/** `critical pool_exhausted slow_dependency`, the worst first. */
const named = (scene: Scene): string[] =>
  seen(scene).map(({ level, kind, cause }) =>
    [level, kind, ...(cause === undefined ? [] : [cause])].join(' '),
  )

const well = ['ok healthy']
const calls = 200

/** All connections in use, and calls that wait. */
const full = {
  ...{ connections: 20, idle: 0, inFlight: 20, waiting: 14, oldestWait: 3_000, waitingFor: 38_000 },
  blockedBy: 'maxConnectionsPerOrigin',
} as const
const searchGroup: GroupSnapshot = {
  ...{ group: 'search', inFlight: 4, maxInFlight: 4, limit: null, waiting: 14, waitingFor: 700 },
  ...{ blockedBy: 'group' as const, refused: { queue_full: 0, acquire_timeout: 0 } },
}
const none = { queue_full: 0, acquire_timeout: 0, dial_failed: 0, closed: 0 }
const renewed = { first: 0, all_busy: 1, lost_race: 0, warm_up: 1, renewal: 12, minimum: 5, ahead: 1 }
const usualUse = { use: { count: 12_000, total: 12_000 * 50 } }
const use = (ms: number, count = 2_000): { use: { count: number; total: number } } => ({
  use: { count: 12_000 + count, total: 12_000 * 50 + count * ms },
})

const table: readonly (readonly [law: string, scene: Scene, verdicts: readonly string[]])[] = [
  ['nothing at all is healthy', {}, well],
  ['twenty calls a second that succeed are healthy', { deeds: { calls } }, well],

  // ── the process ──
  ['a loop that was late for 199 ms once is healthy', { loop: { p50: 1, p99: 20, max: 199 } }, well],
  ['for 200 ms it is told', { loop: { p50: 1, p99: 20, max: 200 } }, ['warn loop_blocked own_process']],
  [
    'for 500 ms it is critical',
    { loop: { p50: 1, p99: 20, max: 500 } },
    ['critical loop_blocked own_process'],
  ],
  [
    'half of the time 50 ms late, too',
    { loop: { p50: 50, p99: 90, max: 120 } },
    ['critical loop_blocked own_process'],
  ],

  // ── waiting ──
  [
    'a line at full connections that moves is healthy',
    { deeds: { calls }, pool: { ...full, oldestWait: 499 } },
    well,
  ],
  [
    'a tenth of what a call may wait for is told',
    { deeds: { calls }, pool: { ...full, oldestWait: 500 } },
    ['warn pool_exhausted load'],
  ],
  [
    'half of it is critical',
    { deeds: { calls }, pool: { ...full, oldestWait: 2_500 } },
    ['critical pool_exhausted load'],
  ],
  [
    'so is a call that gave up waiting',
    {
      deeds: { calls },
      pool: { ...full, oldestWait: 20, counters: { refused: { acquire_timeout: 1 } as never } },
    },
    ['critical pool_exhausted load'],
  ],
  [
    'waiting while connections are free is no exhaustion',
    { pool: { ...full, connections: 12, inFlight: 12, blockedBy: null } },
    well,
  ],
  [
    'waiting while most are dialed is none, either',
    { pool: { ...full, dialing: 11, inFlight: 9, blockedBy: 'dialing' } },
    well,
  ],
  [
    'the service is slow: connections are held for twice as long as usual',
    { deeds: { calls: 200 }, pool: { ...full, ...use(100) }, poolBefore: usualUse },
    ['critical pool_exhausted slow_dependency'],
  ],
  [
    'the load grew: more calls than usual, each as long as usual',
    { deeds: { calls: 300 }, pool: { ...full, ...use(55) }, poolBefore: usualUse },
    ['critical pool_exhausted load'],
  ],
  [
    'twice as slow under four times the load is the load',
    { deeds: { calls: 800 }, pool: { ...full, ...use(110) }, poolBefore: usualUse },
    ['critical pool_exhausted load'],
  ],
  [
    'responses that nobody reads hold half of them: a leak',
    { deeds: { calls: 50 }, pool: { ...full, stalled: { count: 10, oldest: 4_000, leaked: 0 } } },
    ['critical pool_exhausted leak'],
  ],
  [
    'fewer do not explain it',
    { deeds: { calls: 200 }, pool: { ...full, stalled: { count: 9, oldest: 4_000, leaked: 0 } } },
    ['critical pool_exhausted load'],
  ],
  [
    'a full queue comes with it, and needs no verdict of its own',
    {
      deeds: { calls: 300 },
      pool: { ...full, ...use(55), counters: { requests: 500, refused: { queue_full: 200 } as never } },
      poolBefore: usualUse,
    },
    ['critical pool_exhausted load'],
  ],
  [
    'two calls that gave up waiting some time ago are too few to say so',
    { deeds: { calls }, pool: { connections: 20, counters: { refused: { ...none, acquire_timeout: 2 } } } },
    well,
  ],
  [
    'nor are they told where there were connections to be had: they waited for a dial',
    { deeds: { calls }, pool: { connections: 19, counters: { refused: { ...none, acquire_timeout: 9 } } } },
    well,
  ],
  [
    'three of them are told, though nobody waits now',
    { deeds: { calls }, pool: { connections: 20, counters: { refused: { ...none, acquire_timeout: 3 } } } },
    ['warn pool_exhausted load'],
  ],
  [
    'the server allows no more streams',
    { pool: { ...full, protocol: 'h2', maxInFlight: 20, oldestWait: 500, blockedBy: 'server_streams' } },
    ['warn overloaded server_streams'],
  ],
  [
    'a full queue for itself',
    { pool: { counters: { requests: 1_000, refused: { queue_full: 49 } as never } } },
    ['warn queue_full queue'],
  ],
  [
    'that turns away one of twenty',
    { pool: { counters: { requests: 1_000, refused: { queue_full: 50 } as never } } },
    ['critical queue_full queue'],
  ],
  [
    'a group at its limit',
    {
      pool: {
        ...full,
        connections: 12,
        inFlight: 8,
        oldestWait: 500,
        blockedBy: 'group',
        groups: [searchGroup],
      },
    },
    ['warn overloaded group'],
  ],
  [
    'the adaptive limit',
    { pool: { ...full, connections: 12, inFlight: 8, limit: 8, oldestWait: 2_500, blockedBy: 'limiter' } },
    ['critical overloaded limiter'],
  ],
  [
    'what waits for a short time at a limit is healthy',
    { pool: { ...full, inFlight: 8, limit: 8, oldestWait: 80, blockedBy: 'limiter' } },
    well,
  ],

  // ── leaks ──
  [
    'responses that are read slowly are none',
    { pool: { inFlight: 4, idle: 0, stalled: { count: 4, oldest: 900, leaked: 0 } } },
    well,
  ],
  [
    'one response that nobody reads',
    { pool: { inFlight: 4, idle: 0, stalled: { count: 1, oldest: 61_000, leaked: 1 } } },
    ['warn body_leak leak'],
  ],
  [
    'they hold half of all',
    { pool: { connections: 12, inFlight: 12, idle: 0, stalled: { count: 10, oldest: 61_000, leaked: 10 } } },
    ['critical body_leak leak'],
  ],
  ['one that was found and has gone since', { pool: { counters: { leaks: 1 } } }, ['warn body_leak leak']],

  // ── the service ──
  ['twice as long to answer', { deeds: { calls, headers: 240 } }, ['warn slow_dependency slow_dependency']],
  ['not quite by 100 ms', { deeds: { calls, headers: 119 } }, well],
  ['too few to say', { deeds: { calls: 9, headers: 900 } }, well],
  [
    'a mix with more of a slow operation is no slow service, though the mean is ten times as long',
    { deeds: { calls, headers: 20, slow: { calls: 80, headers: 500 } } },
    well,
  ],
  [
    'half of the calls that became slow are',
    { deeds: { calls, headers: 20, slow: { calls: 110, headers: 400 } } },
    ['warn slow_dependency slow_dependency'],
  ],
  [
    'the time of calls that were cancelled is not added to that of the others',
    { deeds: { calls, headers: 60, failed: { aborted: 150 } } },
    well,
  ],
  [
    'deadlines that went by in pauses are not the time of the service',
    { deeds: { calls, headers: 5, before: 900, failed: { deadline: 30 } } },
    well,
  ],
  [
    'two rules that see a service hang and slow down are one verdict',
    {
      deeds: { calls, headers: 240 },
      pool: { ...usualUse, inFlight: 12, idle: 0, counters: { requests: 12 } },
      poolBefore: usualUse,
    },
    ['critical slow_dependency slow_dependency'],
  ],
  [
    'calls that run into time limits',
    { deeds: { calls, headers: 900, failed: { attempt_timeout: 20 } } },
    ['critical slow_dependency slow_dependency'],
  ],
  [
    'time in our own line is not the time of the service',
    { deeds: { calls, headers: 20, queued: 800 } },
    well,
  ],
  [
    'nothing is answered any more',
    { pool: { ...usualUse, inFlight: 12, idle: 0, counters: { requests: 12 } }, poolBefore: usualUse },
    ['critical slow_dependency slow_dependency'],
  ],
  ['one of five calls fails', { deeds: { calls, failed: { '5xx': 40 } } }, ['warn failing 5xx']],
  ['fewer', { deeds: { calls, failed: { '5xx': 39 } } }, well],
  ['half of them', { deeds: { calls, failed: { reset: 100 } } }, ['critical failing reset']],
  ['too few to say so', { deeds: { calls: 19, failed: { '5xx': 19 } } }, well],
  ['what callers cancel is nobody’s failure', { deeds: { calls, failed: { aborted: 150 } } }, well],
  ['what callers ask wrongly, neither', { deeds: { calls, failed: { '4xx': 150 } } }, well],

  // ── retries ──
  [
    'retries that mend nearly everything',
    { deeds: { calls, retries: 40, attemptsFailed: { '5xx': 40 }, retriedFor: { status_503: 40 } } },
    ['warn retry_storm status_503'],
  ],
  ['fewer than one for five calls', { deeds: { calls, retries: 39, attemptsFailed: { '5xx': 39 } } }, well],
  ['too few to say: nine', { deeds: { calls: 20, retries: 9, attemptsFailed: { '5xx': 9 } } }, well],
  [
    'they multiply the load, and calls fail',
    {
      deeds: {
        calls,
        retries: 100,
        failed: { '5xx': 30 },
        attemptsFailed: { '5xx': 130 },
        retriedFor: { status_503: 100 },
      },
    },
    ['critical retry_storm status_503'],
  ],
  [
    'the budget is empty, and calls fail',
    {
      deeds: {
        calls,
        retries: 12,
        failed: { '5xx': 30 },
        attemptsFailed: { '5xx': 42 },
        retriedFor: { status_503: 12 },
        notRetried: { budget_empty: 10 },
      },
    },
    ['critical retry_storm status_503'],
  ],
  [
    'one flaky operation is no storm of all',
    {
      deeds: {
        calls,
        retries: 100,
        failed: { '5xx': 30 },
        attemptsFailed: { '5xx': 130 },
        retriedFor: { status_500: 100 },
        operations: {
          search: { total_requests: 150, failed_requests: 0, total_attempts: 150 },
          reindex: { total_requests: 50, failed_requests: 30, total_attempts: 150 },
        },
      },
    },
    ['warn retry_storm one_operation'],
  ],
  [
    'the service asks for less',
    { deeds: { calls, retries: 20, retriedFor: { status_429: 20 } }, window: 10_000 },
    well,
  ],
  ['often', { deeds: { calls, retries: 30, retriedFor: { status_429: 30 } } }, ['warn overloaded server']],

  // ── breakers ──
  [
    'an open one',
    { deeds: { guard: { breaker: 'open', lastFailure: 'HTTP 503', retryAfter: 4_200 } } },
    ['critical breaker_open outage'],
  ],
  ['one that probes', { deeds: { guard: { breaker: 'half-open' } } }, ['warn breaker_open outage']],
  [
    'one held open by hand',
    { deeds: { guard: { breaker: 'open', forced: 'open' } } },
    ['info breaker_open forced', ...well],
  ],
  [
    'one that opened and closed once',
    { deeds: { guard: { transitions: { opened: 1, halfOpened: 1, closed: 1 } } } },
    well,
  ],
  [
    'one that flaps',
    { deeds: { guard: { transitions: { opened: 2, halfOpened: 2, closed: 2 } } } },
    ['warn breaker_flapping intermittent'],
  ],
  [
    'one that flaps and is open',
    { deeds: { guard: { breaker: 'open', transitions: { opened: 3, halfOpened: 2, closed: 2 } } } },
    ['critical breaker_flapping intermittent'],
  ],
  [
    'one that opens again after each probe: an outage',
    { deeds: { guard: { breaker: 'open', transitions: { opened: 6, halfOpened: 5, closed: 0 } } } },
    ['critical breaker_open outage'],
  ],
  [
    'an outage is one verdict, whatever it does to calls and retries',
    {
      deeds: {
        calls,
        retries: 100,
        failed: { '5xx': 100, breaker_open: 60 },
        retriedFor: { status_503: 100 },
        guard: { breaker: 'open', lastFailure: 'HTTP 503' },
      },
    },
    ['critical breaker_open outage'],
  ],

  // ── connections ──
  ['two dials that fail', { pool: { dials: dials({ ECONNREFUSED: 2 }, 0) } }, well],
  ['three', { pool: { dials: dials({ ECONNREFUSED: 3 }, 0) } }, ['critical unreachable ECONNREFUSED']],
  [
    'some, while others succeed',
    { pool: { dials: dials({ ECONNREFUSED: 3 }, 0), counters: { opened: 12 } } },
    ['warn unreachable ECONNREFUSED'],
  ],
  ['few among many', { pool: { dials: dials({ ECONNREFUSED: 3 }, 0), counters: { opened: 13 } } }, well],
  ['a name that is not known', { pool: { dials: dials({ ENOTFOUND: 3 }, 0) } }, ['critical dns_tls dns']],
  ['a certificate', { pool: { dials: dials({ CERT_HAS_EXPIRED: 3 }, 0) } }, ['critical dns_tls tls']],
  [
    'an outage of the network is one verdict',
    {
      deeds: { calls, failed: { connect: 150, breaker_open: 50 }, guard: { breaker: 'open' } },
      pool: { dials: dials({ ECONNREFUSED: 150 }, 0) },
    },
    ['critical unreachable ECONNREFUSED'],
  ],
  ['dials that take a second', { pool: { dials: dials({}, 3, 1_000) } }, ['warn dns_tls slow_tls']],
  ['not quite', { pool: { dials: dials({}, 3, 990) } }, well],
  [
    'three times as long as usual',
    { pool: { dials: dials({}, 6, 250) }, poolBefore: { dials: dials({}, 3, 100) } },
    ['warn dns_tls slow_tls'],
  ],
  [
    'connections that serve one request each',
    { pool: { counters: { requests: 30, opened: 30, closed: { connection_close: 30 } } } },
    ['warn churn connection_close'],
  ],
  [
    'nine connections are too few to say so',
    { pool: { counters: { requests: 9, opened: 9, closed: { connection_close: 9 } } } },
    well,
  ],
  [
    'connections that are renewed, or kept for later, are no churn',
    {
      pool: {
        counters: { requests: 12, opened: 20, dialedFor: renewed, closed: { age: 20 } },
      },
    },
    well,
  ],
  [
    'three requests each are no churn',
    { pool: { counters: { requests: 90, opened: 30, closed: { connection_close: 30 } } } },
    well,
  ],
  [
    'a burst that opens many and leaves them is none',
    { pool: { connections: 20, idle: 20, counters: { requests: 60, opened: 50, closed: {} } } },
    well,
  ],
  [
    'nor one whose idle ones are trimmed',
    {
      pool: { connections: 20, idle: 20, counters: { requests: 60, opened: 39, closed: { idle_limit: 30 } } },
    },
    well,
  ],
  [
    'idle ones that are trimmed again and again are',
    { pool: { connections: 5, idle: 5, counters: { requests: 60, opened: 60, closed: { idle_limit: 60 } } } },
    ['warn churn idle_limit'],
  ],

  // ── idle connections ──
  [
    'a server that keeps them longer than we do',
    { pool: { serverIdle: 20_000, counters: { closed: { server_closed: 3 } } } },
    well,
  ],
  [
    'one that keeps them for less',
    { pool: { serverIdle: 10_000, counters: { closed: { server_closed: 3 } } } },
    ['info stale_connections idle_timeout', ...well],
  ],
  [
    'three requests that met a closed one',
    { pool: { serverIdle: 10_000, counters: { lostRaces: 2, lostUnsent: 1, closed: { server_closed: 3 } } } },
    ['warn stale_connections idle_timeout'],
  ],
  ['one who has learned to keep them for less says nothing more', { pool: { serverIdle: 10_000 } }, well],
  [
    'connections that end one by one are no restart',
    {
      pool: {
        ...{ connections: 4, serverCloses: { count: 3, restTotal: 9_000, moments: 3 } },
        counters: { opened: 4, lostRaces: 1, closed: { server_closed: 4 } },
      },
    },
    well,
  ],
  [
    'a restart closes all at one moment, whatever they had rested',
    { pool: { connections: 4, counters: { opened: 4, lostRaces: 1, closed: { server_closed: 4 } } } },
    ['info server_restart restart', ...well],
  ],
  [
    'a server that closes what is idle hurts nobody',
    { pool: { connections: 0, counters: { closed: { server_closed: 4 } } } },
    well,
  ],

  // ── what health alone knows ──
  [
    'an endpoint that is out',
    { deeds: { health: { status: 'degraded', reasons: ['1 of 2 endpoints take part'] } } },
    ['info degraded degraded', ...well],
  ],
  [
    'a check that fails',
    {
      deeds: { health: { status: 'unhealthy', reasons: ['3 checks in a row failed, the last 850 ms ago'] } },
    },
    ['warn degraded unhealthy'],
  ],
  [
    'is not told beside what is the reason',
    {
      deeds: {
        guard: { breaker: 'open' },
        health: { status: 'unhealthy', reasons: ['the breaker is open'] },
      },
    },
    ['critical breaker_open outage'],
  ],

  // ── what our own process does to the figures ──
  [
    'a blocked loop takes the blame from services that seem slow',
    { deeds: { calls, headers: 400 }, loop: { p50: 2, p99: 700, max: 700 } },
    ['critical loop_blocked own_process'],
  ],
  [
    'and from connections that seem too few',
    { deeds: { calls }, pool: { ...full, oldestWait: 1_000 }, loop: { p50: 2, p99: 700, max: 700 } },
    ['critical loop_blocked own_process'],
  ],
  [
    'but not from one that is much slower than that',
    { deeds: { calls, headers: 4_000 }, loop: { p50: 2, p99: 300, max: 300 } },
    ['warn loop_blocked own_process', 'warn slow_dependency slow_dependency'],
  ],
  [
    'and what a service says remains true',
    { deeds: { calls, failed: { '5xx': 150 } }, loop: { p50: 2, p99: 700, max: 700 } },
    ['critical loop_blocked own_process', 'critical failing 5xx'],
  ],
]

test.each(table)('%s', (_, scene, verdicts) => {
  expect(named(scene)).toEqual(verdicts)
})

test('no two laws of the table have one name', () => {
  const names = table.map(([law]) => law)
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([])
})

test('a verdict says where, how much, why, and what to do', () => {
  const [verdict] = seen({ deeds: { calls: 200 }, pool: { ...full, ...use(400) }, poolBefore: usualUse })
  expect(verdict).toMatchObject({ client: 'search', origin: ORIGIN })
  expect(verdict!.text).toBe(
    `no free connection to ${ORIGIN} for 38 s: 20 of 20 in use, 14 waiting, the oldest for 3 s; ` +
      'the service is slow: a call holds its connection for 400 ms, 8 times as long as usual',
  )
  expect(verdict!.evidence).toContainEqual({
    name: 'a call holds its connection',
    value: '400 ms (usually 50 ms)',
  })
  expect(verdict!.suggestion!.env).toBe('SEARCH_SERVICE_HTTP_CLIENT_ATTEMPT_TIMEOUT=100ms')
})

test('where the load grew, as many connections are suggested as it needs', () => {
  const [verdict] = seen({ deeds: { calls: 6_000 }, pool: { ...full, ...use(60) }, poolBefore: usualUse })
  // 600 a second for 60 ms each are 36 at a time.
  expect(verdict!.suggestion).toMatchObject({
    env: 'SEARCH_SERVICE_HTTP_CLIENT_MAX_CONNECTIONS_PER_ORIGIN=50',
    code: 'new HttpClient({ maxConnectionsPerOrigin: 50 })',
  })
})

test('what a server teaches of its idle timeout is suggested with a margin', () => {
  const [verdict] = seen({
    pool: { serverIdle: 10_100, counters: { lostRaces: 3, closed: { server_closed: 3 } } },
  })
  expect(verdict!.text).toContain('closes idle connections after about 10 s, and they are kept for 15 s')
  expect(verdict!.suggestion!.env).toBe('SEARCH_SERVICE_HTTP_CLIENT_KEEPALIVE_EXPIRY=8s')
})

test('without an earlier snapshot the moment is judged, and no rate of long ago', () => {
  const [, now] = beforeAndNow({ deeds: { calls, retries: 100, failed: { '5xx': 100 } }, pool: full })
  expect(diagnose(undefined, now).map(({ kind }) => kind)).toEqual(['pool_exhausted'])
})

test('an earlier snapshot of another process, or from the future, is not looked at', () => {
  const [before, now] = beforeAndNow({ deeds: { calls, failed: { '5xx': 150 } } })
  const another = { ...before, process: { ...before.process, pid: 2 } }
  expect(diagnose(another, now).map(({ kind }) => kind)).toEqual(['healthy'])
  expect(diagnose(now, before).map(({ kind }) => kind)).toEqual(['healthy'])
  expect(diagnose(before, now).map(({ kind }) => kind)).toEqual(['failing'])
})

function dials(failed: Record<string, number>, count: number, each = 20): PoolDeeds['dials'] & object {
  return { failed, count, total: count * each, dns: 0, tcp: count * each * 0.2, tls: count * each * 0.8 }
}
