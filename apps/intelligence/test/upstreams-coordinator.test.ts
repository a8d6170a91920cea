import { randomUUID } from 'node:crypto'
import { createServer, type RequestListener } from 'node:http'
import { once } from 'node:events'
import { describe, expect, onTestFinished, test } from 'vitest'
import { startCoordinator, type Upstream } from '../src/upstreams/index.ts'
import { get, post, running, until, type Answer, type Json } from './upstreams-support.ts'

type Node = Record<string, unknown>

const compute = (name: string, duration_ms = 0, more: Node = {}): Node => ({
  node_name: name,
  node_type: 'COMPUTE',
  parameters: { duration_ms },
  ...more,
})

async function trigger(
  upstream: Upstream,
  workflow_nodes: Node[],
  more: Node = {},
  headers: Record<string, string> = {},
): Promise<Answer> {
  return post(upstream, '/api/workflows/trigger', { workflow_name: 'demo', workflow_nodes, ...more }, headers)
}

const statusOf = async (upstream: Upstream, id: unknown): Promise<Json> =>
  (await get(upstream, `/api/workflows/${id}/status`)).body

/** Triggers a workflow and waits for its end. */
async function runToEnd(upstream: Upstream, nodes: Node[], more: Node = {}): Promise<Json> {
  const { status, body } = await trigger(upstream, nodes, more)
  expect([status, body]).toEqual([200, body])
  const over = (seen: Json): boolean => !['PENDING', 'RUNNING'].includes(String(seen['status']))
  return until(() => statusOf(upstream, body['workflow_id']), over)
}

const nodesOf = (workflow: Json): Json[] => Object.values(workflow['nodes']!)
const nodeNamed = (workflow: Json, name: string): Json =>
  nodesOf(workflow).find((node) => String(node['node_name']) === name)!

/** A service on loopback that EFFECT nodes call. */
async function service(answer: RequestListener): Promise<string> {
  const server = createServer(answer).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  return `http://127.0.0.1:${(server.address() as { port: number }).port}/`
}

/** A service that notes the paths it is called with. */
async function noting(): Promise<{ url: string; calls: string[] }> {
  const calls: string[] = []
  const url = await service((request, response) => {
    calls.push(request.url!.slice(1))
    response.end('{}')
  })
  return { url, calls }
}

const effect = (name: string, url: string, more: Node = {}): Node => ({
  node_name: name,
  node_type: 'EFFECT',
  parameters: { url: url + name },
  ...more,
})

describe('trigger and status', () => {
  test('answers at once, runs, and reports every field', async () => {
    const coordinator = await running(startCoordinator())
    const { status, body } = await trigger(coordinator, [compute('think', 5)], { metadata: { from: 'test' } })
    expect(status).toBe(200)
    expect(body).toEqual({
      success: true,
      workflow_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      workflow_name: 'demo',
      status: 'PENDING',
      message: 'accepted with 1 node',
      created_at: expect.stringMatching(/Z$/),
    })
    const done = await until(
      () => statusOf(coordinator, body['workflow_id']),
      (seen) => String(seen['status']) === 'COMPLETED',
    )
    expect(done).toMatchObject({
      workflow_id: body['workflow_id'],
      coordination_strategy: 'DAG',
      created_at: body['created_at'],
      started_at: expect.any(String),
      completed_at: expect.any(String),
      total_nodes: 1,
      completed_nodes: 1,
      failed_nodes: 0,
      progress_percentage: 100,
      error_message: null,
      failed_node_id: null,
      metadata: { from: 'test' },
    })
    expect(done['duration_seconds']).toBeGreaterThan(0)
    expect(nodesOf(done)[0]).toMatchObject({
      node_type: 'COMPUTE',
      status: 'COMPLETED',
      retry_count: 0,
      error_message: null,
    })
    expect(nodesOf(done)[0]!['output']!['duration_ms']).toBeGreaterThan(4)
  })

  test('an unknown workflow is a 404 in the contract’s shape', async () => {
    const coordinator = await running(startCoordinator())
    const id = randomUUID()
    const body = { workflow_id: id, message: `no workflow ${id}: unknown, or finished long ago` }
    expect(await get(coordinator, `/api/workflows/${id}/status`)).toMatchObject({ status: 404, body })
    expect(await post(coordinator, `/api/workflows/${id}/cancel`)).toMatchObject({ status: 404, body })
  })

  test.each<[string, Node[], string]>([
    ['no nodes', [], 'a workflow needs at least one node'],
    ['an unknown type', [{ node_name: 'a', node_type: 'MAGIC' }], 'node_type'],
    ['a node without a name', [{ node_type: 'COMPUTE' }], 'node_name'],
    ['an id that is none', [compute('a', 0, { node_id: 'one' })], 'node_id'],
    ['a negative priority', [compute('a', 0, { priority: -1 })], 'priority'],
    ['no time', [compute('a', 0, { timeout_seconds: 0 })], 'timeout_seconds'],
    ['parameters that do not fit', [compute('a', -1)], 'duration_ms'],
    [
      'a call beyond loopback',
      [{ node_name: 'a', node_type: 'EFFECT', parameters: { url: 'http://example.com/' } }],
      'must be an http:// URL on localhost',
    ],
    ['an unknown dependency', [compute('a', 0, { dependencies: [randomUUID()] })], 'unknown dependency'],
  ])('%s is a 422 that says where', async (_what, nodes, reason) => {
    const coordinator = await running(startCoordinator())
    const { status, body } = await trigger(coordinator, nodes)
    expect(status).toBe(422)
    const [problem] = Object.values(body['detail']!)
    expect(`${Object.values(problem!['loc']!).join('.')}: ${String(problem!['msg'])}`).toContain(reason)
    expect((await get(coordinator, '/api/workflows/active')).body['total_count']).toBe(0)
  })

  test('a cycle is a 422 that names it', async () => {
    const coordinator = await running(startCoordinator())
    const [a, b] = [randomUUID(), randomUUID()]
    const { status, body } = await trigger(coordinator, [
      compute('a', 0, { node_id: a, dependencies: [b] }),
      compute('b', 0, { node_id: b, dependencies: [a] }),
    ])
    expect(status).toBe(422)
    expect(body['detail']![0]!['msg']).toBe(`the dependencies form a cycle: ${a} -> ${b} -> ${a}`)
  })
})

