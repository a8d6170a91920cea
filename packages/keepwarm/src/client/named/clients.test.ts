import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { ConfigError, type ConfigProblem } from '../../errors.ts'
import { ConnectionPool } from '../../pool/pool.ts'
import { createClients } from './clients.ts'

function problemsOf(make: () => unknown): readonly ConfigProblem[] {
  try {
    make()
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
  return []
}

/** The variables that are wrong, with the client where one is named. */
function wrongIn(make: () => unknown): string[] {
  return problemsOf(make).map(({ variable, client }) => (client ? `${client}: ${variable}` : variable))
}

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'keepwarm-clients-'))
  onTestFinished(() => rmSync(path, { recursive: true }))
  return path
}

/** The file without one of its clients. */
function readWithout(path: string, name: string): string {
  const content = JSON.parse(readFileSync(path, 'utf8')) as { clients: Record<string, unknown> }
  delete content.clients[name]
  return JSON.stringify(content)
}

describe('what counts', () => {
  test('a client before its group, the group before the defaults, part by part', async () => {
    await using clients = createClients(
      {
        defaults: { timeout: 9_000, maxConnections: 9, maxQueue: 9, retry: { base: 7, cap: 700 } },
        groups: { slow: { timeout: 60_000, maxConnections: 5, retry: { attempts: 2 } } },
        clients: { search: {}, ollama: { group: 'slow', maxConnections: 2 } },
      },
      {},
    )
    const limits = Object.values(clients).map((client) => client.pool.snapshot().maxConnections)
    expect(limits).toEqual([9, 2])
    expect(clients.settings.ollama).toMatchObject({ timeout: 60_000, maxConnections: 2, maxQueue: 9 })
    expect(clients.settings.ollama).toMatchObject({ retries: 1, backoffBase: 7, backoffCap: 700 })
    expect(clients.settings.search).toMatchObject({ timeout: 9_000, backoffBase: 7 })
  })

  test('code before the variables of the service, these before the common ones, these before the file', async () => {
    const env = {
      HTTP_CLIENT_MAX_DIALS: '3',
      HTTP_CLIENT_MAX_QUEUE: '3',
      HTTP_CLIENT_MAX_CONNECTIONS: '3',
      SEARCH_SERVICE_HTTP_CLIENT_MAX_QUEUE: '4',
      SEARCH_SERVICE_HTTP_CLIENT_MAX_CONNECTIONS: '4',
    }
    const all = { maxConnections: 2, maxQueue: 2, maxDials: 2, warmUp: 2, minConnections: 2 }
    const file = {
      defaults: { ...all, idleTimeout: '2s' },
      groups: { fast: { warmUp: 1, minConnections: 1 } },
      clients: { searchService: { group: 'fast', warmUp: 0 } },
    }
    const own = { maxConnections: 5, baseUrl: 'http://127.0.0.1:1' }
    await using clients = createClients({ clients: { searchService: own }, file }, env)
    const { entries } = clients.settings.searchService
    const from = (
      ['maxConnections', 'maxQueue', 'maxDials', 'warmUp', 'minConnections', 'idleTimeout'] as const
    ).map((name) => [
      entries[name].text,
      entries[name].variable ?? entries[name].place ?? entries[name].source,
    ])
    expect(from).toEqual([
      ['5', 'code'],
      ['4', 'SEARCH_SERVICE_HTTP_CLIENT_MAX_QUEUE'],
      ['3', 'HTTP_CLIENT_MAX_DIALS'],
      ['0', 'file: clients.searchService.warmUp'],
      ['1', 'file: groups.fast.minConnections'],
      ['2s', 'file: defaults.idleTimeout'],
    ])
    expect(clients.explain()).toContain('maxQueue')
  })

  test('a group of code may be filled by a file', async () => {
    const definitions = { groups: { slow: {} }, clients: { ollama: { group: 'slow' } } } as const
    const file = { groups: { slow: { timeout: '10m' } } }
    await using clients = createClients({ ...definitions, file }, {})
    expect(clients.settings.ollama.timeout).toBe(600_000)
  })
})

