/** `kill -9` at any moment, a hundred times and more: nothing that was promised is lost, and nothing is stored twice. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openDatabase } from '../src/store/database.ts'
import { ask, until } from './app-support.ts'
import { allowed, faultsIn, storedContents, watchStorings, type Sent } from './kill/ledger.ts'
import { beginLife, kill, type Life } from './kill/life.ts'
import { startAll } from './kill/upstreams.ts'
import { seededRandom } from './kill/seeded-random.ts'

const LANES = 3
const KILLS = 34
/** Milliseconds that a life has at most, after it can be asked. */
const LONGEST = 90
const IDS = 12

/** Compiled sources: whoever is killed writes none, so one life beforehand ends well. */
let cache = ''

beforeAll(async () => {
  cache = mkdtempSync(join(tmpdir(), 'keepwarm-kill-'))
  await using upstream = await startAll(() => 0)
  const first = beginLife(cache, upstream.url, cache)
  await first.url
  first.child.kill('SIGTERM')
  expect(await first.ended).toBe(0)
}, 60_000)
afterAll(() => rmSync(cache, { recursive: true, force: true }))

const seed = Number(process.env['KILL_SEED'] ?? Math.floor(Math.random() * 2 ** 31))

test.concurrent.for(Array.from({ length: LANES }, (_, lane) => lane))(
  `killed ${KILLS} times in lane %i, it has in the end what it promised, stored once`,
  { timeout: 400_000 },
  async (lane, { onTestFinished }) => {
    const random = seededRandom(seed + lane)
    const folder = mkdtempSync(join(tmpdir(), 'keepwarm-kill-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    const file = join(folder, 'intelligence.db')
    openDatabase(file).close()
    watchStorings(file)
    await using upstream = await startAll(() => random() * 8)
    const sent: Sent[] = []
    let during = 0
    for (let life = 0; life < KILLS; life++) {
      const running = beginLife(folder, upstream.url, cache)
      onTestFinished(() => kill(running))
      during += await liveAndDie(running, sent, random, life)
      expect({ seed, lane, life, ...faultsIn(file) }).toMatchObject({ twice: [], torn: [], integrity: [] })
    }
    // Most lives were long enough to be asked for something.
    expect(during).toBeGreaterThan(KILLS / 2)
    const last = beginLife(folder, upstream.url, cache)
    onTestFinished(() => kill(last))
    await finish((await last.url)!)
    last.child.kill('SIGTERM')
    expect(await last.ended).toBe(0)
    expect({ seed, lane, ...faultsIn(file) }).toMatchObject({ twice: [], torn: [], integrity: [] })
    const found = storedContents(file)
    const wrong = [...allowed(sent)].filter(([id, states]) => !states.has(found.get(id) ?? null))
    expect({ seed, lane, wrong }).toEqual({ seed, lane, wrong: [] })
    expect([...found.keys()].filter((id) => !sent.some((one) => one.id === id))).toEqual([])
  },
)

/** Asks for things until it is killed, at a moment that the seed chooses. @returns whether it could be asked at all */
async function liveAndDie(life: Life, sent: Sent[], random: () => number, number: number): Promise<number> {
  // Some die while they start, and take up what the one before left.
  if (random() < 0.08) {
    await pause(random() * 300)
    await kill(life)
    return 0
  }
  const url = await life.url
  if (url === undefined) return 0
  const asking = new AbortController()
  const asked = askOn(url, sent, random, number, asking.signal)
  await pause(random() * LONGEST)
  await kill(life)
  asking.abort()
  await asked
  return 1
}

/** New texts for a few ids, one after another, and now and then a removal. */
async function askOn(
  url: string,
  sent: Sent[],
  random: () => number,
  life: number,
  signal: AbortSignal,
): Promise<void> {
  for (let count = 0; !signal.aborted && count < 20; count++) {
    const id = `doc-${Math.floor(random() * IDS)}`
    const removes = random() < 0.15
    const one: Sent = { id, content: removes ? null : `text ${life}-${count} of ${id}`, promised: false }
    sent.push(one)
    try {
      const { status } = removes
        ? await ask({ url }, 'DELETE', `/documents/${id}`)
        : await ask({ url }, 'POST', '/documents', { id, content: one.content })
      one.promised = status === 202 || status === 204 || status === 404
    } catch {
      return // it died, and nobody knows how far it came
    }
  }
}

/** Lets everything come to its end. What was killed too often is dead with its reason, and gets another chance. */
async function finish(url: string): Promise<void> {
  const counts = async (): Promise<Record<string, number>> => {
    const { body } = await ask({ url }, 'GET', '/documents')
    return body['counts'] as unknown as Record<string, number>
  }
  const settled = ({ pending, running, failed }: Record<string, number>): boolean =>
    pending === 0 && running === 0 && failed === 0
  await until(counts, settled)
  await ask({ url }, 'POST', '/dead-letters/redrive', {})
  expect(await until(counts, settled)).toMatchObject({ pending: 0, running: 0, failed: 0, dead: 0 })
}
