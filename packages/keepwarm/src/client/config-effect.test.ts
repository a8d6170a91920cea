/** No option is dead: each variable is seen in what the client goes by, not only in what was read. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { resolveBreaker } from '../breaker/options.ts'
import { optionRows, type OptionName } from '../config/options-table.ts'
import { resolveChecks } from '../health/options.ts'
import { resolveHedge } from '../hedge/options.ts'
import { resolveLimits } from '../pool/options.ts'
import { resolveBases } from './base.ts'
import { HTTPClientConfig } from './config.ts'
import type { HttpClientOptions } from './options.ts'
import { guardOptions, resolvePlan } from './plan.ts'
import { poolOptions } from './pool-options.ts'

const folder = mkdtempSync(join(tmpdir(), 'keepwarm-effect-'))
const pem = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'
const file = join(folder, 'a.pem')
writeFileSync(file, pem)
afterAll(() => rmSync(folder, { recursive: true }))

const pair = { CLIENT_CERT_FILE: file, CLIENT_KEY_FILE: file }

/** What a client, its guards and its pool make of options: the functions that they themselves use. */
function effect(options: HttpClientOptions): object {
  const plan = resolvePlan(options)
  const guards = guardOptions(options, plan)
  const pool = poolOptions(options)
  const { healthChecks } = options
  return {
    plan,
    breaker: resolveBreaker(guards.breaker),
    hedge: guards.hedge && resolveHedge(guards.hedge),
    budget: guards.budget,
    deadlineHeader: guards.deadlineHeader,
    pool,
    limits: resolveLimits(pool),
    headers: options.headers,
    followRedirects: options.followRedirects,
    bases: options.baseUrl === undefined ? undefined : resolveBases(options.baseUrl),
    checks: healthChecks && resolveChecks(healthChecks === true ? {} : healthChecks),
    ...{ healthPath: options.healthPath, warmUp: options.warmUp, minConnections: options.minConnections },
  }
}

type Case = readonly [text: string, effect: object, besides?: Readonly<Record<string, string>>]

