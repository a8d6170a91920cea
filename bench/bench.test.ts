/** The benchmarks run, their numbers are numbers, and pooling is what they say it is. How fast anything is, is not asked. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Estimate } from '@keepwarm/cli/measuring'
import { describe, expect, test } from 'vitest'
import { balanceArms } from './support/balance-arms.ts'
import type { BalanceResult } from './support/balance-measure.ts'
import { bench, outputOf } from './support/bench-output.ts'
import type { FaultTally } from './support/chaos-tally.ts'
import type { DashboardResult } from './support/dashboard-words.ts'
import { responses } from './support/documents.ts'
import type { HedgingResult } from './support/hedging-simulate.ts'
import { arms as limitArms, loads } from './support/limits-arms.ts'
import type { LimitResult } from './support/limits-measure.ts'
import type { MemoryResult } from './support/memory-measure.ts'
import type { PeerResult } from './support/peers-measure.ts'
import { workloads } from './support/peers-workloads.ts'
import type { RaceResult } from './support/race-laws.ts'
import type { RecordingResult } from './support/recording-words.ts'
import { replaceSection } from './support/report.ts'
import { turn } from './support/rounds.ts'
import type { CpuResult } from './support/cpu-measure.ts'
import type { ArmResult, Cell } from './support/seed-measure.ts'
import { parseSettings, type NumberFlag } from './support/settings.ts'
import type { SizingResult } from './support/sizing-measure.ts'
import { stormArms } from './support/storm-arms.ts'
import type { StormResult } from './support/storm-measure.ts'

function expectEstimate({ median, lower, upper }: Estimate): void {
  expect(median).toBeGreaterThan(0)
  expect(lower).toBeLessThanOrEqual(median)
  expect(upper).toBeGreaterThanOrEqual(median)
}

describe('each benchmark', { timeout: 40_000 }, () => {
  test('seed: every load over a wire, and pooled opens fewer connections', async () => {
    const sizes = ['--sequential=3', '--workers=3', '--per-worker=3', '--documents=12', '--rounds=1']
    const { results, findings } = await outputOf<Cell>('seed', '--rtt=10', ...sizes)
    const loads = results.map(({ scenario, round_trip_ms }) => `${scenario} ${round_trip_ms}`)
    expect(loads).toEqual(['sequential 10', 'burst 10', 'indexing 10', 'concurrent 10'])
    for (const cell of results) expectCell(cell)
    expectRoundTrips(results[0]!)
    expect(findings.at(-1)).toMatch(/10 ms round trip: pooled .*opened \d connections? instead of 9\.$/)
  })

  test('cpu: what each way costs', async () => {
    const { results, findings } = await outputOf<CpuResult>('cpu', '--requests=50')
    expect(results).toHaveLength(8)
    for (const result of results) expectCpu(result)
    expect(results.find(({ arm }) => arm === 'undici.request on undici Pool')!.cpu_ratio.median).toBe(1)
    expect(findings.at(-1)).toMatch(/^keepwarm client\.get\(\)\.text\(\) /)
  })

  test('fetch: what each way costs, for a GET and a POST', async () => {
    const { results, findings } = await outputOf<CpuResult>('fetch', '--requests=50')
    expect(results).toHaveLength(7)
    for (const result of results) expectCpu(result)
    expect(findings.at(-1)).toMatch(/^client\.fetch .* undici's fetch/)
  })

  test('many-connections: both pools at each number', async () => {
    const { results, findings } = await outputOf<CpuResult>('many-connections', '--requests=50')
    expect(results.map(({ connections }) => connections)).toEqual([2, 2, 20, 20])
    for (const result of results) expectCpu(result)
    expect(findings).toHaveLength(2)
  })

  test('race: keepwarm loses races and no request, and sends nothing twice that may not', async () => {
    const sizes = ['--requests=100', '--unkeyed=100', '--timed=60']
    const { results, findings } = await outputOf<RaceResult>('race', ...sizes)
    expect(results).toHaveLength(5 * 10)
    for (const result of results) expectRace(result)
    const plain = results.filter(({ arm, kind }) => arm === 'undici Agent' && kind === 'GET')
    expect(plain.map(({ failures, lost }) => failures === lost)).toEqual([true, true, true])
    expect(findings).toHaveLength(3)
  })

  test('chaos: every law holds', async () => {
    const args = ['--minutes=0.05', '--callers=20', '--slack=5000']
    const { results, findings } = await outputOf<FaultTally>('chaos', ...args)
    const sum = (field: 'requests' | 'answered' | 'left' | 'failed'): number =>
      results.reduce((total, row) => total + row[field], 0)
    expect(sum('requests')).toBeGreaterThan(100)
    expect(sum('answered')).toBeGreaterThan(sum('requests') / 3)
    expect(sum('failed')).toBeGreaterThan(0)
    expect(sum('answered') + sum('failed') + sum('left')).toBe(sum('requests'))
    expect(findings.at(-1)).toMatch(/^All \d+ laws held\.$/)
  })

  test('memory: what a connection weighs in each pool', async () => {
    const { results } = await outputOf<MemoryResult>('memory', '--served=1')
    expect(results).toHaveLength(4)
    for (const { heap_bytes } of results) expect(heap_bytes).toBeGreaterThan(100)
  })

  test('sizing: what each pool holds, and who waits for it', async () => {
    const { results, findings } = await outputOf<SizingResult>('sizing', '--seconds=2')
    const simulated = results.filter(({ experiment }) => experiment === 'simulation')
    expect(simulated.filter(({ fixed }) => fixed > 0).map(({ fixed }) => fixed)).toEqual(
      Array.from({ length: 20 }, (_, index) => index + 1),
    )
    for (const result of results) expectSizing(result)
    const real = results.filter(({ experiment }) => experiment === 'loopback')
    expect(real.map(({ pool }) => pool)).toEqual(['fixed, 4', 'adaptive', 'on demand, idle for 15 s'])
    expect(findings.filter((finding) => finding.startsWith('Dials of 40 ms: '))).toHaveLength(4)
  })

  test('recording: what is written down of a call, and what a client weighs', async () => {
    const { results, findings } = await outputOf<RecordingResult>('recording')
    const [result] = results
    expectEstimate(result!.recorder_us_per_call)
    expectEstimate(result!.recorded_us_per_call)
    expectEstimate(result!.unrecorded_us_per_call)
    expect(result!.weight.history).toBeGreaterThan(50_000)
    expect(findings.at(-1)).toMatch(/^To write down a call costs .* the 1 µs that is allowed\.$/)
  })

  test('dashboard: what one who watches adds', async () => {
    const { results, findings } = await outputOf<DashboardResult>('dashboard')
    const [result] = results
    expectEstimate(result!.unwatched_percent)
    expectEstimate(result!.watched_percent)
    expect(result!.bytes_per_tick).toBeGreaterThan(1_000)
    expect(findings.at(-1)).toMatch(/^One who watches costs .* that it may\.$/)
  })

  test('limits: every limit under every load', async () => {
    const { results, findings } = await outputOf<LimitResult>('limits', '--share=0.02')
    expect(results).toHaveLength(limitArms.length * loads(1).length)
    for (const { goodput, p50, p99, end_limit, fairness } of results) {
      expect(goodput).toBeGreaterThan(0)
      expect(p99).toBeGreaterThanOrEqual(p50)
      expect(end_limit ?? 1).toBeGreaterThanOrEqual(1)
      expect(fairness).toBeLessThanOrEqual(1 + 1e-9)
    }
    expect(findings).toHaveLength(3)
  })

  test('balance: every way to spread requests, with one server ill', async () => {
    const { results, findings } = await outputOf<BalanceResult>('balance')
    expect(results.map(({ arm }) => arm)).toEqual(balanceArms.map(({ name }) => name))
    for (const { answered, worst, busiest } of results) {
      for (const [illness, share] of Object.entries(answered)) {
        expect(share).toBeGreaterThan(0.5)
        expect(share).toBeLessThanOrEqual(1)
        expect(worst[illness as keyof typeof worst]).toBeLessThanOrEqual(share)
      }
      expect(busiest).toBeGreaterThanOrEqual(1)
    }
    expect(findings).not.toEqual([])
  })

  test('hedging: each way at each load, and what each costs', async () => {
    const { results, findings } = await outputOf<HedgingResult>('hedging')
    const none = results.filter(({ way }) => way === 'no hedges')
    expect(none.map(({ utilisation }) => utilisation)).toEqual([0.3, 0.95])
    for (const { requests, extra } of none) expect([requests > 100, extra]).toEqual([true, 0])
    for (const { p50, p99, p999, extra } of results) {
      expect([p50 <= p99, p99 <= p999]).toEqual([true, true])
      expect(extra).toBeGreaterThanOrEqual(0)
    }
    expect(results.some(({ extra }) => extra > 0)).toBe(true)
    expect(findings).not.toEqual([])
  })

  test('storm: every client before, in and after the hang, and what the server counted', async () => {
    const { results, findings } = await outputOf<StormResult>('storm')
    expect(results.map(({ arm }) => arm)).toEqual(stormArms.map(({ name }) => name))
    for (const { calls, requests, amplification, worst_second, ...result } of results) {
      expect(calls).toBe(results[0]!.calls)
      expect(amplification).toBeCloseTo(requests / calls)
      expect(worst_second).toBeGreaterThan(0)
      expect(result.succeeded_before).toBeGreaterThan(0.5)
      expect(result.offered_per_second).toHaveLength(3)
    }
    expect(results.find(({ arm }) => arm === 'no retry')!.amplification).toBe(1)
    expect(findings.at(-1)).toMatch(/^keepwarm is /)
  })

  test('peers: each client of a load, in a process of its own', { timeout: 120_000 }, async () => {
    const { results, findings } = await outputOf<PeerResult>('peers', '--workload=node')
    expect(results.map(({ arm }) => arm)).toEqual(workloads.find(({ name }) => name === 'node')!.arms)
    for (const { errors, connections, ...result } of results) {
      expect([errors, connections]).toEqual([0, 50])
      expectEstimate(result.cpu_us_per_request)
      expectEstimate(result.requests_per_second)
      expect(result.p999_ms).toBeGreaterThanOrEqual(result.p50_ms)
      expect(result.peak_rss_mb).toBeGreaterThan(10)
    }
    expect(results.find(({ arm }) => arm === 'undici.request on Pool')!.cpu_ratio.median).toBe(1)
    expect(findings.at(-1)).toMatch(/: keepwarm client takes .* µs a request, and /)
  })

  test('says what is wrong with its command line, and ends with 2', async () => {
    const failure = await bench('cpu', '--rounds=none').catch((error: unknown) => error)
    expect(failure).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining('--rounds is "none"; it takes a whole number from 1 to 1000000'),
    })
  })
})

function expectCell({ scenario, requests, arms }: Cell): void {
  expect(arms.map(({ arm }) => arm)).toEqual(['new client', 'new connection', 'pooled', 'undici Agent'])
  for (const { ms, cpu_ms_per_request } of arms) {
    expectEstimate(ms)
    expect(cpu_ms_per_request.median).toBeGreaterThan(0)
  }
  expect(armOf(arms, 'new client').connections).toBe(requests)
  expect(armOf(arms, 'new connection').connections).toBe(requests)
  const { connections } = armOf(arms, 'pooled')
  if (scenario === 'burst') expect(connections).toBeLessThanOrEqual(requests)
  else expect(connections).toBeLessThan(requests)
}

/** The wire is as long as it says: three round trips for a new connection (TCP, TLS, HTTP), one for a warm one. */
function expectRoundTrips({ requests, round_trip_ms, arms }: Cell): void {
  expect(armOf(arms, 'new client').ms.median).toBeGreaterThanOrEqual(requests * 3 * round_trip_ms)
  expect(armOf(arms, 'new connection').ms.median).toBeGreaterThanOrEqual(requests * 3 * round_trip_ms)
  expect(armOf(arms, 'pooled').ms.median).toBeGreaterThanOrEqual((2 + requests) * round_trip_ms)
}

