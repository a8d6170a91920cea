/** The laws of the chaos can be broken, each by what it forbids; and gates do what their faults say. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { breachesIn, type Books } from './chaos/books.ts'
import { Gate, type Fault } from './chaos/gate.ts'
import { breachesOf } from './chaos/laws.ts'
import type { Look } from './chaos/look.ts'
import type { Seen } from './chaos/phase.ts'
import type { SearchOutcome } from './chaos/traffic.ts'

const search: SearchOutcome = { answered: true, found: true, warnings: [], took: 1 }
const byWords = {
  ...search,
  warnings: ['only words were looked for: entity-extractor could not embed the query'],
}

function lookWith(calls: number, attempts: number, rest: Partial<Look> = {}): Look {
  const client = { calls, attempts, refused: 0, breaker: 'closed' }
  const facts = { at: 0, status: 'degraded', degraded: ['ollama'], ready: true, reasons: [], verdicts: [] }
  return { ...facts, clients: { 'entity-extractor': client }, documents: {}, ...rest }
}

/** A phase in which all went as it should. */
const good: Seen = {
  plan: { upstreams: ['ollama'], fault: 'dead', lasts: 1_000 },
  before: lookWith(100, 100),
  looks: [lookWith(150, 170)],
  searches: [byWords, byWords, byWords, byWords],
  searchesAfter: [search],
  namedAfter: 500,
  wronged: [],
  wellAfter: 1_000,
  caughtUpAfter: 2_000,
  arrived: 0,
  embedder: 20,
}

const broken = (change: Partial<Seen>): string[] => breachesOf({ ...good, ...change }).map(({ law }) => law)

test('a phase in which all went well breaks nothing, and each thing that must not be breaks its law', () => {
  expect(broken({})).toEqual([])
  const cases: [string, Partial<Seen>][] = [
    ['answers', { searchesAfter: [{ ...search, answered: false }] }],
    ['answers', { searchesAfter: [{ ...search, found: false }] }],
    ['says', { searches: [byWords, search, search, search] }],
    [
      'says',
      { searches: [{ ...search, warnings: ['only words were looked for'] }, byWords, byWords, byWords] },
    ],
    ['says', { plan: { ...good.plan, upstreams: ['bridge'] } }],
    ['ready', { looks: [lookWith(150, 170, { ready: false })] }],
    ['ready', { looks: [lookWith(150, 170, { degraded: [] })] }],
    ['ready', { looks: [lookWith(150, 170, { degraded: ['ollama', 'bridge'] })] }],
    ['named', { namedAfter: undefined }],
    ['calm', { looks: [lookWith(150, 201)] }],
    ['recovers', { wellAfter: undefined }],
    ['recovers', { caughtUpAfter: undefined }],
  ]
  for (const [law, change] of cases) expect(broken(change)).toContain(law)
  const blocked = lookWith(150, 170, { verdicts: [{ kind: 'loop_blocked' } as Look['verdicts'][number]] })
  const slow = { plan: { ...good.plan, fault: 'slow' }, namedAfter: undefined } as const
  expect(broken(slow)).toEqual(['named'])
  expect(broken({ ...slow, looks: [blocked] })).toEqual([])
  expect(broken({ namedAfter: undefined, looks: [blocked] })).toEqual(['named'])
  const wrong = { kind: 'failing', client: 'freshness', text: 'x' } as unknown as Seen['wronged'][number]
  expect(broken({ wronged: [wrong] })).toEqual(['spares'])
})

test('documents that are not there, were given up, or were stored again break theirs', () => {
  const books: Books = {
    promised: 3,
    lost: [],
    dead: [],
    twice: [],
    repairs: 1,
    attempts: { mean: 1, most: 2 },
  }
  expect(breachesIn(books)).toEqual([])
  expect(breachesIn({ ...books, lost: ['a'] })).toMatchObject([{ law: 'kept' }])
  expect(breachesIn({ ...books, dead: [{ id: 'a', reason: 'x' }] })).toMatchObject([{ law: 'kept' }])
  expect(breachesIn({ ...books, twice: ['a'] })).toMatchObject([{ law: 'once' }])
})

async function gateBefore(answer: string, random: () => number): Promise<Gate> {
  const server = createServer((_, response) => void response.end(answer))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const gate = await Gate.open(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, random)
  onTestFinished(async () => {
    await gate[Symbol.asyncDispose]()
    server.closeAllConnections()
    server.close()
  })
  return gate
}

test('a gate does what its fault says, and nothing once it is over', async () => {
  let chance = 0
  const gate = await gateBefore('well', () => chance)
  const ask = async (): Promise<string> => {
    const answer = await fetch(gate.url, { method: 'POST', body: 'x', signal: AbortSignal.timeout(1_000) })
    return `${answer.status} ${answer.headers.get('retry-after')} ${await answer.text()}`
  }
  const told = async (fault: Fault | undefined): Promise<string> => {
    await gate.turn(fault)
    return ask().catch((error: unknown) => (error instanceof Error ? error.name : 'none'))
  }
  expect(await told(undefined)).toBe('200 null well')
  expect(await told('overloaded')).toBe('429 null {"error":"busy"}')
  expect(await told('asks_to_wait')).toBe('429 1 {"error":"busy"}')
  expect(await told('dead')).toBe('TypeError')
  expect(await told('hung')).toBe('TimeoutError')
  expect(await told('slow')).toBe('TimeoutError')
  const spoilt: string[] = []
  for (chance of [0, 0.25, 0.49, 0.9]) spoilt.push(await told('flaky'))
  expect(spoilt).toEqual([
    'TypeError',
    '500 null {"error":"a fault"}',
    '500 null {"error":"a fault"}',
    '200 null well',
  ])
  expect(await told(undefined)).toBe('200 null well')
  expect(gate.requests).toBe(10)
})
