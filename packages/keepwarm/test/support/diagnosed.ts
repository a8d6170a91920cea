/** An incident as an operator would see it: a client that was well, something that happens, and what the diagnosis says. */
import { HttpClient } from '../../src/client/http-client.ts'
import type { HttpClientOptions } from '../../src/client/options.ts'
import { diagnose } from '../../src/observe/diagnosis/diagnose.ts'
import type { Verdict } from '../../src/observe/diagnosis/verdict.ts'
import { observe, type Observed } from '../../src/observe/observe.ts'
import type { ProcessSnapshot } from '../../src/observe/process-snapshot.ts'
import type { TestServer } from './servers.ts'
import { sleep } from './wait.ts'

export interface Scene<S extends TestServer> {
  readonly client: HttpClient
  readonly server: S
}

export interface Incident<S extends TestServer> {
  readonly server: Promise<S>
  readonly client?: HttpClientOptions
  /** What is usual. */
  readonly usual?: (scene: Scene<S>) => Promise<unknown>
  /** What happens then; the diagnosis is made when it comes back. */
  readonly happens: (scene: Scene<S>) => Promise<unknown>
  /** Whether the event loop is the subject: otherwise that of the machine which runs the tests is nobody's concern. */
  readonly loop?: boolean
}

export async function diagnosed<S extends TestServer>(incident: Incident<S>): Promise<Verdict[]> {
  await using server = await incident.server
  const client = new HttpClient({ name: 'orders', baseUrl: server.origin, ...incident.client })
  using observed = observe(client)
  try {
    await incident.usual?.({ client, server })
    const before = look(observed, incident.loop)
    const began = performance.now()
    await incident.happens({ client, server })
    // Two snapshots closer together than that say nothing of each other.
    await sleep(Math.max(0, 100 - (performance.now() - began)))
    return diagnose(before, look(observed, incident.loop))
  } finally {
    await client.destroy()
  }
}

/** How late the loop of the machine that runs the tests is, is told only where that is the subject. */
export function look(observed: Observed, isLoopLookedAt = false): ProcessSnapshot {
  const snapshot = observed.snapshot({ connections: true })
  return isLoopLookedAt ? snapshot : { ...snapshot, process: { ...snapshot.process, loop: null } }
}

/** Calls that nobody waits for, one after the other, in `lines` lines at once, so many in all. */
export async function callAll(
  calls: number,
  lines: number,
  call: (number: number) => Promise<unknown>,
): Promise<void> {
  let next = 0
  const line = async (): Promise<void> => {
    while (next < calls) await call(next++).catch(() => {})
  }
  await Promise.all(Array.from({ length: lines }, line))
}

/** Begins them all, and waits for none. */
export function beginAll(calls: number, call: (number: number) => Promise<unknown>): void {
  for (let i = 0; i < calls; i++) void call(i).catch(() => {})
}
