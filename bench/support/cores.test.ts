import { expect, test } from 'vitest'
import { coresIn, onCore } from './cores.ts'

test('the cores of a list as the kernel writes it', () => {
  expect(coresIn('0-2,5,8-9')).toEqual([0, 1, 2, 5, 8, 9])
  expect(coresIn('7')).toEqual([7])
  expect(coresIn('')).toEqual([])
})

test('a command on a core, and one that may run anywhere', () => {
  expect(onCore(3, 'node', ['a.ts'])).toEqual(['taskset', ['-c', '3', 'node', 'a.ts']])
  expect(onCore(undefined, 'node', ['a.ts'])).toEqual(['node', ['a.ts']])
})
