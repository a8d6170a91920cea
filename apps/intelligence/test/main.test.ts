/** The program, as an operator runs it: in a process of its own, its output piped. */
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { freePort, tempFolder, until } from './app-support.ts'
import { main, pages, program } from './program-support.ts'

test('--once indexes, prints a summary without colours, leaves nothing behind and ends with 0', async () => {
  const temp = tempFolder()
  const { code, stdout, stderr } = await program([pages(), '--once', '-q', 'word3'], {}, temp).ended
  expect({ code, stderr: stderr.includes('Indexing 5 documents') }).toEqual({ code: 0, stderr: true })
  expect(stdout).toMatch(/✓ Indexed 5 documents in [\d.]+ m?s \([\d.]+ a second\)/)
  expect(stdout).toContain('skipped    2: 1 empty, 1 of another type')
  expect(stdout).toMatch(/entity-extractor +\d+ +(\d+) +\1 +[\d.]+ %/)
  expect(stdout).toMatch(/\d+ requests went over \d+ connections: [\d.]+ % found one warm/)
  expect(stdout).toMatch(/Search “word3”: \d+ documents? in/)
  expect(stdout).toMatch(/1 {2}Page 3/)
  expect(stdout + stderr).not.toContain('\u001b')
  expect(readdirSync(temp)).toEqual([])
})

test('--json gives the report and nothing else on standard output', async () => {
  const { code, stdout } = await program([pages(2), '--once', '--json']).ended
  expect(code).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({
    version: 1,
    finished: true,
    documents: { read: 2, indexed: 2, lost: [], skipped: [{ reason: 'empty' }, { reason: 'other_type' }] },
    stored: { documents: 2 },
    search: { hits: [{}, {}] },
  })
})

test('Ctrl-C ends the serving well: once, although it comes twice, and the temporary data goes', async () => {
  const temp = tempFolder()
  const { child, ended, said } = program([pages(2)], {}, temp)
  await until(said, (text) => text.includes('/health'))
  const url = /Serving until Ctrl-C\n +(http:\/\/[^/]+)/.exec(said())?.[1] ?? ''
  expect((await fetch(`${url}/health`)).status).toBe(200)
  expect(readdirSync(temp)).toHaveLength(1)
  child.kill('SIGINT')
  child.kill('SIGINT')
  const { code, stderr } = await ended
  expect({ code, left: readdirSync(temp) }).toEqual({ code: 0, left: [] })
  expect(stderr).toContain('the temporary data is removed')
})

test('a second Ctrl-C ends at once, whatever is waited for, and the temporary data goes all the same', async () => {
  // An Ollama that is well and never answers.
  const silent = createHttpServer((request, response) => {
    if (request.url === '/api/tags') response.end('{"models":[]}')
  })
  await once(silent.listen(0, '127.0.0.1'), 'listening')
  onTestFinished(() => {
    silent.closeAllConnections()
    silent.close()
  })
  const { port } = silent.address() as { port: number }
  const temp = tempFolder()
  const env = { OLLAMA_BASE_URL: `http://127.0.0.1:${port}` }
  const { child, ended, said } = program([pages(1), '--once'], env, temp)
  await until(said, (text) => text.includes('Indexing 1 document'))
  child.kill('SIGINT')
  await until(said, (text) => text.includes('finishing 1 document'))
  await pause(1_050)
  child.kill('SIGINT')
  const { code, stderr } = await ended
  expect({ code, left: readdirSync(temp) }).toEqual({ code: 130, left: [] })
  expect(stderr).toContain('Ended at once')
})

test('Ctrl-C during the indexing keeps what is done, and the next run does the rest', async () => {
  const data = join(tempFolder(), 'made', 'when missing')
  const folder = pages(60)
  const { child, ended, said } = program([folder, '--once'], { DATA_DIR: data, INDEX_CONCURRENCY: '1' })
  await until(said, (text) => text.includes('Indexing 60 documents'))
  child.kill('SIGINT')
  const { code, stdout } = await ended
  expect(code).toBe(130)
  expect(stdout).toMatch(/Stopped early: \d+ read and not indexed/)
  expect(existsSync(join(data, 'intelligence.db'))).toBe(true)
  const next = await program([folder, '--once', '--json'], { DATA_DIR: data }).ended
  const { documents, stored } = JSON.parse(next.stdout) as {
    documents: Record<string, number>
    stored: unknown
  }
  expect({ code: next.code, stored }).toMatchObject({ code: 0, stored: { documents: 60 } })
  expect(documents['indexed']).toBeLessThan(60)
}, 60_000)