function armOf(arms: readonly ArmResult[], name: string): ArmResult {
  return arms.find(({ arm }) => arm === name)!
}

function expectCpu(result: CpuResult): void {
  expectEstimate(result.cpu_us_per_request)
  expectEstimate(result.requests_per_second)
  expectEstimate(result.cpu_ratio)
  expectEstimate(result.throughput_ratio)
  expect(result.cpu_ratio_by_process).toHaveLength(1)
  if (result.heap_bytes_per_request !== null) expect(result.heap_bytes_per_request).toBeGreaterThan(100)
}

function expectRace({ arm, kind, mode, requests, failures, lost, ...result }: RaceResult): void {
  expect(result.processed).toBeGreaterThanOrEqual(requests - failures)
  expect(result.cpuUsPerRequest).toBeGreaterThan(0)
  if (mode !== 'timer') expect(lost).toBeGreaterThan(0)
  if (!arm.startsWith('keepwarm')) return
  expect(failures).toBe(kind === 'unkeyed POST' ? lost : 0)
  expect(result.processedTwice).toBe(0)
  if (mode !== 'timer') expect(result.lostRaces).toBe(kind === 'unkeyed POST' ? 0 : lost)
}

/** No more connections than there may be; over a long wire the server sees the end of one after the next has come. */
function expectSizing({ experiment, held, most, fixed, ...result }: SizingResult): void {
  const { requests, mean_wait, p99, p999, dials } = result
  expect(requests).toBeGreaterThan(20)
  expect(held).toBeGreaterThan(0)
  expect(held).toBeLessThanOrEqual(most)
  if (experiment === 'simulation') expect(most).toBeLessThanOrEqual(fixed > 0 ? fixed : 20)
  expect(mean_wait).toBeGreaterThanOrEqual(0)
  expect(p999).toBeGreaterThanOrEqual(p99)
  expect(dials).toBeGreaterThanOrEqual(most)
}

