import fc from 'fast-check'
import { expect, test } from 'vitest'
import { embedTexts, type EmbedBatch } from './embedding.ts'
import { EntityExtractorError, OllamaUnavailableError } from './errors.ts'

const plan = { batchSize: 16, concurrency: 3 }

function refusal(status: number): EntityExtractorError {
  return new EntityExtractorError('test', `answered ${status}`, { code: 'status', status })
}

/** Fails for a batch with a poisoned text; a vector holds the text's number. */
function server(poison: ReadonlySet<number>, status = 400): { embed: EmbedBatch; batches: number[] } {
  const batches: number[] = []
  const embed: EmbedBatch = async (texts) => {
    batches.push(texts.length)
    const numbers = texts.map(Number)
    if (numbers.some((number) => poison.has(number))) throw refusal(status)
    return numbers.map((number) => Float32Array.of(number))
  }
  return { embed, batches }
}

function numbers(count: number): string[] {
  return Array.from({ length: count }, (_, index) => String(index))
}

function batchesOf(texts: readonly string[], size: number): string[][] {
  return Array.from({ length: Math.ceil(texts.length / size) }, (_, at) =>
    texts.slice(at * size, (at + 1) * size),
  )
}

function isAllPoison(batch: readonly string[], poison: ReadonlySet<number>): boolean {
  return batch.length > 1 && batch.every((text) => poison.has(Number(text)))
}

test('no texts are no request', async () => {
  const { embed, batches } = server(new Set())
  expect(await embedTexts([], plan, embed)).toEqual([])
  expect(batches).toEqual([])
})

test('whatever is poisoned, exactly that fails and everything else has its own vector', async () => {
  const property = fc.asyncProperty(
    fc.integer({ min: 1, max: 70 }),
    fc.uniqueArray(fc.nat(69), { maxLength: 6 }),
    fc.integer({ min: 7, max: 20 }),
    async (count, poisoned, batchSize) => {
      const poison = new Set(poisoned)
      // A batch that is refused text by text ends the work, that of others under way too.
      fc.pre(!batchesOf(numbers(count), batchSize).some((batch) => isAllPoison(batch, poison)))
      const outcomes = await embedTexts(numbers(count), { batchSize, concurrency: 3 }, server(poison).embed)
      expect(outcomes.map(({ index }) => index)).toEqual(numbers(count).map(Number))
      for (const outcome of outcomes) {
        if ('vector' in outcome) expect(outcome.vector).toEqual(Float32Array.of(outcome.index))
        else expect(poison.has(outcome.index)).toBe(true)
      }
      expect(outcomes.filter((outcome) => 'error' in outcome)).toHaveLength(
        poisoned.filter((index) => index < count).length,
      )
    },
  )
  await fc.assert(property)
})

test('one poisoned text of sixteen costs eight more requests, patient only for the whole and the single', async () => {
  const patience: [number, boolean][] = []
  const { embed } = server(new Set([5]), 500)
  const outcomes = await embedTexts(numbers(16), plan, (texts, patient, signal) => {
    patience.push([texts.length, patient])
    return embed(texts, patient, signal)
  })
  expect(outcomes.filter((outcome) => 'error' in outcome)).toMatchObject([
    { index: 5, error: { status: 500 } },
  ])
  expect(patience).toHaveLength(9)
  for (const [size, patient] of patience) expect(patient).toBe(size === 16 || size === 1)
})

test('a service that is away is not asked again for the rest', async () => {
  let calls = 0
  const away = new OllamaUnavailableError('test', 'could not connect', { code: 'connect' })
  const outcomes = await embedTexts(numbers(100), { batchSize: 10, concurrency: 1 }, async () => {
    calls++
    throw away
  })
  expect(calls).toBe(1)
  expect(outcomes).toHaveLength(100)
  for (const outcome of outcomes) expect(outcome).toMatchObject({ error: away })
})

test('a service that refuses every text alone is not asked for the next batch', async () => {
  const { embed, batches } = server(new Set(numbers(100).map(Number)), 500)
  const outcomes = await embedTexts(numbers(100), { batchSize: 4, concurrency: 1 }, embed)
  expect(batches).toEqual([4, 2, 1, 1, 2, 1, 1])
  expect(outcomes.every((outcome) => 'error' in outcome)).toBe(true)
})

test('being cancelled rejects, and a mistake of ours is not taken for a bad text', async () => {
  const signal = AbortSignal.abort(new Error('enough'))
  await expect(embedTexts(['1'], { ...plan, signal }, server(new Set()).embed)).rejects.toThrow('enough')
  const broken: EmbedBatch = () => Promise.reject(new TypeError('a bug'))
  await expect(embedTexts(['1', '2'], plan, broken)).rejects.toThrow('a bug')
})

test('no more batches are under way than asked for', async () => {
  let running = 0
  let most = 0
  await embedTexts(numbers(40), { batchSize: 2, concurrency: 3 }, async (texts) => {
    most = Math.max(most, ++running)
    await new Promise((resolve) => setImmediate(resolve))
    running--
    return texts.map(() => Float32Array.of(1))
  })
  expect(most).toBe(3)
})
