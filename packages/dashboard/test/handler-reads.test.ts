/** What can be read beside the stream. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { diagnosisText } from 'keepwarm'
import { expect, test } from 'vitest'
import type { Verdict } from '../src/handler/observed.ts'
import { Lab } from './support/handler-lab.ts'
import { eventually } from './support/handler-wait.ts'

const verdict: Verdict = {
  kind: 'pool_exhausted',
  level: 'critical',
  client: 'ollama',
  origin: 'http://ollama:11434',
  text: 'ollama: all 20 connections are taken for 38 s, 14 wait',
  cause: 'slow_dependency',
  evidence: [{ name: 'waiting', value: '14' }],
  suggestion: { text: 'Look at ollama first.', env: 'OLLAMA_HTTP_CLIENT_MAX_CONNECTIONS=40' },
}

test('the page is served under a policy that lets nothing run but what stands in it', async () => {
  await using lab = await Lab.open()
  const page = await lab.ask('/')
  // A checkout in which nobody built the page says how to.
  if (page.status === 503) return expect(page.text).toMatch(/npm run build/)
  expect(page.headers['content-type']).toBe('text/html; charset=utf-8')
  expect(page.headers['content-security-policy']).toMatch(/script-src 'sha256-[^']+';/)
  expect(page.headers['content-security-policy']).not.toMatch(/unsafe|\*/)
  const packed = await lab.ask('/', { headers: { 'accept-encoding': 'gzip' } })
  expect(packed.headers['content-encoding']).toBe('gzip')
  expect(Number(packed.headers['content-length'])).toBeLessThan(45_000)
  const head = await lab.ask('/', { method: 'HEAD' })
  expect([head.status, head.text]).toEqual([200, ''])
})

test('a snapshot is JSON, and many who ask at once are shown the same', async () => {
  await using lab = await Lab.open()
  const answers = await Promise.all(Array.from({ length: 20 }, () => lab.ask('/snapshot.json')))
  for (const { json } of answers) expect(json).toMatchObject({ version: 1, process: { name: 'shop' } })
  expect(lab.told.snapshots).toBe(1)
})

test('a diagnosis is JSON for programs, and text for who asks for text', async () => {
  await using lab = await Lab.open()
  lab.told.verdicts = [verdict]
  expect((await lab.ask('/diagnose')).json).toMatchObject({ version: 1, verdicts: [verdict] })
  const lines = `${diagnosisText([verdict])}\n`
  expect(lines).toContain('OLLAMA_HTTP_CLIENT_MAX_CONNECTIONS=40')
  expect((await lab.ask('/diagnose?text')).text).toBe(lines)
  expect((await lab.ask('/diagnose', { headers: { accept: 'text/plain' } })).text).toBe(lines)
  expect((await lab.ask('/diagnose', { headers: { accept: '*/*' } })).headers['content-type']).toMatch(/json/)
})

test('it lives as long as it answers, and is ready as long as no client is without its service', async () => {
  await using lab = await Lab.open()
  expect(await lab.ask('/health/live')).toMatchObject({ status: 200, json: { status: 'ok' } })
  expect(await lab.ask('/health/ready')).toMatchObject({ status: 200, json: { status: 'ready' } })
  lab.told.health = { status: 'unhealthy', reasons: ['the breaker is open'] }
  lab.told.runtime.advance(1_000)
  const { status, json } = await lab.ask('/health/ready')
  expect(status).toBe(503)
  expect(json).toMatchObject({ status: 'unready', clients: { search: { reasons: ['the breaker is open'] } } })
  expect((await lab.ask('/health/live')).status).toBe(200)
})

test('it can only be read, and says what there is', async () => {
  await using lab = await Lab.open()
  for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
    const refused = await lab.ask('/snapshot.json', { method })
    expect([method, refused.status, refused.headers.allow]).toEqual([method, 405, 'GET, HEAD'])
  }
  const missing = await lab.ask('/snapshots')
  expect([missing.status, missing.text]).toEqual([404, expect.stringContaining('/snapshot.json')])
  expect((await lab.ask('/constructor')).status).toBe(404)
})

test('a server of its own is on this machine alone, and closes with the dashboard', async () => {
  await using lab = await Lab.open()
  const { url } = await lab.board.listen()
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/)
  expect((await fetch(`${url}snapshot.json`)).status).toBe(200)
  const stream = await lab.watch()
  await lab.board.close()
  await eventually(() => stream.ended, 'the end of the stream')
  await expect(fetch(url)).rejects.toThrow()
})

test('it does not listen for others without a token', async () => {
  await using lab = await Lab.open()
  await expect(lab.board.listen({ host: '0.0.0.0' })).rejects.toThrow(/token/)
})

test('a port that is taken is told as the system tells it', async () => {
  await using lab = await Lab.open()
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  const { port } = other.address() as AddressInfo
  await expect(lab.board.listen({ port })).rejects.toThrow(/EADDRINUSE/)
  for (const wrong of ['9090', -1, 65_536, 1.5])
    await expect(lab.board.listen({ port: wrong as number })).rejects.toThrow(/0 to 65535, a number/)
  other.close()
})
