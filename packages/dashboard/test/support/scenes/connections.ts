/** Incidents of connections: too few, held, dead, or short-lived. */
import { split, whole } from '../fake-moment.ts'
import { bridge, evidence, incident, langextract, ollama, quiet, verdict, type Scene } from './usual.ts'

export const poolExhausted: Scene = incident(
  'pool-exhausted',
  {
    ...ollama,
    blockedBy: 'maxConnectionsPerOrigin',
    at: (since, chance) => {
      if (since < 0) return ollama.at(since, chance)
      const slow = Math.min(4_800, 900 + since * 130)
      return {
        ok: whole(3.9, chance(1)),
        refused: since > 12 ? whole(1.1, chance(2)) : 0,
        retries: whole(0.4, chance(3)),
        p50: slow,
        p95: slow * 1.25 + Math.min(5_000, since * 160),
        ...split(slow, { headers: 0.9, download: 0.1, send: 0.004 }),
        queued: Math.min(3_900, since * 120),
        before: 60,
        inUse: 20,
        waiting: Math.min(14, Math.round(since * 0.6)),
        oldestWait: Math.min(4_950, since * 190),
      }
    },
    holders: (since) =>
      [9.4, 8.8, 7.9, 7.1, 6.2].map((heldFor, index) => ({
        method: 'POST',
        path: '/api/embed',
        operation: index % 2 === 0 ? 'embed' : null,
        heldFor: heldFor * 1_000 + (since % 3) * 100,
        phase: 'headers',
        stalledFor: 0,
      })),
  },
  (since) =>
    verdict({
      kind: 'pool_exhausted',
      client: 'ollama',
      origin: ollama.origin,
      cause: 'slow_dependency',
      text: `20 of 20 connections in use for ${since} s, 14 calls wait, the oldest 4.9 s: the service has become slow (4.8 s a call, usually 0.9 s), nothing leaks.`,
      evidence: evidence({
        'in use': '20 of 20',
        waiting: '14',
        'oldest wait': '4.9 s',
        'blocked by': 'maxConnectionsPerOrigin',
        'time of use': '4.8 s (usually 0.9 s)',
        rate: '5.0/s (usually 6.0/s)',
        'unread bodies': '0',
      }),
      includes: ['slow_dependency'],
      suggestion: {
        text: 'More connections would only let more calls wait inside the service. Look at ollama; let calls fail earlier until it is fast again.',
        env: 'OLLAMA_HTTP_CLIENT_POOL_TIMEOUT=1',
        code: 'limits: { acquireTimeout: 1_000 }',
      },
    }),
  (since) =>
    since > 10 && since % 2 === 0
      ? [{ client: 'ollama', level: 'warn', kind: 'refused', origin: ollama.origin, text: 'POST /api/embed got no connection within 5 s: 20 of 20 in use, 14 waiting', count: 3 }] // prettier-ignore
      : quiet(since),
)

export const bodyLeak: Scene = incident(
  'body-leak',
  {
    ...langextract,
    at: (since, chance) => {
      if (since < 0) return langextract.at(since, chance)
      const leaked = Math.min(17, Math.floor(since / 2))
      return { ...langextract.at(since, chance), inUse: leaked + 1, idle: Math.max(0, 2 - leaked) }
    },
    holders: (since) =>
      [since, since - 2, since - 4, since - 6, since - 8].map((age) => ({
        method: 'GET',
        path: '/extract/report',
        operation: 'report',
        heldFor: Math.max(0, age) * 1_000 + 300,
        phase: 'body',
        stalledFor: Math.max(0, age) * 1_000,
      })),
  },
  (since) =>
    verdict({
      kind: 'body_leak',
      level: 'warn',
      client: 'langextract',
      origin: langextract.origin,
      cause: 'leak',
      text: `17 of 20 connections are held by responses that nobody reads, the oldest for ${since} s.`,
      evidence: evidence({ 'unread bodies': '17', oldest: `${since} s`, request: 'GET /extract/report' }),
      suggestion: {
        text: 'Read every body, or discard it. Where the response was asked for is told with leakStacks.',
        code: 'await response.discard()',
      },
    }),
  (since) =>
    since > 5 && since % 4 === 0
      ? [{ client: 'langextract', level: 'warn', kind: 'leak', origin: langextract.origin, text: 'GET /extract/report: nobody has read on for 5 s' }] // prettier-ignore
      : [],
)

export const stale: Scene = incident(
  'stale-connections',
  {
    ...bridge,
    serverIdle: 5_000,
    at: (since, chance) => {
      const usual = bridge.at(since, chance)
      if (since < 0 || since % 4 !== 0) return { ...usual, idle: 6 }
      return {
        ...usual,
        idle: 5,
        connection: 1,
        retries: 2,
        before: 14,
        p95: 60,
        opened: 2,
        closed: 2,
        connect: 1,
      }
    },
  },
  () =>
    verdict({
      kind: 'stale_connections',
      level: 'warn',
      client: 'bridge',
      origin: bridge.origin,
      text: 'The server closes idle connections after 5.0 s, this client keeps them for 15 s: 15 calls a minute lose their connection.',
      evidence: evidence({ 'server closes after': '5.0 s', 'kept for': '15 s', 'lost races': '31' }),
      suggestion: {
        text: 'Keep idle connections for less time than the server does.',
        env: 'BRIDGE_HTTP_CLIENT_KEEPALIVE_EXPIRY=4',
      },
    }),
  (since) =>
    since >= 0 && since % 4 === 0
      ? [{ client: 'bridge', level: 'warn', kind: 'race', origin: bridge.origin, text: 'connection 12 had rested 5.2 s as the server closed it: GET /api/query was sent again' }] // prettier-ignore
      : [],
)

export const churn: Scene = incident(
  'churn',
  {
    ...bridge,
    at: (since, chance) =>
      since < 0
        ? bridge.at(since, chance)
        : {
            ...bridge.at(since, chance),
            idle: 0,
            dialing: 3,
            queued: 9,
            connect: 8.4,
            opened: 12,
            closed: 12,
            p50: 16,
            p95: 38,
          },
  },
  () =>
    verdict({
      kind: 'churn',
      level: 'warn',
      client: 'bridge',
      origin: bridge.origin,
      text: '12 connections are opened a second and serve 1.0 request each: the server answers "connection: close".',
      evidence: evidence({
        opened: '12/s',
        'requests per connection': '1.0',
        'closed by': 'connection_close (702)',
      }),
      suggestion: { text: 'Let the server keep connections alive: each call pays for a dial of 8 ms.' },
    }),
  (since) =>
    since >= 0
      ? [{ client: 'bridge', level: 'info', kind: 'closed', origin: bridge.origin, text: 'connections closed by the server after 1 request', count: 12 }] // prettier-ignore
      : [],
)
