/** What all scenes have in common: the clients of a service on an ordinary day. */
import type { WireEvent, WireVerdict } from '../../../src/page/wire.ts'
import { calm, type FakeClient } from '../fake-moment.ts'

export interface Scene {
  readonly name: string
  readonly clients: readonly FakeClient[]
  readonly loop?: { p50: number; p99: number; max: number }
  readonly verdicts: (since: number) => readonly WireVerdict[]
  /** What happened `since` seconds after the trouble began; asked for every second. */
  readonly events: (since: number) => readonly Omit<WireEvent, 'at' | 'number'>[]
}

export const bridge: FakeClient = {
  name: 'bridge',
  origin: 'http://bridge:8055',
  limit: 20,
  at: calm(12.4, 6),
}

export const coordinator: FakeClient = {
  name: 'coordinator',
  origin: 'https://coordinator:8443',
  limit: 200,
  protocol: 'h2',
  sessions: 2,
  at: (since, chance) => ({ ...calm(42, 28)(since, chance), limit: 200 }),
}

export const ollama: FakeClient = {
  name: 'ollama',
  origin: 'http://ollama:11434',
  limit: 20,
  at: calm(6, 900),
}

export const langextract: FakeClient = {
  name: 'langextract',
  origin: 'http://langextract:8765',
  limit: 20,
  at: calm(3, 140),
}

export const healthyClients: readonly FakeClient[] = [ollama, langextract, bridge, coordinator]

export const quiet: Scene['events'] = (since) =>
  since % 37 === 0
    ? [{ client: 'bridge', level: 'info', kind: 'closed', origin: bridge.origin, text: 'connection closed: idle for 15 s' }] // prettier-ignore
    : []

export function verdict(
  found: Pick<WireVerdict, 'kind' | 'client' | 'text'> & Partial<WireVerdict>,
): WireVerdict {
  return { level: 'critical', origin: null, evidence: [], suggestion: null, ...found }
}

export function evidence(facts: Readonly<Record<string, string>>): WireVerdict['evidence'] {
  return Object.entries(facts).map(([name, value]) => ({ name, value }))
}

/** A scene in which one client of the usual ones is not well. */
export function incident(
  name: string,
  troubled: FakeClient,
  found: (since: number) => WireVerdict,
  events: Scene['events'],
): Scene {
  const clients = healthyClients.map((client) => (client.name === troubled.name ? troubled : client))
  return { name, clients, verdicts: (since) => [found(since)], events }
}
