/** What a stranger gets: the packed library, and the command, installed into empty folders. */
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { house, read } from './sources.ts'

const run = promisify(execFile)
const folder = mkdtempSync(join(tmpdir(), 'keepwarm-package-'))

const promised = [
  'HttpClient',
  'ConnectionPool',
  'HTTPClientConfig',
  'createDefaultClient',
  'createClients',
  'KeepwarmError',
  'HttpStatusError',
  'ConfigError',
  'errorCodes',
  'findKeepwarmError',
  'isKeepwarmError',
  'resilience',
  'withDeadline',
  'withoutDeadline',
  'ambientDeadline',
  'readDeadline',
  'writeDeadline',
]

const promisedPolicies = [
  'Balancer',
  'Breaker',
  'Ejection',
  'EndpointChecks',
  'HedgePolicy',
  'MovingQuantile',
  'OriginPause',
  'OutlierRecord',
  'PeakEwma',
  'REFUSED',
  'ResumableDownload',
  'RetryBudget',
  'anotherTry',
  'backoff',
  'backoffCeiling',
  'breakerOutcome',
  'chargeRetry',
  'createLimiter',
  'decideRetry',
  'findingOf',
  'hedgeRefusalText',
  'isConnectFailure',
  'limiterAlgorithms',
  'mayChange',
  'notResumedText',
  'notRetriedText',
  'outcomeOf',
  'parseRetryAfter',
  'resolveEjection',
  'resolveRetry',
  'resolveVerdict',
  'retryDefaults',
  'verdict',
]

const promisedForTests = [
  'FaultServer',
  'ManualRuntime',
  'QueueingServer',
  'RecordedTraffic',
  'SimulatedNetwork',
  'SimulatedServer',
  'assertFailsWith',
  'assertNoLeaks',
  'assertOpenBreaker',
  'assertOpenedAtMost',
  'assertRetried',
  'bimodal',
  'exponential',
  'faultServer',
  'faults',
  'heavyTail',
  'heavyTailMean',
  'keepwarmMatchers',
  'limitWorkloads',
  'lognormal',
  'mockService',
  'recordedTraffic',
  'runQueueing',
  'simulate',
  'simulateFleet',
  'stragglers',
  'whatIf',
  'whatIfText',
]

beforeAll(async () => {
  await npm(house, 'pack', '--workspace=keepwarm', `--pack-destination=${folder}`)
  const [tarball = 'no tarball'] = tarballsIn(folder)
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ name: 'stranger', private: true, type: 'module' }),
  )
  await npm(folder, 'install', '--ignore-scripts', '--no-audit', '--no-fund', `./${tarball}`)
}, 240_000)

afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('it brings one package with it: undici', () => {
  const installed = readdirSync(join(folder, 'node_modules')).filter((name) => !name.startsWith('.'))
  expect(installed.sort()).toEqual(['keepwarm', 'undici'])
})

test('it holds what is needed to use it and to read it, and no tests', () => {
  const held = readdirSync(join(folder, 'node_modules/keepwarm'), { recursive: true }).map(String)
  expect(held).toEqual(
    expect.arrayContaining(['LICENSE', 'dist/index.js', 'dist/index.d.ts', 'src/index.ts']),
  )
  expect(held.filter((path) => path.includes('.test.'))).toEqual([])
})

test('the promised names are there', async () => {
  expect(await namesOf('keepwarm')).toEqual(expect.arrayContaining(promised))
  expect(await namesOf('keepwarm/policies')).toEqual(promisedPolicies)
  expect(await namesOf('keepwarm/testing')).toEqual(promisedForTests)
})

test('CommonJS has it by require(), all entries', async () => {
  const script = `
    const { HttpClient } = require('keepwarm')
    console.log(typeof HttpClient, typeof require('keepwarm/testing').simulate, typeof require('keepwarm/policies').backoff)
    console.log(require('keepwarm/package.json').name)
  `
  const { stdout } = await run(process.execPath, ['--input-type=commonjs', '--eval', script], { cwd: folder })
  expect(stdout).toBe('function function function\nkeepwarm\n')
})

test('a client is simulated', async () => {
  const report = await node(`
    import { simulate } from 'keepwarm/testing'
    const { calls, connections } = await simulate({
      options: { maxConnections: 2 },
      network: { 'http://a': { answer: { after: 50 } } },
      traffic: { callers: 5, for: 1_000, call: (client) => client.get('http://a/').text() },
    })
    console.log(JSON.stringify([calls.failed, connections.most]))
  `)
  expect(JSON.parse(report)).toEqual([{}, 2])
})

test('a request goes out and its answer comes back', async () => {
  const answer = await node(`
    import { createServer } from 'node:http'
    import { once } from 'node:events'
    import { HttpClient } from 'keepwarm'
    const server = createServer((request, response) => response.end(JSON.stringify({ path: request.url })))
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const client = new HttpClient({ baseUrl: 'http://127.0.0.1:' + server.address().port })
    console.log(JSON.stringify(await client.get('/hello').json()))
    await client.close()
    server.close()
  `)
  expect(JSON.parse(answer)).toEqual({ path: '/hello' })
})

