/** `keepwarm config`: what is in effect, from where, and what is wrong with it. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { run, tell } from './support/run.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keepwarm-cli-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function file(name: string, text: string): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, text)
  return path
}

const env = {
  HTTP_CLIENT_DEFAULT_TIMEOUT: '12s',
  SEARCH_SERVICE_HTTP_CLIENT_MAX_CONNECTIONS: '50',
  SEARCH_SERVICE_HTTP_CLIENT_PROXY: 'http://me:hush@proxy:3128',
}

test('as a process: every option, its value and where that comes from; other prefixes on standard error', async () => {
  const { code, stdout, stderr } = await run(['config'], { env })
  expect(code).toBe(0)
  expect(stdout).toMatch(/^option +value +from$/m)
  expect(stdout).toMatch(/^timeout +12s +HTTP_CLIENT_DEFAULT_TIMEOUT="12s"$/m)
  expect(stdout).toMatch(/^maxConnections +100 +default$/m)
  expect(stdout).not.toContain('\x1b')
  expect(stderr).toContain('SEARCH_SERVICE_HTTP_CLIENT (keepwarm config SEARCH_SERVICE_HTTP_CLIENT)')
})

test('a prefix in short or in full; only what is not as usual; without credentials', async () => {
  for (const prefix of ['SEARCH_SERVICE', 'SEARCH_SERVICE_HTTP_CLIENT']) {
    const { stdout } = await tell(['config', prefix, '--changed'], { env })
    expect(stdout).toMatch(/^maxConnections +50 +SEARCH_SERVICE_HTTP_CLIENT_MAX_CONNECTIONS="50"$/m)
    expect(stdout).toMatch(/^timeout +12s +HTTP_CLIENT_DEFAULT_TIMEOUT/m)
    expect(stdout).not.toMatch(/ default$/m)
    expect(stdout).not.toContain('hush')
  }
  expect((await tell(['config', '--changed'])).stdout).toBe('everything is as usual\n')
})

test('as JSON, and as variables that come to the same', async () => {
  const { stdout } = await tell(['config', 'SEARCH_SERVICE', '--json'], { env })
  const { clients } = JSON.parse(stdout) as { clients: { name: string; options: Record<string, object> }[] }
  expect(clients[0]?.name).toBe('SEARCH_SERVICE_HTTP_CLIENT')
  expect(clients[0]?.options['maxConnections']).toMatchObject({ value: 50, source: 'environment' })
  expect(stdout).not.toContain('hush')
  const block = await tell(['config', 'SEARCH_SERVICE', '--env'], { env })
  expect(block.stdout).toContain('SEARCH_SERVICE_HTTP_CLIENT_MAX_CONNECTIONS=50\n')
  const again = await tell([
    'config',
    'SEARCH_SERVICE',
    '--env',
    '--env-file',
    await file('.env', block.stdout),
  ])
  expect(again.stdout.replaceAll(/^#.*\n/gm, '')).toBe(block.stdout.replaceAll(/^#.*\n/gm, ''))
})

test('what the environment says counts more than a file of variables', async () => {
  const path = await file('more.env', 'HTTP_CLIENT_DEFAULT_TIMEOUT=5s\nHTTP_CLIENT_MAX_CONNECTIONS=7\n')
  const { stdout } = await tell(['config', '--changed', '--env-file', path], { env })
  expect(stdout).toMatch(/^timeout +12s/m)
  expect(stdout).toMatch(/^maxConnections +7 /m)
})

test('named clients of a file: all, or one', async () => {
  const path = await file(
    'clients.json',
    '{"defaults":{"timeout":"10s"},"groups":{"slow":{"timeout":"9m"}},"clients":{"ollama":{"group":"slow"},"search":{"maxConnections":9,"minConnections":2}}}',
  )
  const all = await tell(['config', '--file', path, '--changed'], {
    env: { OLLAMA_HTTP_CLIENT_MAX_CONNECTIONS: '3' },
  })
  expect(all.stdout).toMatch(/^ollama\noption[\s\S]*^timeout +9m +clients\.json: groups\.slow/m)
  expect(all.stdout).toMatch(/^maxConnections +3 +OLLAMA_HTTP_CLIENT_MAX_CONNECTIONS="3"$/m)
  const one = await tell(['config', 'search', '--file', path, '--changed'])
  expect(one.stdout).toMatch(/^maxConnections +9 +clients\.json: clients\.search/m)
  expect(one.stdout).not.toContain('ollama')
  const wrong = await tell(['config', 'serach', '--file', path])
  expect([wrong.code, wrong.stderr]).toEqual([
    2,
    expect.stringContaining('It has: ollama, search. Did you mean search?'),
  ])
})

test('--check finds every mistake under every prefix, each once, and the nearest names', async () => {
  const wrong = {
    HTTP_CLIENT_MAX_CONECTIONS: '5',
    SEARCH_HTTP_CLIENT_DEFAULT_TIMEOUT: '30sec',
    OTHER_HTTP_CLIENT_MAX_CONNECTIONS: '-1',
  }
  const { code, stdout } = await run(['config', '--check'], { env: wrong })
  expect(code).toBe(1)
  expect(stdout).toMatch(/^3 problems/)
  expect(stdout.match(/MAX_CONECTIONS = /g)).toHaveLength(1)
  expect(stdout).toContain('did you mean HTTP_CLIENT_MAX_CONNECTIONS?')
  expect(stdout).toContain('fix: SEARCH_HTTP_CLIENT_DEFAULT_TIMEOUT=30s')
  const one = await tell(['config', 'SEARCH', '--check', '--json'], { env: wrong })
  expect(one.code).toBe(1)
  expect(JSON.parse(one.stdout)).toMatchObject({ problems: [{}, {}] })
})

test('--check says what is well, and finds what is only left out', async () => {
  const well = await tell(['config', '--check'], { env })
  expect([well.code, well.stdout]).toEqual([
    0,
    '✓ nothing is wrong with HTTP_CLIENT, SEARCH_SERVICE_HTTP_CLIENT\n',
  ])
  const lenient = { HTTP_CLIENT_CONFIG_STRICT: 'false', HTTP_CLIENT_MAX_CONNECTIONS: 'many' }
  expect((await tell(['config', '--check'], { env: lenient })).code).toBe(1)
  const shown = await tell(['config'], { env: lenient })
  expect([shown.code, shown.stderr]).toEqual([
    0,
    expect.stringContaining('HTTP_CLIENT_MAX_CONNECTIONS = "many"'),
  ])
})

test.each([
  [['config'], { HTTP_CLIENT_MAX_CONNECTIONS: 'many' }, 78, /expected a whole number|expected .*1/],
  [['config', 'search'], {}, 78, /SEARCH_HTTP_CLIENT/],
  [['config', '--check', '--env'], {}, 2, /--check and --env do not go together/],
  [['config', '--env', '--json'], {}, 2, /--env and --json do not go together/],
  [['config', '--env-file', 'no-such.env'], {}, 2, /--env-file no-such\.env cannot be read \(ENOENT\)/],
  [['config', '--file', 'no-such.json'], {}, 2, /--file no-such\.json cannot be read \(ENOENT\)/],
  [['config', '--chek'], {}, 2, /Did you mean --check\?/],
])('%j with %j ends with %d', async (args, variables, expected, message) => {
  const { code, stdout, stderr } = await tell(args, { env: variables as Record<string, string> })
  expect([code, stdout]).toEqual([expected, ''])
  expect(stderr).toMatch(message)
})
