/**
 * Upstreams die, and so does the service amid that: searches are answered, nothing is lost or done twice, and all is well
 * again by itself. `npm run bench -- service-chaos` does the same with every fault, for longer.
 */
import { expect, test } from 'vitest'
import { upstreamNames } from '../src/upstreams/index.ts'
import { breachesIn, closeBooks, keepBooks } from './chaos/books.ts'
import { House } from './chaos/house.ts'
import { breachesOf, wordsOnly } from './chaos/laws.ts'
import { runPhase, settle, type PhasePlan } from './chaos/phase.ts'
import { Traffic } from './chaos/traffic.ts'

const plans: readonly PhasePlan[] = [
  { upstreams: ['ollama'], fault: 'dead', lasts: 4_000 },
  { upstreams: ['bridge'], fault: 'flaky', lasts: 3_000 },
  { upstreams: upstreamNames, fault: 'dead', lasts: 5_000, restart: 'SIGKILL' },
]
/** What a few seconds on a busy machine cannot tell: whether half of the answers being bad is named in time. */
const takesLonger: ReadonlySet<string> = new Set(['named of flaky'])

test('whatever upstreams do, and although the service is killed amid it, every law holds', async () => {
  await using house = await House.open()
  keepBooks(house.folder)
  const traffic = new Traffic(house)
  await traffic.begin({ documents: 600, searches: 250 })
  const echoes = new Map<string, number>()
  for (const plan of plans) {
    const seen = await runPhase({ house, traffic }, plan, { between: 400, recovery: 100_000 }, echoes)
    const breaches = breachesOf(seen).filter(({ law }) => !takesLonger.has(`${law} of ${plan.fault}`))
    expect(breaches).toEqual([])
    expect(seen.searches.length).toBeGreaterThan(0)
    if (plan.upstreams.includes('ollama')) expect(wordsOnly(seen.searches).length).toBeGreaterThan(0)
  }
  await traffic.end()
  expect(await settle(house, 60_000)).toBe(true)
  await house.end('SIGTERM')
  const books = closeBooks(house.folder, traffic.promised)
  expect(breachesIn(books)).toEqual([])
  expect(books.promised).toBeGreaterThan(5)
}, 300_000)
