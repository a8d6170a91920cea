/** `keepwarm diagnose` against a service that is ill, well, guarded, or not there. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { run, start, tell } from './support/run.ts'
import { testService } from './support/service.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keepwarm-cli-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

test('a service that is well: one line, and 0', async () => {
  await using service = await testService()
  await service.call(3)
  const { code, stdout, stderr } = await run(['diagnose', service.url])
  expect(stdout).toMatch(/^OK {8}nothing is wrong: 1 client/)
  expect([code, stderr]).toEqual([0, ''])
})

test('a service that waits for its upstream: what is wrong, with evidence and what to do, and 1', async () => {
  await using service = await testService()
  await service.call(40)
  await tell(['diagnose', service.url]) // looked at while it was well
  service.slow(1_500)
  void service.call(30)
  await setTimeout(700)
  const { code, stdout } = await tell(['diagnose', service.url, '--over', '1s'])
  expect(stdout).toMatch(/^(CRITICAL|WARN) +pool_exhausted {2}search$/m)
  expect(stdout).toMatch(/^ {4}\w[\w ]+ {2,}\d+/m)
  expect(stdout).toContain('→')
  expect(stdout).not.toContain('\x1b')
  expect(code).toBe(1)
  const forced = await run(['diagnose', service.url, '--json'], { env: { FORCE_COLOR: '1' } })
  const { verdicts } = JSON.parse(forced.stdout) as { verdicts: { kind: string }[] }
  expect(verdicts.map(({ kind }) => kind)).toContain('pool_exhausted')
})

test('watching says so on standard error; with --quiet it does not', async () => {
  await using service = await testService()
  const loud = await tell(['diagnose', service.url, '--over', '1s'])
  expect(loud.stderr).toBe(`Watching ${service.url} for 1 s\n`)
  const quiet = await tell(['diagnose', service.url, '--over', '1s', '--quiet'])
  expect(quiet.stderr).toBe('')
  expect([loud.code, quiet.code]).toEqual([0, 0])
})

test('a mount is found: at the path that is given, below a route of it, and at /dashboard', async () => {
  await using service = await testService({ mount: '/dashboard/' })
  const { origin } = new URL(service.url)
  for (const url of [origin, `${origin}/dashboard`, `${origin}/dashboard/snapshot.json`])
    expect((await tell(['diagnose', url])).code, url).toBe(0)
  const wrong = await tell(['diagnose', `${origin}/elsewhere`])
  expect(wrong.code).toBe(2)
  expect(wrong.stderr).toContain(`${origin}/elsewhere/diagnose is not there (404)`)
  expect(wrong.stderr).toContain('the path that it is mounted at')
})

test('a token comes from the environment, an option or a link, and is never shown', async () => {
  const token = 'correct-horse-battery'
  await using service = await testService({ token })
  const without = await tell(['diagnose', service.url])
  expect(without.code).toBe(2)
  expect(without.stderr).toContain('KEEPWARM_TOKEN')
  expect((await tell(['diagnose', service.url], { env: { KEEPWARM_TOKEN: token } })).code).toBe(0)
  expect((await tell(['diagnose', service.url, '--token', token])).code).toBe(0)
  expect((await tell(['diagnose', `${service.url}?token=${token}`])).code).toBe(0)
  const broken = await tell(['diagnose', service.url], { env: { KEEPWARM_TOKEN: `${token}\nx` } })
  expect([broken.code, broken.stderr]).toEqual([2, expect.stringContaining('that no header can carry')])
  expect(broken.stderr).not.toContain(token)
  const wrong = await tell(['diagnose', `${service.url}?token=wrong-${token}`])
  expect([wrong.code, wrong.stdout]).toEqual([2, ''])
  expect(wrong.stderr).not.toContain(token)
})

test('nobody there: 2, and where it was asked', async () => {
  const service = await testService()
  await service[Symbol.asyncDispose]()
  const { code, stdout, stderr } = await tell(['diagnose', service.url])
  expect([code, stdout]).toEqual([2, ''])
  expect(stderr).toMatch(/^✗ http:\/\/127\.0\.0\.1:\d+ does not answer: .*ECONNREFUSED/)
  expect(stderr).not.toContain('    at ')
})

test('snapshots from files and standard input', async () => {
  await using service = await testService()
  await service.call(5)
  const text = await (await fetch(`${service.url}snapshot.json`)).text()
  const file = join(folder, 'now.json')
  await writeFile(file, text)
  expect((await tell(['diagnose', file])).stdout).toMatch(/^OK/)
  expect((await run(['diagnose', '-'], { input: text })).code).toBe(0)
  expect((await tell(['diagnose', '-'], { input: '{' })).stderr).toMatch(/standard input is no JSON/)
  expect((await tell(['diagnose', '-'], { input: '{"version":1}' })).stderr).toMatch(/holds no snapshot/)
})

test.each([
  [['diagnose'], /missing required argument 'source'/],
  [['diagnose', 'no-such.json'], /no-such\.json cannot be read \(ENOENT\)/],
  [
    ['diagnose', 'a:1', '--level', 'wran'],
    /--level <level>.*wran.*Allowed: critical, warn, info\. Did you mean warn\?/,
  ],
  [['diagnose', 'a:1', '--ovr', '1s'], /--ovr'\n\(Did you mean --over\?\)/],
  [['diagnose', 'a:1', 'b.json'], /a URL stands alone/],
  [['diagnose', 'http://me:hush@a:1'], /must not have a user or password/],
  [['diagnos'], /Did you mean diagnose\?/],
])('wrong usage: %j is 2', async (args, message) => {
  const { code, stdout, stderr } = await tell(args)
  expect([code, stdout]).toEqual([2, ''])
  expect(stderr).toMatch(message)
  expect(stderr).not.toContain('hush')
})

test('Ctrl-C while it watches: 130, at once', async () => {
  await using service = await testService()
  await using running = start(['diagnose', service.url, '--over', '60s'])
  await running.wrote(/Watching/)
  running.child.kill('SIGINT')
  const { code, stdout } = await running.ended
  expect([code, stdout]).toEqual([130, ''])
})

test('help: examples first, exit codes last', async () => {
  const { code, stdout } = await run(['diagnose', '--help'])
  expect(code).toBe(0)
  expect(stdout).toMatch(/^Examples:\n {2}keepwarm diagnose http/)
  expect(stdout).toMatch(/Exit codes:\n {2}0 {3}healthy[\s\S]*130 interrupted\n$/)
})
