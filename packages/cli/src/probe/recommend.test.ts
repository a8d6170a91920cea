import { HTTPClientConfig } from 'keepwarm'
import { describe, expect, test } from 'vitest'
import type { Findings } from './findings.ts'
import type { IdleFinding } from './idle-verdict.ts'
import { envBlock, recommend } from './recommend.ts'

const found: Findings = {
  handshake: { tcp: 1, tls: undefined, resumed: undefined, firstByte: { cold: 3, warm: 2 } },
  protocol: 'http/1.1',
  certificate: undefined,
  reply: { status: 200, version: '1.1', headers: {}, firstByte: 2 },
  maxStreams: undefined,
  methods: { GET: 200 },
  addresses: { all: ['127.0.0.1'], dns: undefined },
  idle: { kind: 'unknown' },
  hint: {},
  limit: undefined,
  race: undefined,
  connections: 1,
}

const closed = (after: number): IdleFinding => ({
  ...{ kind: 'closed', after, most: after, by: 'fin', seen: 2, unasked: false },
})

function valueOf(variable: string, findings: Partial<Findings>): string | undefined {
  return recommend({ ...found, ...findings }).find((one) => one.variable === variable)?.value
}

describe('how long an idle connection is kept', () => {
  test.each([
    [closed(75_000), '60s'],
    [closed(60_000), '54s'],
    [closed(30_000), '27s'],
    [closed(5_000), '4s'],
    [closed(2_010), '1s'],
    [closed(1_999), '950ms'],
    [closed(50), '25ms'],
    [{ kind: 'kept', answeredAfter: 120_000 }, '60s'],
    [{ kind: 'kept', answeredAfter: 10_000 }, '10s'],
    [{ kind: 'forgotten', answeredAfter: 30_000, lostAfter: 60_000 }, '30s'],
    [{ kind: 'forgotten', answeredAfter: 0, lostAfter: 3_000 }, '1.5s'],
    [{ kind: 'never' }, undefined],
    [{ kind: 'unknown' }, undefined],
  ] as [IdleFinding, string | undefined][])('%j: %s', (idle, expected) => {
    expect(valueOf('KEEPALIVE_EXPIRY', { idle })).toBe(expected)
  })

  test('it is always less than the server keeps', () => {
    for (let after = 2; after < 200_000; after = after * 1.37 + 1) {
      const config = settingsFrom({ idle: closed(after) })
      expect(config.idleTimeout).toBeLessThan(after)
      expect(config.idleTimeout).toBeGreaterThan(Math.min(after, 60_000) / 4)
    }
  })

  test('a header that promises more than is kept is told', () => {
    const [one] = recommend({ ...found, idle: closed(2_000), hint: { timeout: 9 } })
    expect(one!.reason).toContain('though its Keep-Alive header promises 9 s')
  })

  test('HTTP/2 sessions that are forgotten on the way are pinged', () => {
    const idle: IdleFinding = { kind: 'forgotten', answeredAfter: 30_000, lostAfter: 60_000 }
    expect(valueOf('HTTP2_PING_AFTER', { idle, protocol: 'h2' })).toBe('15s')
    expect(valueOf('HTTP2_PING_AFTER', { idle })).toBeUndefined()
  })
})

test('requests on a connection are limited where the server ends it without a word', () => {
  const limit = { answered: 50, reached: true, by: 'fin', again: 48 } as const
  expect(valueOf('MAX_REQUESTS_PER_CONNECTION', { limit })).toBe('48')
  expect(
    valueOf('MAX_REQUESTS_PER_CONNECTION', { limit: { ...limit, by: 'connection: close' } }),
  ).toBeUndefined()
  expect(valueOf('MAX_REQUESTS_PER_CONNECTION', { limit: { ...limit, reached: false } })).toBeUndefined()
})

test('a dial that is felt is made before the first call', () => {
  const handshake = { ...found.handshake, tcp: 300, tls: 400 }
  expect(valueOf('WARM_UP', { handshake })).toBe('1')
  expect(valueOf('CONNECT_TIMEOUT', { handshake })).toBe('7s')
  expect(valueOf('WARM_UP', {})).toBeUndefined()
  expect(valueOf('CONNECT_TIMEOUT', {})).toBe('4s')
})

test('the block is what a client reads, and each variable has its reason', () => {
  const limit = { answered: 50, reached: true, by: 'rst', again: 50 } as const
  const config = settingsFrom({ idle: closed(5_000), limit })
  expect(config).toMatchObject({ idleTimeout: 4_000, maxRequestsPerConnection: 50, connectTimeout: 4_000 })
  const lines = envBlock(recommend({ ...found, idle: closed(5_000), limit }), 'A_HTTP_CLIENT').split('\n')
  expect(lines.filter((line) => line.startsWith('# ')).length).toBe(3)
  expect(lines[1]).toBe('A_HTTP_CLIENT_KEEPALIVE_EXPIRY=4s')
})

/** The library itself reads the block; it would throw at a variable that it does not know. */
function settingsFrom(findings: Partial<Findings>): HTTPClientConfig {
  const block = envBlock(recommend({ ...found, ...findings }), 'A_HTTP_CLIENT')
  const lines = block.split('\n').filter((line) => !line.startsWith('#'))
  const variables = Object.fromEntries(lines.map((line) => line.split('=') as [string, string]))
  return HTTPClientConfig.fromEnv('A_HTTP_CLIENT', variables)
}