describe('a bound', () => {
  test('that counts more limits what counts less, and says so', async () => {
    const env = {
      HTTP_CLIENT_CONNECT_TIMEOUT: '10',
      HTTP_CLIENT_MAX_KEEPALIVE_CONNECTIONS: '50',
      HTTP_CLIENT_ATTEMPT_TIMEOUT: '9s',
      A_HTTP_CLIENT_MAX_CONNECTIONS: '5',
    }
    const definitions = { defaults: { acquireTimeout: 3_000 }, clients: { a: { timeout: 2_000 }, b: {} } }
    await using clients = createClients(definitions, env)
    const { connectTimeout, maxIdleConnections, acquireTimeout } = clients.settings.a.entries
    expect([connectTimeout.text, maxIdleConnections.text, acquireTimeout.text]).toEqual(['2s', '5', '2s'])
    expect(clients.a.pool.snapshot().maxIdleConnections).toBe(5)
    expect(connectTimeout.note).toBe('limited by timeout')
    expect(clients.settings.b).toMatchObject({ connectTimeout: 10_000, maxIdleConnections: 50 })
  })

  test('limits what code says for all clients, too', async () => {
    const definitions = { defaults: { attemptTimeout: 9_000 }, clients: { a: { timeout: 2_000 } } }
    await using clients = createClients(definitions, {})
    expect(clients.settings.a.attemptTimeout).toBe(2_000)
    expect(() => clients.update({ a: { attemptTimeout: 2_001 } })).toThrow('not more than timeout (2000)')
  })

  test('that counts less is contradicted by what counts more', () => {
    const env = { HTTP_CLIENT_DEFAULT_TIMEOUT: '5', A_HTTP_CLIENT_CONNECT_TIMEOUT: '8' }
    expect(wrongIn(() => createClients({ a: {} }, env))).toEqual(['a: A_HTTP_CLIENT_CONNECT_TIMEOUT'])
  })

  test('that the client itself knows is told with the variable that is beyond it', () => {
    const env = { A_HTTP_CLIENT_MIN_CONNECTIONS: '5' }
    expect(problemsOf(() => createClients({ a: {} }, env))).toMatchObject([
      { variable: 'A_HTTP_CLIENT_MIN_CONNECTIONS', option: 'minConnections', source: 'environment' },
    ])
  })

  test('of a base URL: what is said for all clients is not meant for one that has none', async () => {
    const env = { HTTP_CLIENT_MIN_CONNECTIONS: '5', HTTP_CLIENT_HEALTH_CHECK_INTERVAL: '5s' }
    await using clients = createClients({ a: {} }, env)
    const { minConnections, healthChecks, healthInterval } = clients.settings.a.entries
    const note = 'not used: there is no baseUrl'
    expect([minConnections.note, healthInterval.note]).toEqual([note, note])
    expect(healthChecks.value).toBe(false)
  })
})

describe('names', () => {
  test('are part of the type', async () => {
    await using clients = createClients({ search: {} }, {})
    expect(clients.search.name).toBe('search')
    // @ts-expect-error: there is no such client
    expect(clients.serach).toBeUndefined()
    // @ts-expect-error: nor can it be changed
    expect(() => clients.update({ serach: {} })).toThrow('expected search')
    // @ts-expect-error: there is no such group
    expect(() => createClients({ groups: { slow: {} }, clients: { a: { group: 'slwo' } } }, {})).toThrow(
      'expected slow',
    )
  })

  test('are listed alone', async () => {
    await using clients = createClients({ search: {}, ollama: {} }, {})
    expect(Object.keys(clients)).toEqual(['search', 'ollama'])
    expect(Object.entries(clients).every(([name, client]) => client.name === name)).toBe(true)
    expect(Object.isFrozen(clients)).toBe(true)
  })

  test.each(['close', 'update', 'then', 'pool', 'constructor', 'toString', '7up', '', 'größe', 'a b'])(
    '%j is none, or is taken',
    (name) => {
      const definitions = { clients: { [name]: {} } }
      expect(problemsOf(() => createClients(definitions, {}))).toHaveLength(1)
    },
  )

  test('two that would have the same variables are refused, and both are named', () => {
    const [problem, ...others] = problemsOf(() =>
      createClients({ 'search-service': {}, searchService: {} }, {}),
    )
    expect(problem).toMatchObject({ client: 'searchService', variable: 'clients.searchService' })
    expect(problem?.expected).toContain(
      'clients.search-service has the variables SEARCH_SERVICE_HTTP_CLIENT_…',
    )
    expect(others).toEqual([])
  })

  test('a variable of a client that is almost called so is not lost', () => {
    const env = { SEARCH_SERVCE_HTTP_CLIENT_MAX_QUEUE: '5' }
    expect(problemsOf(() => createClients({ searchService: {} }, env))).toMatchObject([
      { reason: 'unknown_variable', fix: 'rename it to SEARCH_SERVICE_HTTP_CLIENT_MAX_QUEUE' },
    ])
  })

  test.each([
    'OLLAMA_HTTP_CLIENT_MAX_QUEUE',
    'SHARD_2_HTTP_CLIENT_MAX_QUEUE',
    'SHARD_11_HTTP_CLIENT_MAX_QUEUE',
    'SHERD_1_HTTP_CLIENT_SOMETHING',
  ])("another program's %s is none of our business", (variable) => {
    expect(
      problemsOf(() => createClients({ shard1: {}, 'shard-1': {} }, { [variable]: '5' })),
    ).not.toMatchObject([{ variable }])
    expect(problemsOf(() => createClients({ 'shard-1': {} }, { [variable]: '5' }))).toEqual([])
  })
})

