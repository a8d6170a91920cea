/**
 * Who gets the next request: ways to spread requests over servers, of which one falls ill for half of the time.
 *
 *     npm run bench -- balance
 *     npm run bench -- balance --rounds 20 --seed 7
 *     npm run bench -- balance --json
 *
 * In virtual time, without sockets: the same load for all, made by seed, so that a run comes out the same everywhere.
 */
import { count, environment } from '@keepwarm/cli/measuring'
import { balanceArms } from './support/balance-arms.ts'
import { measureBalance } from './support/balance-measure.ts'
import { balanceFindings, balanceTable } from './support/balance-words.ts'
import { print } from './support/report.ts'
import { readSettings } from './support/settings.ts'

const settings = readSettings('balance', {
  servers: { usual: 11, quick: 11, least: 2, most: 1_000, meaning: 'servers' },
  rate: { usual: 1_000, quick: 1_000, least: 1, most: 100_000, meaning: 'requests a second, in all' },
  seconds: { usual: 60, quick: 4, least: 1, most: 3_600, meaning: 'of the simulated time' },
  median: { usual: 167, quick: 167, least: 1, most: 100_000, meaning: 'of how long an answer takes, in ms' },
  slow: {
    usual: 2_000,
    quick: 2_000,
    least: 1,
    most: 100_000,
    meaning: 'how long the slow one takes, in ms',
  },
  timeout: {
    usual: 1_000,
    quick: 1_000,
    least: 1,
    most: 100_000,
    meaning: 'until a request is given up, in ms',
  },
  rounds: { usual: 5, quick: 1, least: 1, most: 1_000, meaning: 'with another load each' },
  seed: { usual: 1, quick: 1, least: 1, most: 2 ** 31, meaning: 'of the first load' },
})

const { servers, rate, seconds, median, slow, timeout, rounds, seed } = settings
const facts = environment()
const results = balanceArms.map((arm) =>
  measureBalance(arm, { servers, rate, seconds, median, slow, timeout }, rounds, seed),
)
print(
  {
    benchmark: 'balance',
    environment: facts,
    settings: { ...settings },
    results,
    method:
      `${count(servers, 'server')} in virtual time; Poisson arrivals, ${count(rate, 'request')} a second for ${seconds} s; ` +
      `lognormal answers, half of them within ${median} ms. From a quarter of the time to three quarters one server is ` +
      `ill: it takes ${slow} ms, or it answers with an error after 1 ms, or it refuses connections. Nothing is tried ` +
      `again; a request that takes longer than ${timeout} ms is given up. The loads are made by seed and the same for all, ` +
      `${count(rounds, 'round')} with another load each.`,
    tables: [balanceTable(results)],
    findings: balanceFindings(results),
  },
  settings,
)
