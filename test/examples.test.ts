/** Each example runs to its end, in a process of its own, and says what stands here; a page leads to each. */
import { execFile } from 'node:child_process'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { linksIn } from './markdown.ts'
import { house, read, sourceFiles, trackedFiles } from './sources.ts'

const run = promisify(execFile)

/** What an example prints, line by line. */
const says: Readonly<Record<string, readonly string[]>> = {
  'cluster.ts': ['processes: 2 calls: 100', 'connections at most: 10'],
  'fastify.ts': [
    '200 {"hits":3,"deadline":true}',
    '504 {"error":"deadline","sent":"maybe"}',
    'dashboard: 200',
    'connections left: 0',
  ],
  'fetch.ts': [
    'fetch alone: more than 4 connections for 100 calls: true',
    'fetch over a pool: 4 connections',
    'undici.request: 0 more',
    'client.fetch: 4 connections',
    'calls that ended well: 100',
  ],
  'sdk-ollama.ts': ['models: llama3.2', 'said: keep it warm', 'calls: 2, retries: 1, connections: 1'],
  'sdk-openai.ts': ['embeddings: 20 connections: 2', 'completion: reset sent: maybe attempts: 1'],
  'simulated-test.ts': [
    'an hour of outage: the price was known all the time',
    'afterwards it is the new one',
    'requests that the server saw in this hour: 60',
  ],
  'streaming.ts': [
    'keep it warm',
    'the first word came before the last: true',
    'left after 3 words; the server was told: yes',
    'connections in use: 0',
  ],
  'typed-client.ts': [
    'paid: true',
    'validation id: Invalid input: expected number, received string',
    'from the mock: cake',
  ],
  'worker-threads.ts': ['threads: 3 calls: 300', 'connections: 6'],
}

const examples = sourceFiles('examples/*.ts')

test('what every example says is known', () => {
  expect(examples.map((path) => basename(path))).toEqual(Object.keys(says))
})

test.each(examples)(
  '%s runs to its end and says what it should',
  async (path) => {
    const { stdout, stderr } = await run(process.execPath, ['--conditions=keepwarm-source', path], {
      cwd: house,
      timeout: 60_000,
      env: { ...process.env, NODE_NO_WARNINGS: '1' },
    })
    expect(stdout.trimEnd().split('\n')).toEqual(says[basename(path)])
    expect(stderr).toBe('')
  },
  70_000,
)

test.each(examples)('%s is no longer than a page', (path) => {
  expect(read(path).trimEnd().split('\n').length).toBeLessThanOrEqual(50)
})

test.each(examples)('a page of the docs leads to %s', (path) => {
  const pages = trackedFiles().filter((page) => /^docs\/.*\.md$/.test(page))
  const leads = pages.flatMap((page) => linksIn(read(page)).map(({ target }) => join('docs', target)))
  expect(leads).toContain(path)
})
