import { setTimeout as pause } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { Findings } from '../../src/indexing/findings.ts'
import type { Case } from '../store-conformance.test.ts'
import { draft } from './samples.ts'

const findings: Findings = {
  vectors: [Float32Array.from([0.5, -1]), null],
  language: 'en',
  done: { embed: { vectors: 1 } },
}

export function unfinishedLaws(current: () => Case): void {
  test('what an attempt found is kept for the very same text, and for no other', async () => {
    const { unfinished } = current().store
    await unfinished.keep('a', 'hash', findings, ['entities'])
    expect(await unfinished.findings('a', 'hash')).toEqual(findings)
    expect(await unfinished.findings('a', 'other')).toBeUndefined()
    // Not degraded: its job is not over.
    expect(await unfinished.get('a')).toBeUndefined()
    expect(await unfinished.count()).toEqual({ documents: 0, byStage: {} })
    await unfinished.forget('a')
    expect(await unfinished.findings('a', 'hash')).toBeUndefined()
  })

  test('degraded documents are listed and counted by what they lack', async () => {
    const { unfinished } = current().store
    await unfinished.degrade(draft('a'), 'hash', findings, ['entities', 'semantic'], null)
    await pause(3)
    await unfinished.degrade(draft('b'), 'hash', findings, ['entities'], 60_000)
    expect(await unfinished.count()).toEqual({ documents: 2, byStage: { entities: 2, semantic: 1 } })
    const [a, b] = await unfinished.list({ limit: 10, offset: 0 })
    expect(a).toEqual({ documentId: 'a', failedStages: ['entities', 'semantic'], repairs: 0, repairAt: null })
    expect(b?.repairAt).toBeGreaterThan(Date.now())
    expect(await unfinished.due(10)).toEqual([])
    const wait = (await unfinished.nextIn()) ?? 0
    expect(wait).toBeGreaterThan(30_000)
    expect(wait).toBeLessThanOrEqual(60_000)
  })

  test('a repair is a new run of a job that is over, begun once, and counted as long as the text is the same', async () => {
    const { store } = current()
    const { unfinished, jobs } = store
    await jobs.enqueue([draft('a')])
    await unfinished.degrade(draft('a'), 'hash', findings, ['entities'], 1)
    await pause(10)
    expect(await unfinished.due(10)).toEqual(['a'])
    const [job] = await jobs.claim(1, 60_000)
    // Its own job is not over.
    expect(await unfinished.repair('a')).toBe(false)
    if (job !== undefined) await jobs.complete(job)
    const begun = await Promise.all([unfinished.repair('a'), unfinished.repair('a'), unfinished.repair('a')])
    expect(begun.filter(Boolean)).toHaveLength(1)
    const [again] = await jobs.claim(5, 60_000)
    expect(again === undefined ? undefined : await jobs.payload(again)).toEqual(draft('a'))
    expect(await unfinished.repairs('a')).toBeGreaterThan(0)
    const before = await unfinished.repairs('a')
    await unfinished.degrade(draft('a'), 'hash', findings, ['entities'], null)
    expect(await unfinished.repairs('a')).toBe(before)
    await unfinished.degrade(draft('a'), 'other', findings, ['entities'], null)
    expect(await unfinished.repairs('a')).toBe(0)
    expect(await unfinished.repair('nobody')).toBe(false)
  })
}
