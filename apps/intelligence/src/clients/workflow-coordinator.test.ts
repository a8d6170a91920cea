import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startCoordinator, type Upstream } from '../upstreams/index.ts'
import { startScripted } from './scripted-server.ts'
import { WorkflowCoordinatorClient } from './workflow-coordinator.ts'
import * as errors from './workflow-coordinator/errors.ts'
import type { WorkflowNode } from './workflow-coordinator/wire.ts'

let service: Upstream
let client: WorkflowCoordinatorClient
beforeAll(async () => {
  service = await startCoordinator()
  client = new WorkflowCoordinatorClient({ baseUrl: service.url, retry: { base: 1, cap: 5 } })
})
afterAll(async () => {
  await client.close()
  await service.close()
})

const often = { interval: 5, maxInterval: 20 }

function nap(duration: number): WorkflowNode {
  return { nodeName: 'nap', nodeType: 'COMPUTE', parameters: { duration_ms: duration } }
}

async function failureOf(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => expect.unreachable('the call should fail'),
    (error: unknown) => error,
  )
}

test('a graph of nodes with UUIDs and dependencies runs to its end', async () => {
  const [first, second] = [randomUUID(), randomUUID()]
  const workflowNodes: WorkflowNode[] = [
    { ...nap(5), nodeId: first },
    { ...nap(5), nodeId: second, dependencies: [first] },
    {
      nodeName: 'both',
      nodeType: 'REDUCER',
      dependencies: [first, second],
      parameters: { operation: 'count' },
    },
  ]
  const started = await client.trigger({ workflowName: 'graph', workflowNodes, metadata: { a_key: 1 } })
  expect(started).toMatchObject({ success: true, workflowName: 'graph' })
  const ended = await client.waitForCompletion(started.workflowId, often)
  expect(ended).toMatchObject({
    status: 'COMPLETED',
    completedNodes: 3,
    failedNodes: 0,
    metadata: { a_key: 1 },
  })
  expect(ended.nodes.map(({ nodeId }) => nodeId).slice(0, 2)).toEqual([first, second])
  expect(ended.nodes[2]).toMatchObject({ output: { count: 2 } })
  expect(client.getMetrics().workflows_completed).toBe(1)
})

test('active workflows are listed, and can be cancelled once', async () => {
  const { workflowId } = await client.trigger({ workflowName: 'long', workflowNodes: [nap(60_000)] })
  const { workflows, totalCount } = await client.active()
  expect(workflows.map((one) => one.workflowId)).toContain(workflowId)
  expect(totalCount).toBe(workflows.length)
  expect(await client.cancel(workflowId)).toMatchObject({ success: true, workflowId })
  expect(await client.waitForCompletion(workflowId, often)).toMatchObject({ status: 'CANCELLED' })

  const again = await failureOf(client.cancel(workflowId))
  expect(again).toBeInstanceOf(errors.WorkflowAlreadyCompletedError)
  expect(again).toMatchObject({ status: 409, workflowId, code: 'status' })
  expect(client.getMetrics()).toMatchObject({ workflows_cancelled: 1, circuit_breaker_state: 'closed' })
})

test('an unknown workflow is not found', async () => {
  const id = randomUUID()
  for (const call of [client.status(id), client.cancel(id), client.waitForCompletion(id)]) {
    const error = await failureOf(call)
    expect(error).toBeInstanceOf(errors.WorkflowNotFoundError)
    expect(error).toMatchObject({ status: 404, workflowId: id })
  }
})

test('a workflow that cannot run is refused with its problems, before and after it left here', async () => {
  const unknown = await failureOf(
    client.trigger({ workflowName: 'x', workflowNodes: [{ ...nap(1), dependencies: [randomUUID()] }] }),
  )
  expect(unknown).toBeInstanceOf(errors.WorkflowValidationError)
  expect((unknown as errors.WorkflowValidationError).problems[0]?.message).toContain('unknown dependency')
  const empty = await failureOf(client.trigger({ workflowName: 'x', workflowNodes: [] }))
  expect(empty).toBeInstanceOf(errors.WorkflowValidationError)
  const unsendable = 7n // JSON has no such numbers
  const nodes = [{ ...nap(1), parameters: { unsendable } }]
  for (let call = 0; call < 8; call++) {
    const local = await failureOf(client.trigger({ workflowName: 'x', workflowNodes: nodes }))
    expect(local).toMatchObject({ code: 'invalid_request', sent: 'no' })
  }
  expect(client.getMetrics().circuit_breaker_state).toBe('closed')
})

test('too many workflows are a rate limit with the time to come back', async () => {
  const small = await startCoordinator({ maxActive: 1 })
  await using limited = new WorkflowCoordinatorClient({ baseUrl: small.url, retry: false })
  try {
    await limited.trigger({ workflowName: 'long', workflowNodes: [nap(60_000)] })
    const error = await failureOf(limited.trigger({ workflowName: 'next', workflowNodes: [nap(1)] }))
    expect(error).toBeInstanceOf(errors.WorkflowRateLimitError)
    expect(error).toMatchObject({ status: 429, retryAfter: 1_000 })
  } finally {
    await small.close()
  }
})

