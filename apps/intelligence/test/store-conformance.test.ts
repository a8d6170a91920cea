/** One suite of laws for every store. */
import { afterAll, beforeAll, beforeEach, describe } from 'vitest'
import { documentLaws } from './conformance/document-laws.ts'
import { filterLaws } from './conformance/filter-laws.ts'
import { feedLaws } from './conformance/feed-laws.ts'
import { jobLaws } from './conformance/job-laws.ts'
import { kinds, type Maker } from './conformance/makers.ts'
import { searchLaws } from './conformance/search-laws.ts'
import { unfinishedLaws } from './conformance/unfinished-laws.ts'
import { missingPostgres } from './postgres/server.ts'
import type { Store } from '../src/store/store.ts'

/** The store of this law, and what makes another on the same data. */
export interface Case {
  readonly store: Store
  readonly maker: Maker
}

for (const { name, make, skip = false } of kinds) {
  if (skip) console.warn(missingPostgres)
  describe.skipIf(skip)(`the store is ${name}`, () => {
    let maker: Maker
    let store: Store
    beforeAll(async () => {
      maker = await make()
    }, 120_000)
    beforeEach(async () => {
      store = await maker.fresh()
    })
    afterAll(() => maker?.[Symbol.asyncDispose](), 60_000)
    const current = (): Case => ({ store, maker })
    documentLaws(current)
    searchLaws(current)
    jobLaws(current)
    unfinishedLaws(current)
    feedLaws(current)
    filterLaws(current)
  })
}