describe('Idempotency-Key', () => {
  test('the same key starts one workflow, whose first answer is given again', async () => {
    const { url, calls } = await noting()
    const coordinator = await running(startCoordinator())
    const key = { 'idempotency-key': 'order-7' }
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => trigger(coordinator, [effect('once', url)], {}, key)),
    )
    const id = answers[0]!.body['workflow_id']
    await until(
      () => statusOf(coordinator, id),
      (seen) => String(seen['status']) === 'COMPLETED',
    )
    const late = await trigger(coordinator, [effect('once', url)], {}, key)
    for (const answer of [...answers, late])
      expect(answer).toMatchObject({ status: 200, body: answers[0]!.body })
    expect(late.headers.get('idempotent-replayed')).toBe('true')
    expect([...answers, late].filter(({ headers }) => !headers.has('idempotent-replayed'))).toHaveLength(1)
    expect(calls).toEqual(['once'])
  })

  test('other keys, and none, start others', async () => {
    const coordinator = await running(startCoordinator())
    const ids = [
      (await trigger(coordinator, [compute('a')], {}, { 'idempotency-key': 'one' })).body['workflow_id'],
      (await trigger(coordinator, [compute('a')], {}, { 'idempotency-key': 'two' })).body['workflow_id'],
      (await trigger(coordinator, [compute('a')])).body['workflow_id'],
      (await trigger(coordinator, [compute('a')])).body['workflow_id'],
    ]
    expect(new Set(ids).size).toBe(4)
  })

  test('a key that is used for something else is a 422, and so is one that is too long', async () => {
    const coordinator = await running(startCoordinator())
    const first = await trigger(coordinator, [compute('a')], {}, { 'idempotency-key': 'mine' })
    const other = await trigger(coordinator, [compute('b')], {}, { 'idempotency-key': 'mine' })
    expect(other.status).toBe(422)
    expect(other.body['detail']![0]!['msg']).toBe(
      `this key belongs to another request, workflow ${String(first.body['workflow_id'])}`,
    )
    expect(
      (await trigger(coordinator, [compute('a')], {}, { 'idempotency-key': 'x'.repeat(256) })).status,
    ).toBe(422)
  })
})

