import { expect, test } from 'vitest'
import { ManualRuntime } from '../testing/manual-runtime.ts'
import { LeakWatch } from './leak-watch.ts'

function setup(after: number): { runtime: ManualRuntime; watch: LeakWatch; found: string[] } {
  const runtime = new ManualRuntime()
  const found: string[] = []
  const watch = new LeakWatch(runtime, after, ({ subject }, ms) => found.push(`${subject} ${ms}`))
  return { runtime, watch, found }
}

const reader = (subject: string) => ({ subject, stack: undefined })

test('a reader that stalls is reported at its time, once', () => {
  const { runtime, watch, found } = setup(1_000)
  watch.stalled(reader('a'))
  runtime.advance(999)
  expect(found).toEqual([])
  runtime.advance(1)
  expect(found).toEqual(['a 1000'])
  runtime.advance(10_000)
  expect(found).toHaveLength(1)
})

test('a reader that is only slow is not', () => {
  const { runtime, watch, found } = setup(1_000)
  const slow = reader('slow')
  for (let i = 0; i < 20; i++) {
    watch.stalled(slow)
    runtime.advance(900)
    watch.moved(slow)
    runtime.advance(50)
  }
  expect(found).toEqual([])
})

test('each has its own time, and nothing keeps the process alive', () => {
  const { runtime, watch, found } = setup(1_000)
  watch.stalled(reader('a'))
  runtime.advance(400)
  watch.stalled(reader('b'))
  expect(runtime.holding).toBe(0)
  runtime.advance(600)
  expect(found).toEqual(['a 1000'])
  runtime.advance(400)
  expect(found).toEqual(['a 1000', 'b 1000'])
})

test('Infinity watches nothing', () => {
  const { runtime, watch, found } = setup(Infinity)
  watch.stalled(reader('a'))
  runtime.advance(1e9)
  expect(found).toEqual([])
})

test('those that nobody reads on are counted, reported or not, until they are read or over', () => {
  const { runtime, watch } = setup(1_000)
  const [old, young] = ['a', 'b'].map((origin) => ({ ...reader(origin), origin }))
  watch.stalled(old!)
  runtime.advance(1_000)
  watch.stalled(old!)
  watch.stalled(young!)
  expect([watch.count('a'), watch.count('b'), watch.count('c')]).toEqual([1, 1, 0])
  watch.moved(old!)
  watch.moved(young!)
  expect([watch.count('a'), watch.count('b')]).toEqual([0, 0])
})
