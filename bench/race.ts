/**
 * The keep-alive race: a server that closes connections just as requests go out on them, and what its callers notice.
 *
 *     npm run bench -- race
 *     npm run bench -- race --requests 1000000 --share 50
 *     npm run bench -- race --json
 *
 * The server counts by the number of each request what it received and what it processed. It answers the first request
 * of every connection. Ends with exit code 1 when keepwarm breaks a promise: a request failed that may be sent twice,
 * or one arrived twice that may not.
 */
import { environment } from '@keepwarm/cli/measuring'
import { Program } from './support/program.ts'
import { Progress } from './support/progress.ts'
import { raceArms, type RaceArm } from './support/race-arms.ts'
import { brokenLaws, checkRace, type RaceResult } from './support/race-laws.ts'
import { races, rest, roundTrip, type Race } from './support/race-plan.ts'
import type { RaceSample, RaceSettings } from './support/race-program.ts'
import type { RaceCounts, RaceOrder, RaceOrigins } from './support/race-server-program.ts'
import { raceFindings, raceTables } from './support/race-words.ts'
import { print } from './support/report.ts'
import { readSettings } from './support/settings.ts'

const many = { least: 1, most: 10_000_000 }
const settings = readSettings('race', {
  requests: { ...many, usual: 100_000, quick: 400, meaning: 'GETs, and as many POSTs with a key' },
  unkeyed: { ...many, usual: 20_000, quick: 200, meaning: 'POSTs without a key' },
  timed: { ...many, usual: 20_000, quick: 200, meaning: 'of each kind, where a timer closes the connection' },
  callers: { usual: 20, quick: 5, least: 1, most: 1_000, meaning: 'callers at once' },
  share: {
    usual: 10,
    quick: 30,
    least: 1,
    most: 100,
    meaning: 'per cent of the requests on used connections that find them closed',
  },
})

const facts = environment()
const arms = Object.keys(raceArms) as RaceArm[]
const course = races(settings)
const progress = new Progress('race', arms.length * course.length)
const results: RaceResult[] = []
for (const arm of arms) results.push(...(await runArm(arm)))
progress.done()
if (results.flatMap(brokenLaws).length > 0) process.exitCode = 1
const share = `${settings.share} % of the requests on connections that served before`
print(
  {
    benchmark: 'race',
    environment: facts,
    settings: { ...settings, protocol: 'HTTP/1.1, loopback', rest, round_trip_ms: roundTrip },
    results,
    method:
      `${settings.callers} callers; every client in a process of its own, with its defaults, one run each. By FIN and by RST the ` +
      `server closes when it has received the first bytes of ${share}, without processing them; "processed, then FIN" closes ` +
      `after processing, without an answer. The idle timer closes a connection that rested for ${rest.least} to ${rest.most} ms ` +
      `over a wire of ${roundTrip} ms; the callers rest for as long, and begin again all at once, so that requests and closes cross. ` +
      'Everything but failures, time, CPU time and counters.lostRaces is what the server counted.',
    tables: raceTables(results),
    findings: raceFindings(results),
  },
  settings,
)

async function runArm(arm: RaceArm): Promise<RaceResult[]> {
  await using server = await Program.start('race-server-program.ts', null)
  const origins = server.ready as RaceOrigins
  const { callers } = settings
  await using client = await Program.start('race-program.ts', {
    arm,
    origins,
    callers,
  } satisfies RaceSettings)
  const own: RaceResult[] = []
  for (const race of course) {
    progress.step(`${arm}, ${race.kind}, ${race.mode}`)
    own.push(await runRace(arm, race, server, client))
  }
  return own
}

async function runRace(arm: RaceArm, race: Race, server: Program, client: Program): Promise<RaceResult> {
  const { mode, requests } = race
  await server.ask({ mode, requests, share: settings.share / 100 } satisfies RaceOrder)
  const sample = await client.ask<RaceSample>(race)
  const result: RaceResult = { arm, ...race, ...sample, ...(await server.ask<RaceCounts>('counts')) }
  checkRace(result)
  return result
}
