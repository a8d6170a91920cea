/** One dashboard of several processes and threads, over real channels. */
import { fork, type ChildProcess } from 'node:child_process'
import cluster from 'node:cluster'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Worker } from 'node:worker_threads'
import { HttpClient, type ProcessSnapshot } from 'keepwarm'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { dashboard, type Dashboard } from '../src/index.ts'
import { ask } from './support/handler-lab.ts'
import { EventStream, type Tick } from './support/handler-stream.ts'
import { eventually } from './support/handler-wait.ts'

// Processes have to start, on machines that may be busy.
vi.setConfig({ testTimeout: 60_000 })

const program = new URL('support/handler-worker.ts', import.meta.url).pathname
const execArgv = ['--conditions=keepwarm-source']
const upstream = createServer((_, response) => void response.end('{}'))
let origin = ''

beforeAll(async () => {
  upstream.keepAliveTimeout = 120_000 // processes take long to start where others work, too
  upstream.listen(0, '127.0.0.1')
  await once(upstream, 'listening')
  origin = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`
})
afterAll(() => {
  upstream.closeAllConnections()
  upstream.close()
})

async function start(calls: number, name: string): Promise<ChildProcess> {
  const child = fork(program, [origin, String(calls), name], { execArgv })
  await appMessage(child)
  return child
}

/** What the program says to its app, which the dashboard does not touch. */
async function appMessage(from: ChildProcess | Worker): Promise<unknown> {
  for (;;) {
    const [message] = (await once(from, 'message')) as [{ app?: string }]
    if (message.app !== undefined) return message
  }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill('SIGKILL')
  await gone
}

/** The first tick that shows so many processes, all of which answered. */
async function tickOf(board: Dashboard, processes: number, query = ''): Promise<Tick> {
  await using server = await board.listen()
  const stream = await EventStream.open(`${server.url}events${query}`)
  const isThere = (tick: Tick): boolean =>
    tick.processes.length === processes && tick.processes.every(({ silent }) => !silent)
  await eventually(() => stream.ticks.some(isThere), `${processes} processes`, 30_000)
  stream.close()
  return stream.ticks.find(isThere)!
}

function startedIn(snapshot: Pick<ProcessSnapshot, 'clients'> | Tick['snapshot']): number {
  return (snapshot as ProcessSnapshot).clients[0]!.calls.started
}

test('two processes are shown as their sum, and each by itself', async () => {
  const children = await Promise.all([start(3, 'stay one'), start(5, 'stay two')])
  await using board = dashboard([], { name: 'shop' })
  for (const child of children) board.collect(child)
  try {
    const sum = await tickOf(board, 2)
    expect(sum).toMatchObject({
      view: 'sum',
      snapshot: { process: { name: 'shop' }, clients: [{ name: 'search' }] },
    })
    expect(startedIn(sum.snapshot)).toBe(8)
    expect(sum.processes.map(({ name }) => name).sort()).toEqual(['stay one', 'stay two'])
    const two = await tickOf(board, 2, `?process=${children[1].pid}`)
    expect(two.view).toBe(String(children[1].pid))
    expect(startedIn(two.snapshot)).toBe(5)
    await using server = await board.listen()
    expect((await ask(`${server.url}metrics`)).text).toMatch(/keepwarm_client_name="search"/)
    // On a machine that is busy with others the loops of these processes are late, and that is said.
    const { verdicts } = (await ask(`${server.url}diagnose`)).json as { verdicts: { kind: string }[] }
    expect(verdicts.map(({ kind }) => kind).filter((kind) => kind !== 'loop_blocked')).toEqual(
      verdicts.some(({ kind }) => kind === 'loop_blocked') ? [] : ['healthy'],
    )
  } finally {
    await Promise.all(children.map(stop))
  }
  await expect(tickOf(board, 1)).resolves.toMatchObject({ snapshot: { clients: [] } })
})

test('real snapshots add up: every counter, and no other fields than they have', async () => {
  await using client = new HttpClient({ name: 'search', baseUrl: origin })
  for (let i = 0; i < 4; i++) await client.get('/').text()
  const child = await start(6, 'stay')
  await using board = dashboard(client)
  board.collect(child)
  try {
    const sum = await tickOf(board, 2)
    expect(startedIn(sum.snapshot)).toBe(10)
    const own = { ...client.snapshot() } as unknown as Record<string, unknown>
    expect(Object.keys(sum.snapshot.clients[0]!).sort()).toEqual(Object.keys(own).sort())
    const { pools } = sum.snapshot as unknown as ProcessSnapshot
    expect(pools).toHaveLength(1)
    expect(pools[0]).toMatchObject({
      connections: 2,
      maxConnections: 200,
      counters: { requests: 10, opened: 2 },
    })
    expect(pools[0]!.connectionList).toHaveLength(2)
    expect(Object.keys(pools[0]!.origins[0]!).sort()).toEqual(
      Object.keys(client.pool.snapshot({ holders: true }).origins[0]!).sort(),
    )
  } finally {
    await stop(child)
  }
})

test('a worker thread is told from its process', async () => {
  await using client = new HttpClient({ name: 'search', baseUrl: origin })
  const worker = new Worker(program, { workerData: [origin, '2', 'stay thread'], execArgv })
  await using board = dashboard(client, { name: 'main' })
  board.collect(worker)
  const { processes } = await tickOf(board, 2)
  expect(processes.map(({ id, name }) => [id, name])).toEqual([
    [String(process.pid), 'main'],
    [`${process.pid}.${worker.threadId}`, 'stay thread'],
  ])
  const only = await tickOf(board, 2, `?process=${process.pid}.${worker.threadId}`)
  expect(startedIn(only.snapshot)).toBe(2)
  await worker.terminate()
})

test('cluster: all workers, also those that are started later', async () => {
  cluster.setupPrimary({ exec: program, args: [origin, '1', 'stay'], execArgv })
  await using board = dashboard([])
  const first = cluster.fork()
  using collecting = board.collect(cluster)
  const second = cluster.fork()
  try {
    expect(startedIn((await tickOf(board, 2)).snapshot)).toBe(2)
    expect(collecting).toBeDefined()
  } finally {
    for (const worker of [first, second]) await stop(worker.process)
  }
})

test('a process that hangs does not hold up the others, and is said to be silent', async () => {
  const [well, hung] = await Promise.all([start(1, 'stay'), start(1, 'stay')])
  await using board = dashboard([])
  for (const child of [well, hung]) board.collect(child)
  try {
    await tickOf(board, 2)
    hung.kill('SIGSTOP')
    await using server = await board.listen()
    const stream = await EventStream.open(`${server.url}events`)
    await eventually(
      () => stream.ticks.some(({ processes }) => processes.some(({ silent }) => silent)),
      'silence',
    )
    expect(startedIn(stream.ticks.at(-1)!.snapshot)).toBe(1)
    stream.close()
  } finally {
    await Promise.all([well, hung].map(stop))
  }
})

test('reporting keeps no process and no thread alive', async () => {
  const child = await start(1, 'leaves')
  await using board = dashboard([])
  board.collect(child)
  const [code] = (await once(child, 'exit')) as [number]
  expect(code).toBe(0)
  const worker = new Worker(program, { workerData: [origin, '1', 'leaves'], execArgv })
  board.collect(worker)
  await once(worker, 'exit')
})
