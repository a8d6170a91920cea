import { describe, expect, test } from 'vitest'
import { mergeMentions, type Entity, type EntityType } from './entities.ts'
import { readLanguage } from './language.ts'
import { findRelationships } from './relationships.ts'
import { findByRules } from './rules.ts'

async function find(text: string): Promise<Entity[]> {
  return mergeMentions([...findByRules(text), ...(await readLanguage(text)).names])
}

const paragraph = `# Pooling

Archon Systems was founded by Jonah Gray in Berlin. The HTTPClientConfig class reads
HTTP_CLIENT_MAX_CONNECTIONS from the environment, and Ollama v0.6.4 listens on http://localhost:11434. Dr. Maria
Lopez of Google moved to San Francisco. PostgreSQL stores the scores; clients call POST /database/execute (see
src/bridge.ts) or client.get().`

describe('a real paragraph', () => {
  test('gives its people, places, organisations and technical names', async () => {
    const found = new Map((await find(paragraph)).map(({ name, type }) => [name, type]))
    const expected: Record<string, EntityType> = {
      Pooling: 'CONCEPT',
      'Archon Systems': 'ORGANIZATION',
      'Jonah Gray': 'PERSON',
      Berlin: 'PLACE',
      HTTPClientConfig: 'CLASS',
      HTTP_CLIENT_MAX_CONNECTIONS: 'CONSTANT',
      Ollama: 'TECHNOLOGY',
      'v0.6.4': 'VERSION',
      'http://localhost:11434': 'URL',
      'Dr. Maria Lopez': 'PERSON',
      Google: 'ORGANIZATION',
      'San Francisco': 'PLACE',
      PostgreSQL: 'TECHNOLOGY',
      'POST /database/execute': 'API_ENDPOINT',
      'src/bridge.ts': 'MODULE',
      'client.get': 'FUNCTION',
    }
    for (const [name, type] of Object.entries(expected)) expect([name, found.get(name)]).toEqual([name, type])
    expect(found.size).toBe(Object.keys(expected).length)
  })

  test('every place is exactly where the name stands', async () => {
    for (const { name, spans } of await find(paragraph)) {
      for (const { start, end } of spans) expect(paragraph.slice(start, end).replace(/\s+/g, ' ')).toBe(name)
    }
  })

  test('says how some of them are related', async () => {
    const said = findRelationships(paragraph, await find(paragraph)).map(
      ({ source, type, target }) => `${source} ${type} ${target}`,
    )
    expect(said).toContain('Jonah Gray FOUNDED Archon Systems')
    expect(said).toContain('HTTPClientConfig READS HTTP_CLIENT_MAX_CONNECTIONS')
    expect(said).toContain('Ollama CONNECTS_TO http://localhost:11434')
    expect(said).toContain('Google LOCATED_IN San Francisco')
  })
})

describe('rules', () => {
  const names = (text: string, type: EntityType): string[] =>
    mergeMentions(findByRules(text))
      .filter((entity) => entity.type === type)
      .map(({ name }) => name)

  test('read declarations in code', () => {
    const code =
      "from asyncio import sleep\nclass Pool(Base):\n    async def acquire_lease(self): ...\nimport x from './core.ts'"
    expect(names(code, 'CLASS')).toContain('Pool')
    expect(names(code, 'FUNCTION')).toContain('acquire_lease')
    expect(names(code, 'MODULE')).toEqual(['asyncio', './core.ts'])
  })

  test('tell settings from comments: # in a fence is no heading', () => {
    const text = '# Real\n```bash\n# only a comment\nPOOL_SIZE=5\n```\n'
    expect(names(text, 'CONCEPT')).toEqual(['Real'])
    expect(names(text, 'CONFIG_SETTING')).toEqual(['POOL_SIZE'])
  })

  test('leave sentence punctuation outside URLs', () => {
    expect(names('See http://a.example/b_(c), or (https://b.example/x).', 'URL')).toEqual([
      'http://a.example/b_(c)',
      'https://b.example/x',
    ])
  })

  test('take neither shouted words nor prose brackets nor addresses for names', () => {
    const text = 'WITHOUT pooling it is NOT fast, and the pool (which is small) at 127.0.0.1 waits'
    expect(mergeMentions(findByRules(text))).toEqual([])
  })

  test('stay linear on hostile input', () => {
    const started = performance.now()
    for (const piece of [
      'a',
      'A',
      'a_',
      'aA',
      '../',
      'A1',
      '[',
      '`',
      '# ',
      'http://',
      '1.2.',
      '.',
      ')',
      ' ',
    ]) {
      findByRules(piece.repeat(50_000))
      findByRules(`http://${piece.repeat(50_000)}`)
    }
    expect(performance.now() - started).toBeLessThan(15_000)
  })
})

test('of two findings at one place the surer stays, and mentions add up', () => {
  const merged = mergeMentions([
    { name: 'Vite', type: 'ORGANIZATION', start: 0, end: 4, confidence: 0.6 },
    { name: 'Vite', type: 'TECHNOLOGY', start: 0, end: 4, confidence: 0.9 },
    { name: 'Vite', type: 'TECHNOLOGY', start: 10, end: 14, confidence: 0.9 },
  ])
  expect(merged).toEqual([
    {
      name: 'Vite',
      type: 'TECHNOLOGY',
      confidence: 0.92,
      spans: [
        { start: 0, end: 4 },
        { start: 10, end: 14 },
      ],
    },
  ])
})

test('reading stops when it is told to', async () => {
  const stop = new AbortController()
  const reading = readLanguage('The pool is warm.\n'.repeat(5000), { signal: stop.signal })
  stop.abort(new Error('enough'))
  await expect(reading).rejects.toThrow('enough')
})