describe('order', () => {
  test('a DAG runs nodes after what they depend on, and hands them the outputs', async () => {
    const coordinator = await running(startCoordinator())
    const [a, b, c] = [randomUUID(), randomUUID(), randomUUID()]
    // Listed backwards, so that only the dependencies can bring them into order.
    const done = await runToEnd(coordinator, [
      {
        node_name: 'total',
        node_type: 'REDUCER',
        dependencies: [b, c],
        parameters: { operation: 'sum', field: 'duration_ms' },
      },
      compute('right', 10, { node_id: c, dependencies: [a] }),
      compute('left', 15, { node_id: b, dependencies: [a] }),
      compute('root', 10, { node_id: a }),
    ])
    expect(done['status']).toBe('COMPLETED')
    const time = (name: string, field: string): number => Date.parse(String(nodeNamed(done, name)[field]))
    for (const branch of ['left', 'right']) {
      expect(time(branch, 'start_time')).toBeGreaterThanOrEqual(time('root', 'end_time'))
      expect(time('total', 'start_time')).toBeGreaterThanOrEqual(time(branch, 'end_time'))
    }
    const outputs = ['left', 'right'].map((name) => Number(nodeNamed(done, name)['output']!['duration_ms']))
    expect(nodeNamed(done, 'total')['output']!['sum']).toBeCloseTo(outputs[0]! + outputs[1]!)
  })

  test('SEQUENTIAL keeps the order given, PRIORITY takes the highest first', async () => {
    const { url, calls } = await noting()
    const coordinator = await running(startCoordinator())
    const nodes = [effect('a', url, { priority: 1 }), effect('b', url, { priority: 900 }), effect('c', url)]
    await runToEnd(coordinator, nodes, { coordination_strategy: 'SEQUENTIAL' })
    expect(calls.splice(0)).toEqual(['a', 'b', 'c'])
    await runToEnd(coordinator, nodes, { coordination_strategy: 'PRIORITY' })
    expect(calls).toEqual(['b', 'c', 'a'])
  })

  test('PARALLEL runs all at once', async () => {
    const coordinator = await running(startCoordinator())
    // Each answers only when all three have been called.
    const waiting: (() => void)[] = []
    const url = await service((_request, response) => {
      waiting.push(() => response.end('{}'))
      if (waiting.length === 3) for (const answer of waiting) answer()
    })
    const nodes = ['a', 'b', 'c'].map((name) => effect(name, url))
    expect((await runToEnd(coordinator, nodes, { coordination_strategy: 'PARALLEL' }))['status']).toBe(
      'COMPLETED',
    )
  })
})

describe('failures', () => {
  test('a node is tried again as often as it says, and what came of it is in the report', async () => {
    let calls = 0
    const url = await service((_request, response) => {
      calls++
      if (calls < 3) response.writeHead(503).end('busy')
      else response.end('{"answer":42}')
    })
    const coordinator = await running(startCoordinator())
    const done = await runToEnd(coordinator, [effect('call', url, { retry_count: 2 })])
    expect(done['status']).toBe('COMPLETED')
    expect(nodeNamed(done, 'call')).toMatchObject({
      retry_count: 2,
      error_message: null,
      output: { status: 200, body: { answer: 42 } },
    })
  })

  test('one that fails for good fails the workflow and skips what depends on it', async () => {
    const url = await service((_request, response) => response.writeHead(500).end('broken'))
    const coordinator = await running(startCoordinator())
    const id = randomUUID()
    const failed = await runToEnd(coordinator, [
      effect('call', url, { node_id: id, retry_count: 1 }),
      compute('after', 0, { dependencies: [id] }),
    ])
    expect(failed).toMatchObject({
      status: 'FAILED',
      failed_node_id: id,
      failed_nodes: 1,
      completed_nodes: 0,
    })
    expect(failed['error_message']).toContain('node call failed: GET')
    expect(failed['error_message']).toContain('answered 500: broken')
    expect(nodeNamed(failed, 'call')).toMatchObject({ status: 'FAILED', retry_count: 1 })
    expect(nodeNamed(failed, 'after')).toMatchObject({ status: 'SKIPPED', start_time: null })
  })

  test('a node, and a workflow, that takes too long is stopped', async () => {
    const coordinator = await running(startCoordinator())
    const node = await runToEnd(coordinator, [compute('slow', 60_000, { timeout_seconds: 0.02 })])
    expect(node).toMatchObject({
      status: 'FAILED',
      error_message: 'node slow failed: not done within timeout_seconds (0.02)',
    })
    const whole = await runToEnd(coordinator, [compute('slow', 60_000)], { timeout_seconds: 0.02 })
    expect(whole).toMatchObject({ status: 'FAILED', error_message: 'not done within timeout_seconds (0.02)' })
    expect(nodeNamed(whole, 'slow')).toMatchObject({
      status: 'SKIPPED',
      error_message: 'the workflow ended first',
    })
  })

  test('a call does not follow a redirect away from this machine', async () => {
    const url = await service((_request, response) =>
      response.writeHead(302, { location: 'http://example.com/' }).end(),
    )
    const coordinator = await running(startCoordinator())
    const failed = await runToEnd(coordinator, [effect('call', url)])
    expect(failed['error_message']).toContain('answered 302')
  })
})

