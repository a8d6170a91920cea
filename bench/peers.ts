/**
 * keepwarm beside every client that people use: a table for each load, against a real nginx.
 *
 *     npm run bench -- peers
 *     npm run bench -- peers --workload fifty
 *     npm run bench -- peers --workload fifty --markdown
 *     npm run bench -- peers --json
 *
 * Each client has a file of its own in bench/peers/. Every run is a fresh process that loads this one client; client and
 * server have a core each where there are two.
 */
import { environment } from '@keepwarm/cli/measuring'
import { comparePeers, peersFlags, peersReports } from './support/peers-compare.ts'
import { print } from './support/report.ts'
import { readSettings } from './support/settings.ts'

const settings = readSettings('peers', peersFlags)
const facts = environment()
const compared = await comparePeers(settings)
for (const report of peersReports(compared, facts, settings)) print(report, settings)
