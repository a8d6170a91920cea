import { expect, test } from 'vitest'
import type { TriggerOptions } from '../clients/index.ts'
import { BatchWorkflows } from './batch-workflow.ts'

const batch = (id: string) => ({ id, name: 'a batch' })

function coordinator(): {
  keys: string[]
  trigger: (workflow: unknown, options?: TriggerOptions) => Promise<never>
} {
  const keys: string[] = []
  const trigger = async (_workflow: unknown, options?: TriggerOptions): Promise<never> => {
    keys.push(options?.idempotencyKey ?? '')
    if (options?.idempotencyKey === 'index-broken' && keys.length === 1) throw new Error('away')
    return { workflowId: `workflow of ${options?.idempotencyKey}` } as never
  }
  return { keys, trigger }
}

test('a batch is told once, and a failure is not remembered', async () => {
  const { keys, trigger } = coordinator()
  const workflows = new BatchWorkflows({ trigger })
  await expect(workflows.idOf(batch('broken'), {})).rejects.toThrow('away')
  const ids = await Promise.all([1, 2, 3].map(() => workflows.idOf(batch('broken'), {})))
  expect(new Set(ids)).toEqual(new Set(['workflow of index-broken']))
  expect(keys).toHaveLength(2)
})

test('however many batches come, no more than a thousand are remembered, the newest', async () => {
  const { keys, trigger } = coordinator()
  const workflows = new BatchWorkflows({ trigger })
  for (let at = 0; at < 1_500; at++) await workflows.idOf(batch(String(at)), {})
  await workflows.idOf(batch('500'), {})
  expect(keys).toHaveLength(1_500)
  // The same key as the first time, by which the coordinator knows it.
  await workflows.idOf(batch('499'), {})
  expect(keys.slice(1_500)).toEqual(['index-499'])
})