describe('cancel and active', () => {
  test('a running workflow is listed, cancelled, and cannot be cancelled again', async () => {
    const coordinator = await running(startCoordinator())
    const { body } = await trigger(coordinator, [compute('long', 60_000)])
    const id = body['workflow_id']
    await until(
      () => statusOf(coordinator, id),
      (seen) => String(seen['status']) === 'RUNNING',
    )
    expect((await get(coordinator, '/api/workflows/active')).body).toEqual({
      total_count: 1,
      workflows: [
        {
          workflow_id: id,
          workflow_name: 'demo',
          status: 'RUNNING',
          created_at: body['created_at'],
          started_at: expect.any(String),
          progress_percentage: 0,
          total_nodes: 1,
          completed_nodes: 0,
        },
      ],
    })
    const cancelled = await post(coordinator, `/api/workflows/${id}/cancel`)
    expect(cancelled).toMatchObject({
      status: 200,
      body: {
        success: true,
        workflow_id: id,
        previous_status: 'RUNNING',
        cancelled_at: expect.stringMatching(/Z$/),
      },
    })
    const seen = await statusOf(coordinator, id)
    expect(seen).toMatchObject({ status: 'CANCELLED', completed_at: cancelled.body['cancelled_at'] })
    expect(nodeNamed(seen, 'long')).toMatchObject({
      status: 'SKIPPED',
      error_message: 'the workflow was cancelled',
    })
    expect(await post(coordinator, `/api/workflows/${id}/cancel`)).toMatchObject({
      status: 409,
      body: { workflow_id: id, message: `workflow ${String(id)} is already CANCELLED` },
    })
    expect((await get(coordinator, '/api/workflows/active')).body['total_count']).toBe(0)
  })

  test('cancelling stops the call that is under way and starts nothing after it', async () => {
    const { url, calls } = await noting()
    const coordinator = await running(startCoordinator())
    let ended: unknown
    const hanging = await service((request) => request.once('close', () => (ended = 'closed')))
    const { body } = await trigger(coordinator, [effect('hang', hanging), effect('next', url)], {
      coordination_strategy: 'SEQUENTIAL',
    })
    const running_ = (seen: Json): boolean => String(nodeNamed(seen, 'hang')['status']) === 'RUNNING'
    await until(() => statusOf(coordinator, body['workflow_id']), running_)
    await post(coordinator, `/api/workflows/${String(body['workflow_id'])}/cancel`)
    await until(
      () => ended,
      (seen) => seen === 'closed',
    )
    expect(calls).toEqual([])
  })

  test('more workflows than may run at once are answered with 429 and when to come again', async () => {
    const coordinator = await running(startCoordinator({ maxActive: 1 }))
    const first = await trigger(coordinator, [compute('long', 60_000)])
    const refused = await trigger(coordinator, [compute('a')])
    expect(refused.status).toBe(429)
    expect(refused.headers.get('retry-after')).toBe('1')
    await post(coordinator, `/api/workflows/${String(first.body['workflow_id'])}/cancel`)
    expect((await trigger(coordinator, [compute('a')])).status).toBe(200)
  })

  test('finished workflows are forgotten, the oldest first, their keys with them', async () => {
    const coordinator = await running(startCoordinator({ keepFinished: 1 }))
    const key = { 'idempotency-key': 'k' }
    const first = await trigger(coordinator, [compute('a')], {}, key)
    await until(
      () => statusOf(coordinator, first.body['workflow_id']),
      (seen) => String(seen['status']) === 'COMPLETED',
    )
    await runToEnd(coordinator, [compute('b')])
    expect(
      (await get(coordinator, `/api/workflows/${String(first.body['workflow_id'])}/status`)).status,
    ).toBe(404)
    const again = await trigger(coordinator, [compute('a')], {}, key)
    expect(again.body['workflow_id']).not.toBe(first.body['workflow_id'])
  })

  test('closing ends running workflows', async () => {
    const coordinator = await startCoordinator({ closeGrace: 60_000 })
    let ended: unknown
    const hanging = await service((request) => request.once('close', () => (ended = 'closed')))
    await trigger(coordinator, [effect('hang', hanging)])
    await coordinator.close()
    await until(
      () => ended,
      (seen) => seen === 'closed' || seen === undefined,
    )
    await expect(fetch(coordinator.url)).rejects.toThrow('fetch failed')
  })
})

test('GET /health tells how many run', async () => {
  const coordinator = await running(startCoordinator())
  await trigger(coordinator, [compute('long', 60_000)])
  expect((await get(coordinator, '/health')).body).toMatchObject({ status: 'healthy', active_workflows: 1 })
})