const cases: Readonly<Record<OptionName, Case>> = {
  maxConnections: ['7', { limits: { maxConnections: 7 } }],
  maxConnectionsPerOrigin: ['7', { limits: { maxConnectionsPerOrigin: 7 } }],
  maxConnectionsPerAddress: ['7', { limits: { maxConnectionsPerAddress: 7 } }],
  maxIdleConnections: ['7', { limits: { maxIdleConnections: 7 } }],
  minConnections: ['2', { minConnections: 2 }, { BASE_URL: 'http://a' }],
  warmUp: ['2', { warmUp: 2 }, { BASE_URL: 'http://a' }],
  maxDials: ['7', { limits: { maxDials: 7 } }],
  adaptive: ['on', { limits: { adaptive: { floor: 0 } } }],
  idleTimeout: ['7s', { limits: { idleTimeout: 7_000, maxIdleTimeout: 7_000 } }],
  maxIdleTimeout: ['40s', { limits: { maxIdleTimeout: 40_000, idleTimeout: 15_000 } }],
  maxConnectionAge: ['off', { limits: { maxConnectionAge: Infinity } }],
  maxRequestsPerConnection: ['7', { limits: { maxRequestsPerConnection: 7 } }],
  leakAfter: ['7s', { pool: { leakAfter: 7_000 } }],
  leakStacks: ['on', { pool: { leakStacks: true } }],
  dnsRefresh: ['none', { pool: { dnsRefresh: Infinity } }],
  maxQueue: ['7', { limits: { maxQueue: 7 } }],
  discipline: ['CODEL', { limits: { discipline: 'codel' } }],
  overloadAfter: ['2s', { limits: { overloadAfter: 2_000 } }, { QUEUE_DISCIPLINE: 'lifo' }],
  overloadWait: ['70ms', { limits: { overloadWait: 70 } }, { QUEUE_DISCIPLINE: 'codel' }],
  timeout: ['7', { plan: { timeouts: { total: 7_000 } } }],
  attemptTimeout: ['7s', { plan: { timeouts: { attempt: 7_000 } }, breaker: { window: 14_000 } }],
  connectTimeout: ['7', { pool: { connectTimeout: 7_000 } }],
  headersTimeout: ['7', { plan: { timeouts: { headers: 7_000, bodyIdle: 7_000 } } }],
  writeTimeout: ['7', { plan: { timeouts: { write: 7_000 } } }],
  bodyIdleTimeout: ['7', { plan: { timeouts: { bodyIdle: 7_000 } } }],
  acquireTimeout: ['7', { pool: { acquireTimeout: 7_000 } }],
  attemptFloor: ['7ms', { plan: { least: 7 } }],
  deadlineHeader: ['grpc-timeout', { deadlineHeader: 'grpc-timeout' }],
  resilience: ['none', { plan: { guarded: false, retry: { attempts: 1 } } }],
  retries: ['6', { plan: { retry: { attempts: 7 } } }],
  backoffBase: ['7ms', { plan: { retry: { backoff: { base: 7 } } } }],
  backoffMultiplier: ['1.5', { plan: { retry: { backoff: { multiplier: 1.5 } } } }],
  backoffCap: ['7s', { plan: { retry: { backoff: { cap: 7_000 } } } }],
  backoffGrowth: ['linear', { plan: { retry: { backoff: { growth: 'linear' } } } }],
  backoffJitter: ['0.2', { plan: { retry: { backoff: { jitter: 0.2 } } } }],
  throttledBase: ['700ms', { plan: { retry: { throttledBase: 700 } } }],
  retryStatuses: ['503, 429', { plan: { retry: { statuses: new Set([503, 429]) } } }],
  maxRetryAfter: ['7s', { plan: { retry: { maxRetryAfter: 7_000 } } }],
  budgetRatio: ['0.2', { budget: { perSuccess: 0.2 } }],
  budgetStart: ['7', { budget: { start: 7 } }],
  budgetCap: ['70', { budget: { cap: 70 } }],
  budgetPerSecond: ['0', { budget: { perSecond: 0 } }],
  breaker: ['false', { plan: { guarded: false } }],
  breakerFailureRatio: ['0.7', { breaker: { failureRatio: 0.7 } }],
  breakerMinThroughput: ['7', { breaker: { minimumCompletions: 7 } }],
  breakerWindow: ['7s', { breaker: { window: 7_000 } }],
  breakerConnectFailures: ['7', { breaker: { connectFailures: 7 } }],
  breakerOpenFor: ['7s', { breaker: { openFor: 7_000 } }],
  breakerMaxOpenFor: ['70s', { breaker: { maxOpenFor: 70_000 } }],
  breakerProbes: ['7', { breaker: { probes: 7 } }],
  breakerSlowAfter: ['7s', { breaker: { slowAfter: 7_000 } }],
  hedge: ['yes', { plan: { hedged: true }, hedge: { most: 1 } }],
  hedgeAfter: ['p99', { plan: { hedged: true }, hedge: { after: { quantile: 0.99 } } }],
  hedgeMost: ['2', { plan: { hedged: true }, hedge: { most: 2 } }],
  hedgeShare: ['0.1', { plan: { hedged: true }, hedge: { share: 0.1 } }],
  limiter: ['1', { limits: { limiter: { algorithm: 'half-probe' } } }],
  limiterAlgorithm: ['aimd', { limits: { limiter: { algorithm: 'aimd' } } }],
  limiterMin: ['2', { limits: { limiter: { min: 2 } } }],
  limiterMax: ['7', { limits: { limiter: { max: 7 } } }],
  baseUrl: ['http://a:1/x, http://b:2/x', { bases: { origins: ['http://a:1', 'http://b:2'] } }],
  followRedirects: ['3', { followRedirects: 3 }],
  allowedOrigins: ['http://a, https://*.b.c', { pool: { allowedOrigins: ['http://a', 'https://*.b.c'] } }],
  privateAddresses: ['refuse', { pool: { privateAddresses: 'refuse' } }],
  userAgent: ['search/1', { headers: { 'user-agent': 'search/1' } }],
  maxResponseBytes: ['7KiB', { plan: { maxResponseBytes: 7_168 } }],
  healthPath: ['/up', { healthPath: '/up' }],
  healthChecks: ['on', { checks: { interval: 10_000 } }, { BASE_URL: 'http://a' }],
  healthInterval: ['7s', { checks: { interval: 7_000, timeout: 3_500 } }, { BASE_URL: 'http://a' }],
  healthTimeout: ['7s', { checks: { timeout: 7_000 } }, { BASE_URL: 'http://a' }],
  allowH2: ['no', { pool: { allowH2: false } }],
  http2PriorKnowledge: ['on', { pool: { http2PriorKnowledge: true } }],
  pingAfter: ['off', { pool: { pingAfter: Infinity } }],
  pingTimeout: ['7s', { pool: { pingTimeout: 7_000 } }],
  proxy: ['http://me:hunter2@proxy:3128', { pool: { proxy: 'http://me:hunter2@proxy:3128' } }],
  caFile: [file, { pool: { connect: { ca: pem } } }],
  certFile: [file, { pool: { connect: { cert: pem } } }, pair],
  keyFile: [file, { pool: { connect: { key: pem } } }, pair],
}

test.each(optionRows)('%s has an effect on the client that its variable configures', (name, row) => {
  const [text, expected, besides = {}] = cases[name]
  const variables = Object.fromEntries(
    Object.entries({ ...besides, [row.env]: text }).map(([suffix, value]) => [
      `HTTP_CLIENT_${suffix}`,
      value,
    ]),
  )
  const config = HTTPClientConfig.fromEnv('HTTP_CLIENT', variables)
  expect(effect(config.over({}))).toMatchObject(expected)
  expect(effect(new HTTPClientConfig().over({}))).not.toMatchObject(expected)
})

/** Saying their default does more than saying nothing, and the table says so. */
const telling: readonly OptionName[] = [
  ...(['idleTimeout', 'headersTimeout', 'acquireTimeout', 'retries'] as const),
  ...optionRows.map(([name]) => name).filter((name) => /^(hedge|limiter|health)[A-Z]/.test(name)),
]

test.each(optionRows.filter(([name, row]) => row.default !== undefined && !telling.includes(name)))(
  'the default of %s is what a client goes by that was told nothing',
  (_, row) => {
    const env = { [`HTTP_CLIENT_${row.env}`]: row.default }
    const settled = (options: HttpClientOptions): object => {
      const plan = resolvePlan(options)
      const { breaker, deadlineHeader } = guardOptions(options, plan)
      return {
        ...{ plan, deadlineHeader, breaker: resolveBreaker(breaker) },
        limits: resolveLimits(poolOptions(options)),
      }
    }
    const said = HTTPClientConfig.fromEnv('HTTP_CLIENT', env).over({})
    expect(settled(said)).toEqual(settled(new HTTPClientConfig().over({})))
  },
)
