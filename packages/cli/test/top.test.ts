/** `keepwarm top`: on a terminal, in pipes, and when the service goes away. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import { stripVTControlCharacters } from 'node:util'
import { expect, test } from 'vitest'
import { runCommandLine } from '../src/program.ts'
import { main, run, start, tell } from './support/run.ts'
import { testService } from './support/service.ts'
import { testSurroundings, type TestSurroundings } from './support/surroundings.ts'

const leave = '\x1b[?7h\x1b[?25h\x1b[?1049l'

/** What stands on the screen. */
function screenOf({ stdout }: TestSurroundings): string {
  const frames = stdout.text.split('\x1b[?2026h\x1b[H')
  return stripVTControlCharacters((frames.at(-1) ?? '').split('\x1b[?2026l')[0]!).replaceAll('\r\n', '\n')
}

async function eventually(holds: () => boolean, what: string): Promise<void> {
  for (let waited = 0; !holds(); waited += 20) {
    if (waited > 15_000) throw new Error(`${what} did not come about`)
    await setTimeout(20)
  }
}

interface Watching {
  readonly terminal: TestSurroundings
  readonly code: Promise<number>
  shows(pattern: RegExp): Promise<void>
}

function watch(url: string, args: readonly string[] = []): Watching {
  const terminal = testSurroundings({ tty: true, columns: 132, rows: 40 })
  const code = runCommandLine(['top', url, ...args], terminal)
  const shows = (pattern: RegExp): Promise<void> =>
    eventually(() => pattern.test(screenOf(terminal)), `${String(pattern)} on the screen`)
  return { terminal, code, shows }
}

test('on a terminal: live figures, keys, and the terminal as it was before', async () => {
  await using service = await testService()
  void service.call(10)
  const { terminal, code, shows } = watch(service.url)
  await shows(/›[●▲■] search +\w/)
  expect(terminal.stdin.isRaw).toBe(true)
  expect(terminal.restores.size).toBe(1)
  await shows(/● live/)
  terminal.stdin.write('?')
  await shows(/Keys/)
  terminal.stdin.write('x?') // a key that means nothing, and back
  await shows(/─── search/)
  terminal.stdin.write('d')
  await eventually(() => !/─── search/.test(screenOf(terminal)), 'a table alone')
  terminal.stdin.write('s')
  await shows(/sort: name/)
  terminal.stdin.write(' ')
  await shows(/‖ paused/)
  terminal.stdin.write('q')
  expect(await code).toBe(0)
  expect(terminal.stdout.text.endsWith(leave)).toBe(true)
  expect([terminal.stdin.isRaw, terminal.restores.size]).toEqual([false, 0])
})

test.each([
  ['Ctrl-C at the keyboard', (terminal: TestSurroundings) => void terminal.stdin.write('\x03')],
  ['a signal', (terminal: TestSurroundings) => terminal.interrupt()],
])('%s: 130, and the terminal as it was before', async (_, interrupt) => {
  await using service = await testService()
  const { terminal, code, shows } = watch(service.url)
  await shows(/[●▲■] search/)
  interrupt(terminal)
  expect(await code).toBe(130)
  expect(terminal.stdout.text.endsWith(leave)).toBe(true)
  expect(terminal.stdin.isRaw).toBe(false)
})

test('a process that ends in whatever way gives the terminal back', async () => {
  await using service = await testService()
  const { terminal, code, shows } = watch(service.url)
  await shows(/[●▲■] search/)
  for (const restore of terminal.restores) restore()
  expect(terminal.stdout.text.endsWith(leave)).toBe(true)
  terminal.stdin.write('q')
  expect(await code).toBe(0)
  expect(terminal.stdout.text.split(leave)).toHaveLength(2) // once
})

test('another size: drawn anew for it', async () => {
  await using service = await testService()
  const { terminal, code, shows } = watch(service.url)
  await shows(/[●▲■] search/)
  terminal.stdout.resize(60, 10)
  await eventually(() => screenOf(terminal).split('\n').length === 10, 'ten lines')
  expect(
    Math.max(
      ...screenOf(terminal)
        .split('\n')
        .map((line) => line.length),
    ),
  ).toBeLessThanOrEqual(60)
  terminal.stdin.write('q')
  await code
})

