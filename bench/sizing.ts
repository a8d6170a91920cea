/**
 * How many connections: fixed numbers, as they are asked for, or as the need is measured, under a day's changing load.
 *
 *     npm run bench -- sizing
 *     npm run bench -- sizing --hours 24 --seed 7
 *     npm run bench -- sizing --json
 *
 * First in virtual time, over a network without sockets: every fixed size, with short and with long dials. Then over
 * TLS and a long wire, in a day of a minute, with few sizes.
 */
import { availableParallelism } from 'node:os'
import { readFileSync } from 'node:fs'
import tls from 'node:tls'
import { count, environment } from '@keepwarm/cli/measuring'
import { Program } from './support/program.ts'
import { Progress } from './support/progress.ts'
import { print } from './support/report.ts'
import { readSettings } from './support/settings.ts'
import { share } from './support/share.ts'
import { ceiling, SizingArms } from './support/sizing-arms.ts'
import type { LoadShape } from './support/sizing-load.ts'
import { runLoopback, shortestWait } from './support/sizing-loopback.ts'
import type { SizingResult, SizingSample } from './support/sizing-measure.ts'
import type { SimulationSettings, SimulationTask } from './support/sizing-program.ts'
import { sizingFindings, sizingTable } from './support/sizing-words.ts'

const most = 10_000
const sizes = Array.from({ length: ceiling }, (_, index) => index + 1)
const settings = readSettings('sizing', {
  hours: { usual: 2, quick: 0.02, least: 0.01, most: 24, fractions: true, meaning: 'of the simulated day' },
  peak: { usual: 80, quick: 80, least: 1, most, meaning: 'requests a second in the busiest hours' },
  dials: { usual: [40, 120], quick: [40], least: 1, most, meaning: 'how long simulated dials take, in ms' },
  seconds: { usual: 60, quick: 2, least: 2, most, meaning: 'of the day with real sockets' },
  rounds: { usual: 3, quick: 1, least: 1, most, meaning: 'of that day' },
  sizes: { usual: [8, 12, 16, 20], quick: [4], least: 1, most: 100, meaning: 'fixed sizes in that day' },
  rtt: { usual: 20, quick: 5, least: 1, most: 1_000, meaning: 'round trip of its wire, in ms' },
  seed: { usual: 1, quick: 1, least: 1, most: 2 ** 32 - 1, meaning: 'of the load' },
})

/** How much faster than usual the pools forget in the short day. */
const speed = 30
const { hours, peak, seed, rounds, rtt, seconds } = settings
const dayShape: LoadShape = {
  lasts: hours * 3_600_000,
  peak,
  bursts: Math.ceil(hours * 2),
  burst: [5_000, 20_000],
}
const minuteShape: LoadShape = { lasts: seconds * 1_000, peak, bursts: 2, burst: [500, 2_000] }

const facts = environment()
trustOwnCertificate()
const simulated = await simulateAll()
const real = await runReal()
const parts = [
  ...settings.dials.map((dial) => ({
    title: `Simulated: ${hours} h, dials of ${dial} ms`,
    where: `Dials of ${dial} ms`,
    results: simulated.filter(({ dial_ms }) => dial_ms === dial),
  })),
  {
    title: `Real sockets: ${seconds} s, dials of ${2 * rtt} ms and what TLS takes`,
    where: 'Real sockets',
    results: real,
  },
]
print(
  {
    benchmark: 'sizing',
    environment: facts,
    settings: { ...settings, speed, protocol: 'HTTP/1.1' },
    results: [...simulated, ...real],
    method:
      `A day from night to night, compressed: Poisson arrivals, up to ${peak} a second, with bursts of half of that on top; ` +
      'lognormal service times, half above 50 ms. The load is made by seed and the same for every pool. Waits are from the ' +
      `request until it goes out; one that was turned away counts with 5 s. Simulated are ${hours} h with ` +
      `${count(simulated[0]!.requests, 'request')}, with the pools' defaults. With real sockets the day has ${seconds} s, ` +
      `${count(rounds, 'round')} in turns, each with another load; there the window and the idle timeouts are ${speed} times ` +
      `shorter, connections are counted by the server, and waits up to ${shortestWait} ms count as none.`,
    tables: parts.map(({ title, results }) => sizingTable(title, results)),
    findings: parts.flatMap(({ where, results }) => sizingFindings(where, results)),
  },
  settings,
)

async function simulateAll(): Promise<SizingResult[]> {
  const arms = new SizingArms()
  const others = [
    arms.adaptive(1.1, 60),
    arms.adaptive(1.5, 60),
    arms.adaptive(1.25, 15),
    arms.adaptive(1.25, 300),
  ]
  const flexible = [arms.adaptive(), arms.onDemand(15), arms.onDemand(4)]
  const all = [...sizes.map((size) => arms.fixed(size)), ...flexible, ...others]
  const tasks: SimulationTask[] = settings.dials.flatMap((dial) => all.map((arm) => ({ arm, dial })))
  const results: SizingResult[] = []
  const progress = new Progress('sizing, simulated', tasks.length)
  const plan: SimulationSettings = { seed, shape: dayShape }
  await share(availableParallelism(), availableParallelism(), async (first) => {
    await using program = await Program.start('sizing-program.ts', plan)
    for (let index = first; index < tasks.length; index += availableParallelism()) {
      const { arm, dial } = tasks[index]!
      progress.step(`${arm.name}, ${dial} ms`)
      const sample = await program.ask<SizingSample>(tasks[index])
      results[index] = {
        experiment: 'simulation',
        pool: arm.name,
        fixed: arm.fixed,
        dial_ms: dial,
        ...sample,
      }
    }
  })
  progress.done()
  return results
}

async function runReal(): Promise<SizingResult[]> {
  const pools = new SizingArms(speed)
  const fixed = settings.sizes.map((size) => pools.fixed(size))
  const arms = [...fixed, pools.adaptive(), pools.onDemand(15)]
  const samples = await runLoopback({ arms, shape: minuteShape, rounds, seed, roundTrip: rtt })
  return arms.map(({ name, fixed: size }) => ({
    experiment: 'loopback',
    pool: name,
    fixed: size,
    dial_ms: 2 * rtt,
    ...samples.get(name)!,
  }))
}

/** The pools dial with the options that a user has: none. So the server's certificate must be in the trust store. */
function trustOwnCertificate(): void {
  const own = readFileSync(new URL('support/test-only-cert.pem', import.meta.url), 'utf8')
  tls.setDefaultCACertificates([...tls.getCACertificates('default'), own])
}
