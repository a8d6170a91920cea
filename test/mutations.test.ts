/** Faults for `npm run mutate` must fit the source, or they prove nothing, and nobody notices until it is run. */
import { expect, test } from 'vitest'
import { mutations } from '../scripts/mutations/all.ts'
import { read } from './sources.ts'

test('every fault stands in its file exactly once', () => {
  const unfit = mutations.filter(({ find, file = 'core.ts' }) => {
    return read(`packages/keepwarm/src/pool/${file}`).split(find).length !== 2
  })
  expect(unfit.map(({ name }) => name)).toEqual([])
})