describe('what is wrong', () => {
  test('is told of all clients at once, with the client; a common variable once', () => {
    const env = {
      HTTP_CLIENT_MAX_QUEUE: 'x',
      A_HTTP_CLIENT_DEFAULT_TIMEOUT: '30sec',
      B_HTTP_CLIENT_MAX_CONECTIONS: '5',
    }
    const make = (): unknown => createClients({ a: { retry: { attempts: 0 } }, b: { timeout: -1 } }, env)
    expect(wrongIn(make).sort()).toEqual([
      'HTTP_CLIENT_MAX_QUEUE',
      'a: A_HTTP_CLIENT_DEFAULT_TIMEOUT',
      'b: B_HTTP_CLIENT_MAX_CONECTIONS',
    ])
    expect(make).toThrow('A_HTTP_CLIENT_DEFAULT_TIMEOUT = "30sec", for the client "a"')
    const inCode = (): unknown => createClients({ a: { retry: { attempts: 0 } }, b: { timeout: -1 } }, {})
    expect(wrongIn(inCode)).toEqual(['a: retry.attempts', 'b: timeout'])
  })

  test('is JSON, too', () => {
    const [json] = problemsOf(() => createClients({ a: {} }, { A_HTTP_CLIENT_MAX_QUEUE: '-1' }))
    expect(JSON.parse(JSON.stringify(json))).toEqual({
      variable: 'A_HTTP_CLIENT_MAX_QUEUE',
      received: '"-1"',
      expected: 'a whole number, from 0',
      fix: 'A_HTTP_CLIENT_MAX_QUEUE=0',
      reason: 'out_of_range',
      option: 'maxQueue',
      source: 'environment',
      client: 'a',
    })
  })

  test.each<[object, string[]]>([
    [null as unknown as object, ['options']],
    [{ clients: null }, ['clients']],
    [{ clients: {}, pool: null }, ['pool']],
    [{ clients: {}, pool: { maxConections: 5 } }, ['pool.maxConections']],
    [{ clients: {}, pool: { maxConnections: 0 } }, ['maxConnections']],
    [{ clients: {}, file: 5 }, ['file']],
    [{ clients: { a: null } }, ['clients.a']],
    [{ clients: { a: {} }, default: {} }, ['default']],
    [{ clients: { a: {} }, groups: { g: 5 } }, ['groups.g']],
    [{ clients: { a: { group: 'g' } } }, ['a: clients.a.group']],
    [{ clients: { a: { maxConections: 5 } } }, ['a: maxConections']],
    [{ clients: { a: { headers: { 'a b': 'c' } }, b: { timeout: -1 } } }, ['a: headers', 'b: timeout']],
  ])('%j', (definitions, expected) => {
    expect(wrongIn(() => createClients(definitions as { clients: {} }, {}))).toEqual(expected)
  })

  test('CONFIG_STRICT=false makes warnings of it, a common one once', async () => {
    const emitted = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
    onTestFinished(() => emitted.mockRestore())
    const env = {
      ...{ HTTP_CLIENT_CONFIG_STRICT: 'no', HTTP_CLIENT_MAX_QUEUE: 'x', A_HTTP_CLIENT_MAX_DIALS: 'y' },
      SERCH_HTTP_CLIENT_MAX_QUEUE: '5',
    }
    const file = { clients: { c: {} } }
    await using clients = createClients({ clients: { a: {}, b: {}, search: {} }, file }, env)
    expect(clients.settings.a.maxQueue).toBe(256)
    const told = emitted.mock.calls.map(([text]) => String(text).split(' ', 1)[0])
    expect(told.sort()).toEqual([
      ...['A_HTTP_CLIENT_MAX_DIALS', 'HTTP_CLIENT_MAX_QUEUE', 'SERCH_HTTP_CLIENT_MAX_QUEUE', 'file:'],
    ])
  })
})

