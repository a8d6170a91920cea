/** The incidents that an operator meets, and a service that is well: each as a feed would tell it. */
import { calm } from './fake-moment.ts'
import { bodyLeak, churn, poolExhausted, stale } from './scenes/connections.ts'
import { breakerOpen, dns, flapping, retryStorm } from './scenes/services.ts'
import { evidence, healthyClients, quiet, verdict, type Scene } from './scenes/usual.ts'

const healthy: Scene = {
  name: 'healthy',
  clients: healthyClients,
  verdicts: () => [verdict({ kind: 'healthy', level: 'ok', client: null, text: 'All clients are well.' })],
  events: quiet,
}

const loopBlocked: Scene = {
  name: 'loop-blocked',
  clients: healthyClients.map((client) => ({
    ...client,
    at: (since, chance) => {
      const usual = client.at(since, chance)
      if (since < 0) return usual
      const late = (ms: number | undefined): number => (ms ?? 0) + 300 + 160 * chance(9)
      return { ...usual, p50: late(usual.p50), p95: late(usual.p95), headers: late(usual.headers) }
    },
  })),
  loop: { p50: 120, p99: 480, max: 612 },
  verdicts: () => [
    verdict({
      kind: 'loop_blocked',
      client: null,
      text: 'The event loop of this process was blocked for up to 612 ms: timings of all clients are partly its own.',
      evidence: evidence({ 'p99 of the delay': '480 ms', longest: '612 ms', cpu: '99 %' }),
      suggestion: { text: 'Find what computes for so long: a CPU profile of the process names it.', code: 'node --cpu-prof' }, // prettier-ignore
    }),
  ],
  events: quiet,
}

const crowd: Scene = {
  name: 'crowd',
  clients: Array.from({ length: 10 }, (_, index) => ({
    name: `service-${index + 1}`,
    origin: `http://service-${index + 1}:80`,
    limit: 100,
    at: (since, chance) => ({ ...calm(40 + 60 * index, 60)(since, chance), inUse: 70 + Math.round(20 * chance(8)), idle: 100 - 90, limit: 100 }), // prettier-ignore
  })),
  verdicts: healthy.verdicts,
  events: (since) =>
    since % 2 === 0
      ? [{ client: `service-${1 + (Math.abs(since) % 10)}`, level: 'info', kind: 'closed', origin: 'http://service-1:80', text: 'connection closed: idle for 15 s' }] // prettier-ignore
      : [],
}

/** Names that want to be more than text. */
const hostile: Scene = {
  name: 'hostile',
  clients: [
    {
      name: '<img src=x onerror=alert(1)>',
      origin: 'javascript:alert(1)',
      limit: 20,
      lastFailure: '"><script>alert(1)</script>',
      at: (since, chance) => ({ ...calm(3, 40)(since, chance), breaker: 2 }),
    },
  ],
  verdicts: () => [
    verdict({
      kind: '<b>bold</b>',
      client: '<img src=x onerror=alert(1)>',
      text: '<script>alert(1)</script>',
      evidence: evidence({ '<i>name</i>': '<i>value</i>' }),
      suggestion: { text: '<a href=x>', env: '<svg onload=alert(1)>' },
    }),
  ],
  events: () => [{ level: 'warn', kind: '<u>', origin: 'x', text: '<iframe src=x></iframe>' }],
}

export const scenes: readonly Scene[] = [
  healthy,
  poolExhausted,
  bodyLeak,
  stale,
  retryStorm,
  flapping,
  breakerOpen,
  dns,
  churn,
  loopBlocked,
  crowd,
]

export function sceneOf(name: string): Scene {
  const scene = [...scenes, hostile].find((candidate) => candidate.name === name)
  if (scene === undefined) {
    throw new Error(
      `There is no scene "${name}". There are: ${scenes.map((known) => known.name).join(', ')}.`,
    )
  }
  return scene
}