test.each([
  ['an absent folder', ['no/such/folder', '--once'], {}, 2, /✗ cannot read the folder .*it does not exist/],
  ['a file in place of a folder', [main, '--once'], {}, 2, /it is a file/],
  ['an option that is not there', ['--onse'], {}, 2, /unknown option '--onse'[^]*--once/],
  ['an argument too many', ['a', 'b'], {}, 2, /too many arguments/],
  [
    'an environment that cannot be used',
    ['--once'],
    { PORT: '99999', OLLAMA_BASE_URL: 'x', HTTP_CLIENT_MAX_CONNECTIONS: '0' },
    78,
    /3 problems[^]*OLLAMA_BASE_URL[^]*PORT = "99999"[^]*HTTP_CLIENT_MAX_CONNECTIONS/,
  ],
  [
    'a host that is not here',
    ['--once'],
    { HOST: '192.0.2.1', API_TOKEN: 'sixteen-characters' },
    78,
    /HOST = "192.0.2.1"/,
  ],
] as const)('%s is explained without a stack', async (_, args, env, code, reason) => {
  const { stderr, ...rest } = await program(args, env).ended
  expect(rest).toEqual({ code, stdout: '' })
  expect(stderr).toMatch(reason)
  expect(stderr).not.toMatch(/\n\s+at /)
})

test('an empty folder is explained', async () => {
  const folder = tempFolder()
  mkdirSync(join(folder, 'inner'))
  const { code, stderr } = await program([folder, '--once']).ended
  expect(code).toBe(2)
  expect(stderr).toMatch(/there is nothing to index in .*it is empty/)
})

test('a port that is taken is named, and without PORT the next free one is used', async () => {
  const taken = createServer()
  await once(taken.listen(0, '127.0.0.1'), 'listening')
  onTestFinished(() => void taken.close())
  const { port } = taken.address() as { port: number }
  const { code, stderr } = await program(['--once'], { PORT: String(port) }).ended
  expect(code).toBe(78)
  expect(stderr).toContain(`PORT = ${port}`)

  const { listen } = await import('../src/config/listen.ts')
  const { readSettings } = await import('../src/config/settings.ts')
  const { fastify } = await import('fastify')
  await using app = fastify()
  const found = await listen(app, { ...readSettings({}), port, portGiven: false })
  expect(found).toMatchObject({ taken: port, url: `http://127.0.0.1:${found.port}` })
  expect(found.port).toBeGreaterThan(port)
})

test('when no given upstream answers, it says which and ends with 69; with one of two it goes on', async () => {
  const [one, other] = [await freePort(), await freePort()]
  const down = await program([pages(1), '--once'], { LANGEXTRACT_URL: `http://user:geheim@127.0.0.1:${one}` })
    .ended
  expect(down.code).toBe(69)
  expect(down.stderr).toContain(`langextract at http://127.0.0.1:${one} is not well`)
  expect(down.stderr).not.toContain('geheim')

  const { startLangextract } = await import('../src/upstreams/index.ts')
  const langextract = await startLangextract()
  onTestFinished(() => langextract.close())
  const env = { LANGEXTRACT_URL: langextract.url, BRIDGE_SERVICE_URL: `http://127.0.0.1:${other}` }
  const degraded = await program([pages(1), '--once'], env).ended
  expect(degraded.code).toBe(0)
  expect(degraded.stderr).toMatch(/bridge at .* is not well: .*; going on without it/)
  expect(degraded.stdout).toContain('missing, to be repaired: freshness of 1')
})

test('a search service that does not answer is named at the start, and not only when documents are lost', async () => {
  const env = { SEARCH_SERVICE_URL: `http://user:geheim@127.0.0.1:${await freePort()}` }
  const { code, stderr } = await program([pages(1), '--once'], env).ended
  expect(code).toBe(69)
  expect(stderr).toMatch(/the search service at http:\/\/127.0.0.1:\d+ does not answer: .*ECONNREFUSED/)
  expect(stderr).not.toContain('geheim')
})

test('documents that are lost are named with their reason, and the program ends with 1', async () => {
  const { startOllama } = await import('../src/upstreams/index.ts')
  const ollama = await startOllama()
  onTestFinished(() => ollama.close())
  const env = { OLLAMA_BASE_URL: ollama.url, EMBEDDING_MODEL: 'no-such-model' }
  const { code, stdout } = await program([pages(1), '--once'], env).ended
  expect(code).toBe(1)
  expect(stdout).toMatch(/✗ Indexed 0 documents/)
  expect(stdout).toMatch(/lost {7}.*page-0.md: embed: .*no-such-model/)
})

test('--help begins with examples that work and names every variable and exit code', async () => {
  const { code, stdout } = await program(['--help']).ended
  expect(code).toBe(0)
  for (const word of ['npm start -- ~/notes --once', 'OLLAMA_BASE_URL', 'DATA_DIR', '69', '130']) {
    expect(stdout).toContain(word)
  }
})
