/** The whole report runs, small, and refuses what it does not know. */
import { expect, test } from 'vitest'
import { bench, outputOf } from './support/bench-output.ts'
import type { PeerResult } from './support/peers-measure.ts'
import { findNginx } from './support/peers-upstreams.ts'
import { workloads } from './support/peers-workloads.ts'
import type { Faults } from './support/report-words.ts'
import { stormArms } from './support/storm-arms.ts'

const hasNginx = ((): boolean => {
  try {
    return findNginx() !== ''
  } catch {
    return false
  }
})()

test.runIf(hasNginx || process.env['CI'] !== undefined)(
  'peers and faults, each with what it measured',
  { timeout: 300_000 },
  async () => {
    const { results, findings } = await outputOf<Faults & { readonly peers: readonly PeerResult[] }>('report')
    const { peers, seed, race, storm, outage } = results[0]!
    const left = findings.length // A line for each client that this machine cannot run.
    expect(peers).toHaveLength(workloads.find(({ name }) => name === 'one')!.arms.length - left)
    expect(peers.map(({ errors, connections }) => [errors, connections])).toEqual(peers.map(() => [0, 1]))
    expect(new Set(seed.map(({ scenario }) => scenario)).size).toBe(4)
    expect(race.length).toBeGreaterThan(0)
    expect(storm.results).toHaveLength(stormArms.length)
    expect(outage.length).toBeGreaterThan(0)
  },
)

test('a load that is none is refused with those that are', async () => {
  const failure = await bench('peers', '--workload=sixty').catch((error: unknown) => error)
  expect(failure).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('--workload is "sixty"; it takes one of one, fifty, line, '),
  })
})
