/** An incident as an operator would see it: a client that was well, something that happens, and what the diagnosis says. */
import { expect } from 'vitest'
import { HttpClient } from '../../src/client/http-client.ts'
import type { HttpClientOptions } from '../../src/client/options.ts'
import type { KeepwarmError } from '../../src/errors.ts'
import { subscribeEvents } from '../../src/observe/channels.ts'
import { diagnose } from '../../src/observe/diagnosis/diagnose.ts'
import type { Verdict } from '../../src/observe/diagnosis/verdict.ts'
import type { ErrorDiagnosis } from '../../src/observe/error-diagnosis.ts'
import { observe, type Observed } from '../../src/observe/observe.ts'
import type { ProcessSnapshot } from '../../src/observe/process-snapshot.ts'
import type { TestServer } from './servers.ts'
import { sleep } from './wait.ts'

export interface Scene<S extends TestServer> {
  readonly client: HttpClient
  readonly server: S
  /** For errors that are made after a call has ended, such as that of a status. */
  hear(error: KeepwarmError): void
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

/** What is wrong, and what the errors say of it that callers got meanwhile, each time as `pool_exhausted leak`. */
export interface Told {
  readonly verdicts: readonly Verdict[]
  readonly errors: readonly HeardError[]
}

export interface HeardError {
  readonly error: KeepwarmError
  readonly reason: string | undefined
}

/** The verdicts; that no error named another cause is held for all of them. */
export async function diagnosed<S extends TestServer>(incident: Incident<S>): Promise<readonly Verdict[]> {
  const { verdicts, errors } = await told(incident)
  const known = new Set(verdicts.flatMap(({ kind, includes = [] }) => [kind, ...includes]))
  const others = errors.filter(({ error: { diagnosis } }) => diagnosis && !known.has(diagnosis.kind))
  expect(others.map(({ error }) => error.message)).toEqual([])
  return verdicts
}

export async function told<S extends TestServer>(incident: Incident<S>): Promise<Told> {
  await using server = await incident.server
  const client = new HttpClient({ name: 'orders', baseUrl: server.origin, ...incident.client })
  using observed = observe(client)
  const errors: HeardError[] = []
  const hear = (error: KeepwarmError): void => void errors.push({ error, reason: reasonOf(error) })
  try {
    await incident.usual?.({ client, server, hear })
    const before = look(observed, incident.loop)
    looksAtUsual(client)
    const began = performance.now()
    using _ = subscribeEvents({ 'call:end': ({ error }) => (error === undefined ? undefined : hear(error)) })
    await incident.happens({ client, server, hear })
    // Two snapshots closer together than that say nothing of each other.
    await sleep(Math.max(0, 100 - (performance.now() - began)))
    return { verdicts: diagnose(before, look(observed, incident.loop)), errors }
  } finally {
    await client.destroy()
  }
}

function reasonOf({ diagnosis }: KeepwarmError): string | undefined {
  return diagnosis && `${diagnosis.kind} ${diagnosis.cause}`
}

/** What was until now is what errors compare with: as if ten seconds of calls had passed. */
function looksAtUsual(client: HttpClient): void {
  const { calls } = client as unknown as { readonly calls: { readonly diagnosis: ErrorDiagnosis } }
  calls.diagnosis.remember(performance.now())
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