test('a lost answer to a trigger starts no second workflow', async () => {
  await using proxy = await startScripted(async ({ path, body, headers }, count) => {
    const key = { 'idempotency-key': String(headers['idempotency-key']) }
    const answer = await fetch(service.url + path, {
      method: 'POST',
      headers: key,
      body: JSON.stringify(body),
    })
    // The first answer comes from the coordinator and is lost on the way.
    return count === 1 ? { hangUp: true } : { status: answer.status, body: await answer.text() }
  })
  const before = (await client.active()).totalCount
  await using lossy = new WorkflowCoordinatorClient({ baseUrl: proxy.url, retry: { base: 1, cap: 5 } })
  const { workflowId } = await lossy.trigger({ workflowName: 'once', workflowNodes: [nap(60_000)] })
  const keys = proxy.asked.map(({ headers }) => headers['idempotency-key'])
  expect(keys).toEqual([keys[0], keys[0]])
  expect(keys[0]).toMatch(/^[0-9a-f-]{36}$/)
  expect((await client.active()).totalCount).toBe(before + 1)
  await client.cancel(workflowId)
})

test('each trigger has a key of its own, or the one it is given', async () => {
  const workflow = { workflowName: 'keyed', workflowNodes: [nap(1)] }
  const [one, two] = [await client.trigger(workflow), await client.trigger(workflow)]
  expect(one.workflowId).not.toBe(two.workflowId)
  const key = { idempotencyKey: randomUUID() }
  const [three, four] = [await client.trigger(workflow, key), await client.trigger(workflow, key)]
  expect(three.workflowId).toBe(four.workflowId)
})

test('a failed workflow rejects with how it stands, or resolves when that is wanted', async () => {
  const nodes: WorkflowNode[] = [
    { nodeName: 'call', nodeType: 'EFFECT', parameters: { url: `${service.url}/nowhere` } },
  ]
  const { workflowId } = await client.trigger({ workflowName: 'bad', workflowNodes: nodes })
  const error = await failureOf(client.waitForCompletion(workflowId, often))
  expect(error).toBeInstanceOf(errors.WorkflowFailedError)
  expect(error).toMatchObject({ workflow: { workflowId, status: 'FAILED', failedNodes: 1 } })
  const seen = await client.waitForCompletion(workflowId, { ...often, throwOnFailure: false })
  expect(seen.status).toBe('FAILED')
})

test('waiting ends in time, says how far the workflow was, and can be cancelled', async () => {
  const { workflowId } = await client.trigger({ workflowName: 'long', workflowNodes: [nap(60_000)] })
  const late = await failureOf(client.waitForCompletion(workflowId, { ...often, timeout: 60 }))
  expect(late).toBeInstanceOf(errors.WorkflowWaitTimeoutError)
  expect(late).toMatchObject({ code: 'deadline', workflow: { status: 'RUNNING' } })
  const signal = AbortSignal.timeout(40)
  expect(await failureOf(client.waitForCompletion(workflowId, { ...often, signal }))).toMatchObject({
    name: 'TimeoutError',
  })
  await client.cancel(workflowId)
})

test('a coordinator that is away for a while does not end the waiting', async () => {
  const { workflowId } = await client.trigger({ workflowName: 'short', workflowNodes: [nap(1)] })
  await client.waitForCompletion(workflowId, often)
  const body = await (await fetch(`${service.url}/api/workflows/${workflowId}/status`)).json()
  const script = (_asked: unknown, count: number) => {
    if (count === 1) return { status: 503 }
    return count === 2 ? { hangUp: true } : count === 3 ? { status: 500 } : { body }
  }
  await using server = await startScripted(script)
  await using shaky = new WorkflowCoordinatorClient({ baseUrl: server.url, retry: false })
  expect(await shaky.waitForCompletion(workflowId, often)).toMatchObject({ status: 'COMPLETED' })
  expect(server.asked).toHaveLength(4)
})

test.each<[string, unknown]>([
  ['a status that does not exist', { status: 'DONE' }],
  ['no nodes', { nodes: undefined }],
])('another contract is an error: %s', async (_what, change) => {
  const { workflowId } = await client.trigger({ workflowName: 'short', workflowNodes: [nap(1)] })
  const real = (await (await fetch(`${service.url}/api/workflows/${workflowId}/status`)).json()) as object
  await using server = await startScripted(() => ({ body: { ...real, ...(change as object) } }))
  await using scripted = new WorkflowCoordinatorClient({ baseUrl: server.url })
  const error = await failureOf(scripted.status(workflowId))
  expect(error).toBeInstanceOf(errors.WorkflowCoordinatorError)
  expect(error).toMatchObject({ code: 'validation' })
})
