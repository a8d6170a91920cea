import { expect, test } from 'vitest'
import type { WireSlice } from '../wire.ts'
import { Columns } from './columns.ts'

function slice(from: number, values: (number | null)[], name = 'ok'): WireSlice {
  return { version: 1, client: 'a', from, seconds: values.length, series: { [name]: values } }
}

test('what came is there by its second; what never came, and null, is unknown', () => {
  const columns = new Columns(10)
  columns.append(slice(100, [1, null, 3]))
  expect([99, 100, 101, 102, 103].map((second) => columns.at('ok', second))).toEqual([NaN, 1, NaN, 3, NaN])
  expect(columns.at('waiting', 100)).toBeNaN()
})

test('a gap between two slices stays unknown, also where an older round of the ring had values', () => {
  const columns = new Columns(10)
  columns.append(slice(100, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]))
  columns.append(slice(113, [13]))
  const seconds = [104, 109, 110, 111, 112, 113]
  expect(seconds.map((second) => columns.at('ok', second))).toEqual([5, 10, NaN, NaN, NaN, 13])
  expect(columns.at('ok', 103)).toBeNaN() // older than the ring is long
})

test('a slice longer than the ring leaves its newest seconds, and one that comes twice changes nothing', () => {
  const columns = new Columns(3)
  const long = slice(100, [1, 2, 3, 4, 5])
  columns.append(long)
  columns.append(long)
  expect([101, 102, 103, 104].map((second) => columns.at('ok', second))).toEqual([NaN, 3, 4, 5])
  expect(columns.newest).toBe(104)
})

test('seconds that arrive late fill their place and do not move the end', () => {
  const columns = new Columns(10)
  columns.append(slice(105, [5]))
  columns.append(slice(103, [3, 4]))
  expect([103, 104, 105].map((second) => columns.at('ok', second))).toEqual([3, 4, 5])
  expect(columns.newest).toBe(105)
})

test('a clock that was set back begins a new history', () => {
  const columns = new Columns(10)
  columns.append(slice(5_000, [1, 2, 3]))
  columns.append(slice(4_000, [7]))
  expect(columns.newest).toBe(4_000)
  expect([3_999, 4_000, 5_000].map((second) => columns.at('ok', second))).toEqual([NaN, 7, NaN])
})

test('several seconds are their mean for rates, their highest for what hurts, and nothing where none is known', () => {
  const columns = new Columns(10)
  columns.append(slice(100, [2, 4, null, 6]))
  columns.append(slice(100, [2, 40, null, 6], 'waiting'))
  expect(columns.merged('ok', 100, 4, 1)).toEqual([4])
  expect(columns.merged('waiting', 100, 4, 1)).toEqual([40])
  expect(columns.merged('ok', 101, 1, 4)).toEqual([4, null, 6, null])
  expect(columns.merged('ok', 96, 2, 5)).toEqual([null, null, 3, 6, null])
})

test('gauges of the snapshot complete what the history does not know, and overwrite nothing', () => {
  const columns = new Columns(10)
  columns.append(slice(100, [7], 'inUse'))
  columns.complete({ inUse: 1, idle: 2 })
  expect([columns.at('inUse', 100), columns.at('idle', 100)]).toEqual([7, 2])
})

test('a slice that makes no sense is dropped', () => {
  const columns = new Columns(10)
  columns.append(slice(100, []))
  columns.append({ ...slice(100, [1]), from: NaN })
  expect(columns.newest).toBe(0)
})