describe('a file', () => {
  test('is read; what is wrong with it is named by its place', () => {
    const path = join(folder(), 'clients.json')
    writeFileSync(
      path,
      JSON.stringify({
        defaults: { timeout: '5 parsecs' },
        groups: { slow: { maxConections: 3 } },
        clients: { serach: {}, search: { group: 'slow' }, ollama: { group: 'fast' } },
      }),
    )
    const first = problemsOf(() => createClients({ clients: { search: {}, ollama: {} }, file: path }, {}))
    expect(first.map(({ variable }) => variable)).toEqual(['clients.json: clients.serach'])
    expect(first[0]?.expected).toContain('did you mean search?')
    writeFileSync(path, readWithout(path, 'serach'))
    const make = (): unknown => createClients({ clients: { search: {}, ollama: {} }, file: path }, {})
    expect(wrongIn(make)).toEqual([
      'search: clients.json: defaults.timeout',
      'search: clients.json: groups.slow.maxConections',
      'ollama: clients.json: clients.ollama.group',
      'ollama: clients.json: defaults.timeout',
    ])
  })

  test('that is not there, or no JSON, is named, and nothing of it is shown', () => {
    const path = join(folder(), 'clients.json')
    const make = (): unknown => createClients({ clients: { search: {} }, file: path }, {})
    expect(make).toThrow('expected a file that can be read: ENOENT')
    writeFileSync(path, '{ "defaults": { "proxy": "http://me:hunter2@proxy" ')
    expect(make).toThrow(/file = [^]*expected JSON/)
    expect(make).toThrow(/^(?![^]*hunter2)/)
  })
})

describe('a shared pool', () => {
  test('has its limits from code, HTTP_CLIENT_… and the file; those of the defaults are its own, too', async () => {
    const env = { HTTP_CLIENT_MAX_QUEUE: '9' }
    const file = { defaults: { maxQueue: 5, maxDials: 5 } }
    await using clients = createClients(
      {
        defaults: { pool: 'shared', maxIdleConnections: 4, timeout: 5_000 },
        pool: { maxConnections: 7 },
        clients: { search: { baseUrl: 'http://a' }, own: { pool: 'own', maxConnections: 3 } },
        file,
      },
      env,
    )
    expect(clients.search.pool).toBe(clients.pool)
    expect(clients.pool?.snapshot()).toMatchObject({ maxConnections: 7, maxIdleConnections: 4 })
    expect(clients.own.pool).not.toBe(clients.pool)
    expect(clients.own.pool.snapshot().maxConnections).toBe(3)
  })

  test('is not configured for one client alone', () => {
    const env = { A_HTTP_CLIENT_MAX_CONNECTIONS: '5', HTTP_CLIENT_MAX_QUEUE: '9' }
    const make = (): unknown =>
      createClients(
        {
          clients: { a: { pool: 'shared', maxDials: 4 }, b: { pool: 'shared' } },
          file: { clients: { b: { maxQueue: 4, timeout: '4s' } }, defaults: { maxDials: 8 } },
        },
        { ...env, HTTP_CLIENT_MAX_QUEUE: '' },
      )
    expect(wrongIn(make)).toEqual([
      'a: clients.a.maxDials',
      'a: A_HTTP_CLIENT_MAX_CONNECTIONS',
      'b: file: clients.b.maxQueue',
    ])
  })

  test('may be one that is there already; then it is left open', async () => {
    await using pool = new ConnectionPool({ maxConnections: 6 })
    const clients = createClients({ clients: { a: { pool }, b: {} } }, {})
    expect(clients.a.pool).toBe(pool)
    expect(clients.pool).toBeUndefined()
    await clients.close()
    expect(pool.closed).toBe(false)
  })
})

describe('update()', () => {
  test('changes all clients or none', async () => {
    await using clients = createClients({ a: { maxConnections: 5 }, b: { maxConnections: 5 } }, {})
    const wrong = { a: { maxConnections: 9 }, b: { maxConnections: 0, baseUrl: 'http://x', maxQeue: 1 } }
    expect(wrongIn(() => clients.update(wrong))).toEqual(['b: maxQeue', 'b: baseUrl'])
    expect(wrongIn(() => clients.update({ a: { maxQueue: 9 }, b: { timeout: 0, maxDials: 0 } }))).toEqual([
      'b: timeout',
      'b: maxDials',
    ])
    expect(clients.a.pool.snapshot().maxConnections).toBe(5)
    clients.update({ a: { maxConnections: 9 }, b: { maxConnections: 8, timeout: 100 } })
    expect([clients.a.pool.snapshot().maxConnections, clients.b.pool.snapshot().maxConnections]).toEqual([
      9, 8,
    ])
  })

  test('lets one base URL have a pool that grew', async () => {
    await using clients = createClients({ a: { baseUrl: 'http://a', maxConnections: 2 } }, {})
    clients.update({ a: { maxConnections: 50 } })
    expect(clients.a.pool.snapshot()).toMatchObject({ maxConnections: 50, maxConnectionsPerOrigin: 50 })
  })

  test('does not touch the limits of a pool that others use', async () => {
    await using clients = createClients({ clients: { a: { pool: 'shared' } } }, {})
    expect(() => clients.update({ a: { maxConnections: 3 } })).toThrow('use pool.setLimits()')
    clients.update({ a: { timeout: 3_000 } })
  })
})
