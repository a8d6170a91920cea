/** What the tests of the service share: a running one, requests to it, and patience. */
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { onTestFinished } from 'vitest'
import type { Service, ServiceOptions } from '../src/app.ts'
import type { Environment } from '../src/config/settings.ts'
import { ask, begin, textOf, type Answer } from './app-begin.ts'
import type { Json } from './upstreams-support.ts'

export * from './app-begin.ts'

/** A service that ends with the test. */
export async function service(
  env: Environment = {},
  options: Omit<ServiceOptions, 'settings'> = {},
): Promise<Service> {
  const started = await begin(env, options)
  onTestFinished(() => started.close({ timeout: 1_000 }))
  return started
}

/** Asks again until the answer is as wanted; gives the last one after ten seconds. */
export async function until<Answer>(
  look: () => Answer | Promise<Answer>,
  wanted: (answer: Answer) => boolean,
): Promise<Answer> {
  const end = Date.now() + 10_000
  for (;;) {
    const answer = await look()
    if (wanted(answer) || Date.now() > end) return answer
    await pause(20)
  }
}

/** The document's status once its job is in one of these states. */
export async function settled(
  running: { readonly url: string },
  id: string,
  states: readonly string[] = ['succeeded', 'dead'],
): Promise<Json> {
  const look = (): Promise<Answer> => ask(running, 'GET', `/documents/${encodeURIComponent(id)}/status`)
  return (await until(look, ({ body }) => states.includes(textOf(body['state'])))).body
}

export function stage(status: Json, name: string): Json | undefined {
  return (status['steps'] as unknown as Json[]).find((step) => textOf(step['stage']) === name)
}

export function tempFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'keepwarm-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** A port that nobody listens on, for an upstream that is down now and comes up later. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}