describe('what they share', () => {
  test('each has a place on the page', () => {
    const page = readFileSync(join(import.meta.dirname, '../docs/benchmarks.md'), 'utf8')
    const names = readdirSync(import.meta.dirname).flatMap((file) => /^([a-z-]+)\.ts$/.exec(file)?.[1] ?? [])
    expect(names).toContain('limits')
    for (const { name } of workloads) expect(page).toContain(`<!-- bench peers-${name}: begin -->`)
    const without = names.filter(
      (name) =>
        !page.includes(`<!-- bench ${name}: begin -->`) ||
        !page.includes(`<!-- bench ${name}: end -->`) ||
        !page.includes(`npm run bench -- ${name} --markdown`) ||
        !page.includes(`| \`${name}\``),
    )
    expect(without).toEqual([])
  })

  test('another arm begins each round', () => {
    expect([0, 1, 2, 3].map((round) => turn(['a', 'b', 'c'], round).join(''))).toEqual([
      'abc',
      'bca',
      'cab',
      'abc',
    ])
  })

  test('a section of the page is replaced, and the rest is left alone', () => {
    const page = 'a\n<!-- bench x: begin -->\nold\n<!-- bench x: end -->\nb\n'
    expect(replaceSection(page, 'x', 'new')).toBe(
      'a\n<!-- bench x: begin -->\n\nnew\n\n<!-- bench x: end -->\nb\n',
    )
    expect(() => replaceSection(page, 'y', 'new')).toThrow('<!-- bench y: begin -->')
  })

  test('flags: usual and quick values, lists, and what is refused', () => {
    const flags = {
      rtt: { usual: [0, 1], quick: [0], least: 0, most: 9, fractions: true, meaning: '' },
      rounds: { usual: 10, quick: 2, least: 1, most: 99, meaning: '' },
    } as const satisfies Record<string, NumberFlag>
    expect(parseSettings(flags, [])).toMatchObject({ rtt: [0, 1], rounds: 10, json: false })
    expect(parseSettings(flags, ['--quick', '--rtt', '0.5,2'])).toMatchObject({ rtt: [0.5, 2], rounds: 2 })
    expect(() => parseSettings(flags, ['--rounds', '1.5'])).toThrow('--rounds is "1.5"; it takes a whole')
    expect(() => parseSettings(flags, ['--rtt', '1,,2'])).toThrow('--rtt is "1,,2"')
    expect(() => parseSettings(flags, ['--round', '1'])).toThrow('--round')
    expect(() => parseSettings(flags, ['--json', '--markdown'])).toThrow('exclude each other')
    const chosen = { load: { choices: ['a', 'b'], meaning: '' } } as const
    expect(parseSettings(chosen, ['--load', 'b'])).toMatchObject({ load: 'b' })
    expect(() => parseSettings(chosen, ['--load', 'c'])).toThrow('--load is "c"; it takes one of a, b')
    const drawn = { plot: { file: '.svg', meaning: '' } } as const
    expect(parseSettings(drawn, [])).toMatchObject({ plot: undefined })
    expect(parseSettings(drawn, ['--plot', 'a.svg'])).toMatchObject({ plot: 'a.svg' })
    expect(() => parseSettings(drawn, ['--plot', 'a.png'])).toThrow('--plot is "a.png"; it takes the name')
  })

  test('the upstreams answer what real ones would, in size and shape', () => {
    const { embeddings } = JSON.parse(responses.embed) as { embeddings: number[][] }
    expect(embeddings[0]).toHaveLength(768)
  })
})
