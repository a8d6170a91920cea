import { readFileSync } from 'node:fs'
import https from 'node:https'
import { describe, expect, test } from 'vitest'
import { responses, smallText } from './documents.ts'
import { largeBytes, streamBytes } from './nginx-configuration.ts'
import type { NginxCounts, NginxOrigins } from './nginx-program.ts'
import { findNginx } from './peers-upstreams.ts'
import { Program } from './program.ts'

const found = ((): string | undefined => {
  try {
    return findNginx()
  } catch {
    return undefined
  }
})()

describe.runIf(found !== undefined || process.env['CI'] !== undefined)('nginx', () => {
  test('serves every document, over TLS too, counts connections and requests, and ends with its program', async () => {
    const program = await Program.start('nginx-program.ts', found)
    const { plain, tls } = program.ready as NginxOrigins
    expect(await program.ask<NginxCounts>('counts')).toEqual({ connections: 0, requests: 0 })
    expect(await (await fetch(`${plain}/small`)).text()).toBe(smallText)
    expect((await (await fetch(`${plain}/large`)).text()).length).toBe(largeBytes)
    expect((await (await fetch(`${plain}/stream`)).text()).length).toBe(streamBytes)
    const posted = { method: 'POST', body: JSON.stringify({ large: 'x'.repeat(4_000) }) }
    expect(await (await fetch(`${plain}/json`, posted)).text()).toBe(responses.analyse)
    expect(await statusOverTls(`${tls}/small`)).toBe(200)
    const counted = await program.ask<NginxCounts>('counts')
    expect(counted.requests).toBe(5)
    expect(counted.connections).toBeGreaterThanOrEqual(2)
    expect(counted.connections).toBeLessThanOrEqual(5)
    await program[Symbol.asyncDispose]()
    await expect(fetch(`${plain}/small`)).rejects.toThrow('fetch failed')
  })
})

test('where there is no nginx, the error says how to get one', () => {
  const elsewhere = /There is no nginx on PATH .*apt-get install nginx-light.*--workload node/s
  expect(() => findNginx('/nowhere', [])).toThrow(elsewhere)
})

function statusOverTls(url: string): Promise<number | undefined> {
  const ca = readFileSync(new URL('test-only-cert.pem', import.meta.url))
  return new Promise((resolve, reject) => {
    https
      .get(url, { ca, agent: false }, (response) => resolve(response.resume().statusCode))
      .on('error', reject)
  })
}