test('nothing is erased behind a line that fills the terminal: that would take its last column away', async () => {
  await using service = await testService()
  const { terminal, code, shows } = watch(service.url)
  await shows(/[●▲■] search/)
  terminal.stdin.write('q')
  await code
  expect(terminal.stdout.text).not.toMatch(/(?<!\r\n|\x1b\[H)\x1b\[[KJ]/)
})

test('Ctrl-Z leaves the terminal to the shell, and takes it again', async () => {
  await using service = await testService()
  const { terminal, code, shows } = watch(service.url)
  await shows(/[●▲■] search/)
  terminal.stdin.write('\x1a')
  await eventually(() => terminal.stdout.text.includes(`${leave}\x1b[?1049h`), 'given back and taken again')
  await shows(/[●▲■] search/)
  expect(terminal.stdin.isRaw).toBe(true)
  terminal.stdin.write('q')
  expect(await code).toBe(0)
})

test('a service that goes away is waited for, and that is said', async () => {
  await using service = await testService()
  const { terminal, code, shows } = watch(service.url)
  await shows(/● live/)
  await service.stop()
  await shows(/✗ nothing for .*again in \d+ s/)
  await shows(/does not answer|ended the stream/)
  await service.startAgain()
  await shows(/● live/)
  terminal.stdin.write('q')
  expect(await code).toBe(0)
})

test('in a pipe: one look is a table without colours', async () => {
  await using service = await testService()
  await service.call(5)
  const { code, stdout, stderr } = await run(['top', service.url, '--once'])
  expect([code, stderr]).toEqual([0, ''])
  expect(stdout).toMatch(/^ [●▲■] .*\n[^]*\n {4}CLIENT +STATE/)
  expect(stdout).toMatch(/^ {2}[●▲■] search +\w.* +closed +.* 0\/4 /m)
  expect(stdout).not.toContain('\x1b')
  const forced = await tell(['top', service.url, '--once'], { env: { FORCE_COLOR: '1' } })
  expect(forced.stdout).toContain('\x1b[')
  const plain = await tell(['top', service.url, '--once'], { env: { FORCE_COLOR: '1', NO_COLOR: '1' } })
  expect(plain.stdout).toContain('\x1b[') // FORCE_COLOR counts more, as in Node itself
})

test('a terminal that wants no colour, or nothing that moves, gets it so', async () => {
  await using service = await testService()
  for (const env of [{ TERM: 'dumb' }, { CI: 'true' }]) {
    const terminal = testSurroundings({ tty: true, env })
    expect(await runCommandLine(['top', service.url, '--once'], terminal)).toBe(0)
    expect(terminal.stdout.text).not.toContain('\x1b[?1049h')
  }
  const terminal = testSurroundings({ tty: true, env: { NO_COLOR: '1' } })
  const code = runCommandLine(['top', service.url], terminal)
  await eventually(() => /[●▲■] search/.test(screenOf(terminal)), 'the client')
  expect(terminal.stdout.text).not.toMatch(/\x1b\[\d+m/)
  terminal.stdin.write('q')
  await code
})

test('as a stream of JSON: a line each second, until it is interrupted; also through a service that comes again', async () => {
  await using service = await testService()
  await using running = start(['top', service.url, '--json'])
  await running.wrote(/\n.*\n/)
  await service.stop()
  await running.wrote(/again in/)
  running.child.kill('SIGINT')
  const { code, stdout } = await running.ended
  expect(code).toBe(130)
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as object)
  expect(lines.length).toBeGreaterThan(1)
  for (const line of lines) expect(line).toMatchObject({ version: 1, clients: [{ name: 'search' }] })
})

test('whoever reads the first line and goes ends it, without a complaint', async () => {
  await using service = await testService()
  await using running = start(['top', service.url, '--json'])
  await running.wrote(/\n/)
  running.child.stdout.destroy()
  expect(await running.ended).toMatchObject({ code: 0, stderr: '' })
})

test('nobody there is 69, no dashboard is 69, no token is 69, wrong usage is 2', async () => {
  await using guarded = await testService({ token: 'correct-horse-battery' })
  await using mounted = await testService({ mount: '/ops/' })
  const gone = await testService()
  await gone[Symbol.asyncDispose]()
  const ends = async (...args: string[]): Promise<[number | null, string]> => {
    const { code, stdout, stderr } = await tell(['top', ...args])
    expect(stdout).toBe('')
    return [code, stderr]
  }
  expect(await ends(gone.url)).toEqual([69, expect.stringContaining('ECONNREFUSED')])
  expect(await ends(new URL(mounted.url).origin)).toEqual([69, expect.stringContaining('is not there (404)')])
  expect(await ends(guarded.url)).toEqual([69, expect.stringContaining('KEEPWARM_TOKEN')])
  expect(await ends('ftp://a')).toEqual([2, expect.stringContaining('http or https URL')])
  expect(await ends(gone.url, '--sort', 'latncy')).toEqual([
    2,
    expect.stringContaining('Did you mean latency?'),
  ])
  for (const every of ['1500ms', '2m'])
    expect(await ends(gone.url, '--every', every)).toEqual([
      2,
      expect.stringContaining('whole seconds up to 60s'),
    ])
  expect(await ends(gone.url, '--every', '10ms')).toEqual([2, expect.stringContaining('from 1000ms')])
})

test('on a real pseudo terminal: raw while it runs, and as before when it ends', async () => {
  await using service = await testService()
  const command = `stty rows 30 cols 100; ${process.execPath} ${main} top ${service.url}; echo "code $?"; stty -a`
  const child = spawn('script', ['-qec', command, '/dev/null'], {
    env: { PATH: process.env['PATH'], TERM: 'xterm-256color' },
  })
  let text = ''
  child.stdout.setEncoding('utf8').on('data', (part: string) => (text += part))
  const closed = once(child, 'close')
  await eventually(() => /● live/.test(stripVTControlCharacters(text)), 'a live view')
  child.stdin.write('q')
  await eventually(() => /code 0[\s\S]*echo/.test(text), 'the end')
  child.stdin.end()
  await closed
  const after = text.slice(text.lastIndexOf(leave))
  expect(after).toMatch(/code 0/)
  expect(after).toMatch(/(?<!-)icanon/)
  expect(text).toMatch(/\x1b\[32m/)
})
