/** Incidents of the services that are called: failing, away, or not to be found. */
import { calm, split, whole } from '../fake-moment.ts'
import { coordinator, evidence, incident, langextract, verdict, type Scene } from './usual.ts'

export const retryStorm: Scene = incident(
  'retry-storm',
  {
    ...langextract,
    budget: 0,
    lastFailure: '503',
    at: (since, chance) => {
      if (since < 0) return langextract.at(since, chance)
      return {
        ok: whole(17, chance(1)),
        c5xx: whole(1.4, chance(2)),
        retries: whole(13, chance(3)),
        p50: 420,
        p95: 1_900,
        ...split(420, { before: 0.55, headers: 0.38, download: 0.06, send: 0.01 }),
        inUse: 9,
        idle: 2,
      }
    },
  },
  () =>
    verdict({
      kind: 'retry_storm',
      client: 'langextract',
      origin: langextract.origin,
      text: '1.7 attempts per call: the server answers 503 to 42 % of attempts, retries hide that from callers (93 % of calls succeed).',
      evidence: evidence({
        'attempts per call': '1.7',
        reasons: '503 (412), reset (3)',
        'retry budget': '0 of 10',
      }),
      suggestion: {
        text: 'The retries are part of the load now. Fewer attempts until the service has recovered.',
        env: 'LANGEXTRACT_HTTP_CLIENT_MAX_RETRIES=1',
      },
    }),
  (since) =>
    since >= 0 && since % 3 === 0
      ? [{ client: 'langextract', level: 'info', kind: 'retry', origin: langextract.origin, text: 'POST /extract: attempt 2 of 4 after 503, waited 180 ms', count: 38 }] // prettier-ignore
      : [],
)

export const flapping: Scene = incident(
  'breaker-flapping',
  {
    ...langextract,
    lastFailure: '502',
    at: (since, chance) => {
      if (since < -60) return langextract.at(since, chance)
      const phase = (since + 600) % 12
      if (phase < 5) return { breaker_open: whole(3, chance(1)), breaker: 2, idle: 1 }
      if (phase < 6) return { ...langextract.at(since, chance), ok: 1, breaker: 1 }
      const failing = phase > 9
      return {
        ...langextract.at(since, chance),
        c5xx: failing ? 3 : 0,
        ok: failing ? 1 : 3,
        retries: failing ? 2 : 0,
      }
    },
  },
  () =>
    verdict({
      kind: 'breaker_flapping',
      client: 'langextract',
      origin: langextract.origin,
      text: 'The breaker opened 8 times in 5 minutes and closed again each time: every third second fails, probes happen to succeed.',
      evidence: evidence({ opened: '8 times in 5 min', probes: '24 of 26 succeeded', 'last failure': '502' }),
      suggestion: {
        text: 'One of several servers behind the address is broken, or the window is too short.',
      },
    }),
  (since) => {
    const phase = (since + 600) % 12
    const text = { 0: 'breaker closed → open: 60 % of 20 calls failed', 5: 'breaker open → half-open', 6: 'breaker half-open → closed: 3 of 3 probes succeeded' }[phase] // prettier-ignore
    if (text === undefined) return []
    return [{ client: 'langextract', level: phase === 0 ? 'warn' : 'info', kind: 'breaker', origin: langextract.origin, text }] // prettier-ignore
  },
)

export const breakerOpen: Scene = incident(
  'breaker-open',
  {
    ...langextract,
    lastFailure: 'ECONNREFUSED',
    at: (since, chance) =>
      since < 0
        ? langextract.at(since, chance)
        : since < 3
          ? { connection: 4, retries: 3, p50: 40, p95: 90, before: 30, breaker: 0 }
          : { breaker_open: whole(3, chance(1)), breaker: 2 },
  },
  (since) =>
    verdict({
      kind: 'breaker_open',
      client: 'langextract',
      origin: langextract.origin,
      text: `Open for ${since} s after 5 connections in a row were refused (ECONNREFUSED): calls fail at once.`,
      evidence: evidence({
        'last failure': 'ECONNREFUSED',
        'next probe': 'in 3 s',
        'calls refused': '3.0/s',
      }),
      suggestion: { text: 'Nothing listens at langextract:8765. The breaker closes by itself once it does.' },
    }),
  (since) =>
    since === 3
      ? [{ client: 'langextract', level: 'warn', kind: 'breaker', origin: langextract.origin, text: 'breaker closed → open: 5 connections in a row failed' }] // prettier-ignore
      : [],
)

export const dns: Scene = incident(
  'dns-trouble',
  {
    ...coordinator,
    protocol: 'h1',
    limit: 20,
    lastFailure: 'ENOTFOUND',
    at: (since, chance) => {
      if (since < 0) return { ...calm(8, 28)(since, chance), limit: 20 }
      return {
        connection: whole(5, chance(1)),
        ok: whole(1.2, chance(2)),
        retries: whole(4, chance(3)),
        p50: 1_100,
        p95: 2_400,
        ...split(1_100, { before: 0.5, queued: 0.44, headers: 0.05 }),
        connect: 400,
        dialing: 2,
        inUse: 1,
        waiting: 2,
        oldestWait: 700,
      }
    },
  },
  () =>
    verdict({
      kind: 'dns_tls',
      client: 'coordinator',
      origin: coordinator.origin,
      text: 'The name coordinator cannot be looked up (ENOTFOUND): 41 of 44 dials failed in the last minute.',
      evidence: evidence({
        'failed dials': '41 of 44',
        error: 'ENOTFOUND',
        'lookup takes': '410 ms (usually 1 ms)',
      }),
      suggestion: { text: 'Ask the resolver: the connections that are open still work.', code: 'getent hosts coordinator' }, // prettier-ignore
    }),
  (since) =>
    since >= 0 && since % 2 === 0
      ? [{ client: 'coordinator', level: 'warn', kind: 'dial', origin: coordinator.origin, text: 'dial failed: ENOTFOUND coordinator', count: 5 }] // prettier-ignore
      : [],
)
