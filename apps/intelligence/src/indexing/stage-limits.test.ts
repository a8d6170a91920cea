import { setTimeout as pause } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { stageLimits, stageLimitsFor, StageGates, StageTimeoutError } from './stage-limits.ts'

const never = new AbortController().signal
const limits = (embed: { concurrency: number; timeout: number }) => ({ ...stageLimits, embed })

test('a stage takes as many as it may, and another stage does not wait for it', async () => {
  const gates = new StageGates(limits({ concurrency: 2, timeout: 60_000 }))
  const release = Promise.withResolvers<void>()
  let inside = 0
  const all = Array.from({ length: 5 }, () =>
    gates.pass('embed', never, async () => {
      inside++
      await release.promise
    }),
  )
  await pause(10)
  expect(inside).toBe(2)
  expect(await gates.pass('semantic', never, async () => 'past')).toBe('past')
  release.resolve()
  await Promise.all(all)
  expect(inside).toBe(5)
})

test('work that is not done in time is told so, and its place is free again', async () => {
  const gates = new StageGates(limits({ concurrency: 1, timeout: 20 }))
  const hang = (signal: AbortSignal): Promise<void> => pause(60_000, undefined, { signal })
  await expect(gates.pass('embed', never, hang)).rejects.toBeInstanceOf(StageTimeoutError)
  expect(await gates.pass('embed', never, async () => 'next')).toBe('next')
})

test('whoever stops waits no longer, inside and in line', async () => {
  const gates = new StageGates(limits({ concurrency: 1, timeout: 60_000 }))
  const stop = new AbortController()
  const hang = (signal: AbortSignal): Promise<void> => pause(60_000, undefined, { signal })
  const both = [gates.pass('embed', stop.signal, hang), gates.pass('embed', stop.signal, hang)]
  stop.abort(new Error('stopping'))
  const ended = await Promise.allSettled(both)
  expect(ended.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  expect(await gates.pass('embed', never, async () => 'next')).toBe('next')
})

test('as many documents as are indexed at once may wait for an upstream', () => {
  const many = stageLimitsFor(40)
  const concurrencies = Object.entries(many).map(([stage, { concurrency }]) => `${stage} ${concurrency}`)
  expect(concurrencies).toEqual([
    ...['workflow 40', 'chunk 8', 'embed 40', 'entities 40', 'semantic 40', 'freshness 40', 'deliver 8'],
  ])
  expect(many.embed.timeout).toBe(stageLimits.embed.timeout)
  expect(stageLimitsFor(1)).toEqual(stageLimits)
})
