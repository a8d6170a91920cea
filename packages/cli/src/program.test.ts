import { expect, test } from 'vitest'
import { testSurroundings, type TestTerminalOptions } from '../test/support/surroundings.ts'
import { CliError } from './cli-error.ts'
import type { CliCommand } from './command.ts'
import { commands } from './commands.ts'
import { exitCodes } from './exit-codes.ts'
import { runCommandLine } from './program.ts'
import { number } from './options/parse.ts'

function doing(run: CliCommand['run']): CliCommand {
  return {
    name: 'try',
    arguments: '[what]',
    summary: 'Try something',
    examples: [['try this', 'to see']],
    exits: [[0, 'tried']],
    define: (command) => void command.option('--rate <number>', 'so many', number()),
    run,
  }
}

async function told(
  args: string[],
  run: CliCommand['run'] = async () => 0,
  options: TestTerminalOptions = {},
) {
  const surroundings = testSurroundings(options)
  const code = await runCommandLine(args, surroundings, [doing(run)])
  return { code, out: surroundings.stdout.text, err: surroundings.stderr.text, surroundings }
}

test('without a command: the help, and 2; asked for, it is a result, and 0', async () => {
  expect(await told([])).toMatchObject({
    code: 2,
    out: '',
    err: expect.stringContaining('keepwarm try this'),
  })
  const { code, out, err } = await told(['--help'])
  expect([code, err]).toEqual([0, ''])
  expect(out).toMatch(
    /^Examples:\n {2}keepwarm try this {3}to see\n[\s\S]*^ {2}try \[what\] +Try something$/m,
  )
  expect((await told(['--version'])).out).toMatch(/^\d+\.\d+\.\d+\n$/)
})

test('a command gets its arguments and options, and its exit code is the end', async () => {
  const { code, out } = await told(
    ['try', 'it', '--rate', '2.5', '--json'],
    async ({ args, options }, terminal) => {
      terminal.outJson({ args, rate: options['rate'], json: terminal.json })
      return exitCodes.found
    },
  )
  expect(code).toBe(1)
  expect(JSON.parse(out)).toEqual({ args: ['it'], rate: 2.5, json: true })
})

test('what the user can put right is a sentence; a fault of ours has a stack, and is 70', async () => {
  const known = await told(['try'], async () => {
    throw new CliError('http://me:hush@a does not answer', exitCodes.unavailable)
  })
  expect(known).toMatchObject({ code: 69, out: '', err: '✗ http://***@a does not answer\n' })
  const fault = await told(['try'], async () => {
    throw new TypeError('oh')
  })
  expect(fault).toMatchObject({ code: 70, err: expect.stringMatching(/^✗ TypeError: oh\n {4}at /) })
})

test('an interruption is 130 whatever the command makes of it; a reader that goes is none', async () => {
  for (const ending of [async () => 0 as const, async () => Promise.reject(new Error('aborted'))]) {
    const end = await told(['try'], async (_, { surroundings }) => {
      ;(surroundings as ReturnType<typeof testSurroundings>).interrupt()
      return await ending()
    })
    expect(end).toMatchObject({ code: 130, err: '' })
  }
})

test('remarks are for whoever watches: not with --quiet, and never in the result', async () => {
  const run: CliCommand['run'] = async (_, terminal) => {
    terminal.note('a remark')
    terminal.redraw('half done')
    terminal.out('the result')
    terminal.complain('a complaint')
    return 0
  }
  expect(await told(['try'], run)).toMatchObject({ out: 'the result\n', err: 'a remark\na complaint\n' })
  expect(await told(['try', '--quiet'], run)).toMatchObject({ out: 'the result\n', err: 'a complaint\n' })
  const watched = await told(['try'], run, { tty: true })
  expect(watched.err).toBe('a remark\n\r\x1b[2Khalf done\r\x1b[2Ka complaint\n')
  for (const env of [{ CI: '1' }, { TERM: 'dumb' }])
    expect((await told(['try'], run, { tty: true, env })).err).not.toContain('half done')
})

test.each<[TestTerminalOptions, boolean]>([
  [{ tty: false }, false],
  [{ tty: true }, true],
  [{ tty: true, env: { NO_COLOR: '1' } }, false],
  [{ tty: true, env: { NO_COLOR: '' } }, true],
  [{ tty: true, env: { TERM: 'dumb' } }, false],
  [{ tty: false, env: { FORCE_COLOR: '1' } }, true],
  [{ tty: true, env: { FORCE_COLOR: '0' } }, false],
])('colour: %j %s', async (options, isColoured) => {
  const { out, err } = await told(
    ['try'],
    async (_, terminal) => {
      terminal.out(terminal.paintOut('red', 'x'))
      throw new CliError('y')
    },
    options,
  )
  expect([out, err].map((text) => text.includes('\x1b[31m'))).toEqual([isColoured, isColoured])
})

test('every command has examples of its own name, a sentence, and exit codes that differ', () => {
  for (const { name, summary, examples, exits } of commands) {
    expect(
      examples.every(([line]) => line.split(' ')[0] === name),
      name,
    ).toBe(true)
    expect(summary).toMatch(/^[A-Z].*[^.]$/)
    expect(new Set(exits.map(([code]) => code)).size, name).toBe(exits.length)
  }
})
