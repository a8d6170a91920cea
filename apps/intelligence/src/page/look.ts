/** Asks the service for what is shown, and asks again when that may have changed. */
import { ask, Refusal, textOf } from './ask.ts'
import { described } from './state/work.ts'
import { announce, counts, dead, entities, health, latest, statuses, work } from './store.ts'
import type { Counts, DeadJob, Health, KnownEntity, Status, Summary } from './wire.ts'

/** Documents that are listed before anybody searched. */
const LISTED = 10
/** Entities that are known by name. */
const KNOWN = 100
/** Statuses that are kept. */
const KEPT = 500
/** Several things that happen at once ask once. */
const GATHER = 400

let soon: ReturnType<typeof setTimeout> | undefined

/** Asks for everything anew, in a moment. */
export function lookSoon(): void {
  soon ??= setTimeout(() => {
    soon = undefined
    void lookAgain()
  }, GATHER)
}

/** A part that cannot be had leaves what was there; what is wrong, the link and the health tell. */
export async function lookAgain(): Promise<void> {
  await Promise.all([readLatest(), readDead(), readEntities(), readHealth()].map(quietly))
}

async function readLatest(): Promise<void> {
  const answer = await ask<{ documents: Summary[]; counts: Counts }>('GET', `documents?limit=${LISTED}`)
  latest.value = answer.documents
  counts.value = answer.counts
  await Promise.all(answer.documents.map(({ id }) => statusOf(id)))
}

async function readDead(): Promise<void> {
  dead.value = (await ask<{ documents: DeadJob[] }>('GET', 'documents?state=dead&limit=50')).documents
}

async function readEntities(): Promise<void> {
  entities.value = (await ask<{ entities: KnownEntity[] }>('GET', `entities?name=&limit=${KNOWN}`)).entities
}

/** An unhealthy service answers 503, and says all the same how it is. */
export async function readHealth(): Promise<void> {
  health.value = await ask<Health>('GET', 'health')
}

async function quietly(asked: Promise<void>): Promise<void> {
  await asked.catch((error: unknown) => {
    if (!(error instanceof Refusal)) throw error
  })
}

/** From memory where it is known; undefined when there is no such document any more. */
export async function statusOf(id: string): Promise<Status | undefined> {
  return statuses.value.get(id) ?? (await readStatus(id))
}

/** As the service says it now, for everything that shows the document. */
export async function readStatus(id: string): Promise<Status | undefined> {
  const status = await ask<Status>('GET', `documents/${encodeURIComponent(id)}/status`).catch(() => undefined)
  if (status === undefined) return undefined
  const known = new Map(statuses.value).set(id, status)
  const [oldest] = known.keys()
  if (known.size > KEPT && oldest !== undefined) known.delete(oldest)
  statuses.value = known
  work.value = described(work.value, status)
  return status
}

export function forgetStatus(id: string): void {
  const known = new Map(statuses.value)
  if (known.delete(id)) statuses.value = known
}

/** Does something to documents, and says what came of it. */
async function act(doing: () => Promise<unknown>, done: string): Promise<void> {
  try {
    await doing()
    announce(done)
    lookSoon()
  } catch (error) {
    announce(`It was not done: ${textOf(error)}`)
  }
}

export const retry = (id: string): Promise<void> =>
  act(async () => {
    await ask('POST', `documents/${encodeURIComponent(id)}/retry`, {})
    await readStatus(id)
  }, 'It is tried again.')

export const redrive = (): Promise<void> =>
  act(() => ask('POST', 'dead-letters/redrive', {}), 'All that was given up is tried again.')

export const remove = (id: string): Promise<void> =>
  act(() => ask('DELETE', `documents/${encodeURIComponent(id)}`), 'The document is removed.')