test('the interceptor works over an Agent of its own undici, and policies by themselves', async () => {
  const answer = await node(`
    import { createServer } from 'node:http'
    import { once } from 'node:events'
    import { Agent, request } from 'undici'
    import { resilience } from 'keepwarm'
    import { RetryBudget } from 'keepwarm/policies'
    let asked = 0
    const server = createServer((_, response) => { response.statusCode = ++asked < 2 ? 503 : 200; response.end('x') })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const agent = new Agent()
    const dispatcher = agent.compose(resilience({ retry: { base: 1 } }))
    const { statusCode, body } = await request('http://127.0.0.1:' + server.address().port, { dispatcher })
    console.log(JSON.stringify([statusCode, await body.text(), asked, new RetryBudget({ start: 1 }).withdraw(0)]))
    await agent.close()
    server.close()
  `)
  expect(JSON.parse(answer)).toEqual([200, 'x', 2, true])
})

test('the command comes with what it needs, and runs', async () => {
  const own = join(folder, 'command')
  mkdirSync(own)
  writeFileSync(join(own, 'package.json'), JSON.stringify({ name: 'stranger', private: true }))
  // What packs the library builds the others, too.
  const packed = ['--workspace=@keepwarm/dashboard', '--workspace=@keepwarm/cli', `--pack-destination=${own}`]
  await npm(house, 'pack', '--ignore-scripts', ...packed)
  const tarballs = [folder, own].flatMap((place) => tarballsIn(place).map((name) => join(place, name)))
  await npm(own, 'install', '--ignore-scripts', '--no-audit', '--no-fund', ...tarballs)
  const modules = join(own, 'node_modules')
  const installed = readdirSync(modules).filter((name) => !name.startsWith('.'))
  expect(installed.sort()).toEqual(['@keepwarm', 'commander', 'keepwarm', 'undici'])
  const held = readdirSync(join(modules, '@keepwarm/cli'), { recursive: true }).map(String)
  expect(held.filter((path) => /\.test\.|(?<!\.d)\.ts$/.test(path))).toEqual([])

  const env = { PATH: process.env['PATH'], HTTP_CLIENT_MAX_CONNECTIONS: '7' }
  const command = async (...args: string[]): Promise<string> =>
    (await run(process.execPath, [join(modules, '.bin/keepwarm'), ...args], { cwd: own, env })).stdout
  const { version } = JSON.parse(read('packages/cli/package.json')) as { version: string }
  expect(await command('--version')).toBe(`${version}\n`)
  expect(await command('config', '--changed')).toMatch(
    /^maxConnections +7 +HTTP_CLIENT_MAX_CONNECTIONS="7"$/m,
  )
  expect(await command('simulate', '--duration', '2s', '--event', 'hang@1s+500ms')).toMatch(/^30 clients/)
  await expect(command('top', '127.0.0.1:1', '--once')).rejects.toMatchObject({ code: 69 })
}, 240_000)

test('its types are found, and say what a mistake is', async () => {
  const { version } = JSON.parse(read('packages/keepwarm/package.json')) as { version: string }
  expect(version).toMatch(/^\d+\.\d+\.\d+/)
  writeFileSync(
    join(folder, 'use.ts'),
    `import { HttpClient, KeepwarmError, resilience } from 'keepwarm'
import type { ErrorCode, HedgeOptions } from 'keepwarm'
import { Breaker, decideRetry, REFUSED, type RetryDecision, type RetryQuestion } from 'keepwarm/policies'
import { ManualRuntime, SimulatedNetwork, type SimulationReport } from 'keepwarm/testing'
const runtime = new ManualRuntime()
export const simulated = new HttpClient({ runtime, network: new SimulatedNetwork(runtime) })
export const waits = (report: SimulationReport): number => report.waits.p99
const client: HttpClient = new HttpClient({ baseUrl: 'http://127.0.0.1:1' })
export const read = async (): Promise<unknown> => client.get('/').json()
export const code: ErrorCode = new KeepwarmError('reset', 'gone').code
export const hedge: HedgeOptions = { after: { quantile: 0.9 } }
export const interceptor = resilience({ hedge })
// @ts-expect-error the interceptor has no connections
export const misled = resilience({ maxConnections: 5 })
export const refused: boolean = new Breaker({ window: 5_000 }).admit(0) === REFUSED
export const decide = (question: RetryQuestion): RetryDecision => decideRetry(question)
// @ts-expect-error a status is not an error code
export const wrong: ErrorCode = 404
`,
  )
  expect(await typeErrors('use.ts')).toBe('')
}, 60_000)

function tarballsIn(place: string): string[] {
  return readdirSync(place).filter((name) => name.endsWith('.tgz'))
}

function npm(cwd: string, ...args: string[]): Promise<unknown> {
  return run('npm', [...args, '--loglevel=error'], { cwd })
}

async function namesOf(entry: string): Promise<string[]> {
  const names = await node(`import * as all from '${entry}'; console.log(JSON.stringify(Object.keys(all)))`)
  return (JSON.parse(names) as string[]).sort()
}

async function node(script: string): Promise<string> {
  writeFileSync(join(folder, 'use.mjs'), script)
  const { stdout } = await run(process.execPath, ['use.mjs'], { cwd: folder, timeout: 20_000 })
  return stdout
}

/** Compiles a file as a user's project would: strict, Node's module rules, no condition of ours. */
async function typeErrors(file: string): Promise<string> {
  const types = ['--types', 'node', '--typeRoots', join(house, 'node_modules/@types')]
  const options = [
    '--noEmit',
    '--strict',
    '--module',
    'nodenext',
    '--target',
    'es2024',
    '--lib',
    'es2025,esnext.disposable',
    ...types,
  ]
  const tsc = join(house, 'node_modules/typescript/bin/tsc')
  return run(process.execPath, [tsc, ...options, file], { cwd: folder }).then(
    () => '',
    (failure: unknown) => `${String(failure)}\n${(failure as { stdout: string }).stdout}`,
  )
}
