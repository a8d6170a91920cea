import { expect, test } from 'vitest'
import { Answering } from './answering.ts'

/** An upstream that is well or not, and how often it was asked. */
function upstream(well: boolean) {
  const one = {
    well,
    asked: 0,
    canary: async (): Promise<void> => {
      one.asked++
      await Promise.resolve()
      if (!one.well) throw new Error('down')
    },
  }
  return one
}

test('an answer to another document since the attempt began is enough', async () => {
  const { canary } = upstream(false)
  const answering = new Answering({ embed: canary })
  answering.answered('embed', 100)
  answering.answered('deliver', 1_000)
  expect(await answering.answersOthers('embed', 100, () => 200)).toBe(true)
  expect(await answering.answersOthers('embed', 101, () => 200)).toBe(false)
})

test('where no document can tell the canary does, once for all that ask at one moment', async () => {
  const one = upstream(false)
  const answering = new Answering({ embed: one.canary })
  const ask = (): Promise<boolean> => answering.answersOthers('embed', 500, () => 600)
  expect(await Promise.all([ask(), ask(), ask()])).toEqual([false, false, false])
  expect(one.asked).toBe(1)
  one.well = true
  expect(await ask()).toBe(true)
  expect(one.asked).toBe(2)
})

test('a document that is begun on the word of a canary, and after which all is down, is the cause', async () => {
  const one = upstream(true)
  const answering = new Answering({ embed: one.canary })
  expect(await answering.ask('embed', () => 10_000)).toBe(true)
  one.well = false
  expect(await answering.answersOthers('embed', 10_010, () => 12_000)).toBe(true)
  expect(await answering.answersOthers('embed', 15_001, () => 16_000)).toBe(false)
})

test('a canary that throws before it asks is no answer, and a stage without an upstream is its own witness', async () => {
  let isClosed = true
  const answering = new Answering({
    embed: () => {
      if (isClosed) throw new Error('closed')
      return Promise.resolve()
    },
  })
  expect(await answering.ask('embed', () => 0)).toBe(false)
  isClosed = false
  expect(await answering.ask('embed', () => 0)).toBe(true)
  expect(await answering.answersOthers('chunk', 0, () => 0)).toBe(true)
})
