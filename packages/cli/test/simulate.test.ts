/** `keepwarm simulate`: the user's own settings in simulated time. */
import { expect, test } from 'vitest'
import { run, start, tell } from './support/run.ts'

/** A scenario that is short, and bad enough to see a difference. */
const short = ['--duration', '20s', '--rate', '60', '--slots', '8', '--clients', '6', '--event', 'hang@5s+5s']
const env = { HTTP_CLIENT_ATTEMPT_TIMEOUT: '1s' }

test('one run: the library’s own report, without colours in a pipe, and the same again', async () => {
  const [first, second] = await Promise.all([
    run(['simulate', ...short], { env }),
    tell(['simulate', ...short], { env }),
  ])
  expect([first.code, first.stderr]).toEqual([0, ''])
  expect(first.stdout).toMatch(/^6 clients, [\d.]+ s, seed 1\n/)
  expect(first.stdout).toMatch(/^hang, 5–10 s +[\d,]+ +/m)
  expect(first.stdout).toMatch(/^[x─]+$/m)
  expect(first.stdout).not.toContain('\x1b')
  expect(second.stdout).toBe(first.stdout)
})

test('two settings are compared over several seeds, and it is said which is better', async () => {
  const args = [
    'simulate',
    ...short,
    '--seeds',
    '2',
    '--set',
    'CIRCUIT_BREAKER=off',
    '--versus',
    'CIRCUIT_BREAKER=on',
  ]
  const { code, stdout, stderr } = await tell(args, { env })
  expect([code, stderr]).toEqual([0, 'Simulating 4 runs\n'])
  expect(stdout).toMatch(/^ +CIRCUIT_BREAKER=off +CIRCUIT_BREAKER=on$/m)
  expect(stdout).toMatch(/^well again after hang +/m)
  expect(stdout).toMatch(
    /points more of the calls succeed than with CIRCUIT_BREAKER=off: more in 2 of 2 runs/,
  )
  const quiet = await tell([...args, '--quiet', '--markdown'], { env })
  expect(quiet.stderr).toBe('')
  expect(quiet.stdout).toMatch(/^\| --- \| --: \| --: \|$/m)
})

test('for a program: the settings of each variant, and every report', async () => {
  const { stdout } = await tell(['simulate', 'SEARCH', ...short, '--json', '--versus', 'MAX_RETRIES=0'], {
    env: { SEARCH_HTTP_CLIENT_ATTEMPT_TIMEOUT: '700ms' },
  })
  const { version, variants } = JSON.parse(stdout) as {
    version: number
    variants: { name: string; settings: object; reports: { seed: number; calls: { total: number } }[] }[]
  }
  expect(version).toBe(1)
  expect(variants.map(({ name }) => name)).toEqual(['as configured', 'MAX_RETRIES=0'])
  expect(variants[0]?.settings).toMatchObject({ attemptTimeout: '700ms' })
  expect(Object.values(variants[1]!.settings).toSorted()).toEqual(['0', '700ms'])
  // The same calls come to both.
  expect(variants[0]?.reports[0]?.calls.total).toBe(variants[1]?.reports[0]?.calls.total)
})

test.each([
  [['--event', 'outrage@1s+1s'], 2, /--event <event>.*outrage.*Did you mean outage\?/],
  [['--event', 'hang@2m+1s'], 2, /hang@120s: calls come for 60 s only \(--duration\)/],
  [['--service', 'slow'], 2, /--service <time>.*exp:100ms/],
  [['--set', 'MAX_RETRYS=0'], 78, /did you mean HTTP_CLIENT_MAX_RETRIES\?/],
  [['--versus', 'retries=0'], 2, /a variable without its prefix/],
  [['--rate', '0'], 2, /a number from 0\.001/],
  [['--abandoned', 'finishd'], 2, /Did you mean finished\?/],
])('%j ends with %d', async (args, expected, message) => {
  const { code, stdout, stderr } = await tell(['simulate', ...args])
  expect([code, stdout]).toEqual([expected, ''])
  expect(stderr).toMatch(message)
})

test('Ctrl-C: what is complete is told, and 130', async () => {
  await using running = start(['simulate', '--seeds', '1000', '--duration', '30s'])
  await running.wrote(/Simulating 1000 runs/)
  running.child.kill('SIGINT')
  const { code, stdout, stderr } = await running.ended
  expect(code).toBe(130)
  expect(stdout !== '' || stderr.includes('Interrupted before the first run')).toBe(true)
})
