/** The process of one JavaScript client: it loads that client alone, warms up, measures, says what came of it, and ends. */
import { PerformanceObserver, type PerformanceEntry } from 'node:perf_hooks'
import { setImmediate as breathe } from 'node:timers/promises'
import type { OpenPeer, PeerClient } from './peers-client.ts'
import type { PeerOrder, PeerSample } from './peers-order.ts'
import { roster } from './peers-roster.ts'
import { settingsOf } from './program.ts'

const order = settingsOf<PeerOrder>()
const { arms } = (await import(`../peers/${roster[order.arm].file}`)) as { arms: Record<string, OpenPeer> }
const open = arms[order.arm]!
/** Latencies in ms; memory that nobody touches costs nothing. */
const latencies = new Float64Array(2_000_000)
let [requests, errors, sent, firstError] = [0, 0, 0, '']
let collections: PerformanceEntry[] = []
const collector = new PerformanceObserver((list) => collections.push(...list.getEntries()))
collector.observe({ entryTypes: ['gc'] })

const sample = order.kind === 'burst' ? await measureBursts() : await measureLoad()
process.stdout.write(`${JSON.stringify(sample)}\n`, () => process.exit(0))

/** Every caller begins its next request when it has its last answer. */
async function measureLoad(): Promise<PeerSample> {
  const client = open(order)
  sent += (await client.prepare?.(order.path)) ?? 0
  const once = callOf(client)
  await load(once, order.warmUp)
  return measureSlices(async () => {
    const begun = performance.now()
    await load(once, order.measured)
    return performance.now() - begun
  })
}

/** A slice gives how many ms of the wall's clock count. */
async function measureSlices(slice: () => Promise<number>): Promise<PeerSample> {
  reset()
  await breathe()
  const [cpu, wall]: [number[], number[]] = [[], []]
  for (let number = 0; number < order.slices; number++) {
    const [before, counted] = [process.cpuUsage(), requests]
    const ms = await slice()
    const { user, system } = process.cpuUsage(before)
    cpu.push((user + system) / (requests - counted))
    wall.push((ms * 1_000) / (requests - counted))
  }
  return summary(cpu, wall)
}

async function load(once: () => Promise<void>, ms: number): Promise<void> {
  const over = spent(ms)
  const caller = async (): Promise<void> => {
    // Once at least, so that every connection is open when the warm-up is over.
    do await record(once)
    while (!over())
  }
  await Promise.all(Array.from({ length: order.callers }, caller))
}

/**
 * Whether this process has worked for so long. CPU time makes a busy machine take longer, and measure as much; on the wall
 * it may take ten times as long. To ask costs some µs, so it is done every now and then.
 */
function spent(ms: number, every = 16): () => boolean {
  const until = performance.now() + 10 * ms
  const before = process.cpuUsage()
  let [asked, over] = [0, false]
  return () => {
    if (over || ++asked % every !== 0) return over
    const { user, system } = process.cpuUsage(before)
    over = user + system > ms * 1_000 || performance.now() > until
    return over
  }
}

/** Each with a client that has nothing open, unless it warmed up; opening and closing counts as CPU time, not as time. */
async function measureBursts(): Promise<PeerSample> {
  const over = spent(order.warmUp, 1)
  do await burst()
  while (!over())
  return await measureSlices(burst)
}

async function burst(): Promise<number> {
  const client = open(order)
  await client.warm?.(order.connections)
  const once = callOf(client)
  const begun = performance.now()
  await Promise.all(Array.from({ length: order.callers }, () => record(once)))
  const wall = performance.now() - begun
  await client.close()
  return wall
}

async function record(once: () => Promise<void>): Promise<void> {
  const begun = performance.now()
  try {
    await once()
  } catch (error) {
    if (errors++ === 0) firstError = String(error)
  }
  latencies[requests++] = performance.now() - begun
}

function callOf(client: PeerClient): () => Promise<void> {
  const { kind, path, origin, value } = order
  if (kind === 'text') return async () => expectBytes((await client.text(path)).length)
  if (kind === 'stream') return async () => expectBytes(await bytesOf(await client.stream!(path)))
  const { fetch } = client
  if (kind === 'fetch' && fetch !== undefined) {
    return async () => expectMember(await (await fetch(origin + path, asSdk(value))).json())
  }
  return async () => expectMember(await client.json!(path, value))
}

/** Made anew for each request, as SDKs do it. */
function asSdk(value: object): {
  method: string
  headers: Record<string, string>
  body: string
  signal: AbortSignal
} {
  const headers = {
    Accept: 'application/json',
    'Content-Type': 'application/json',
    Authorization: 'Bearer abcdefgh',
  }
  return { method: 'POST', headers, body: JSON.stringify(value), signal: new AbortController().signal }
}

async function bytesOf(body: AsyncIterable<Uint8Array>): Promise<number> {
  let bytes = 0
  for await (const chunk of body) bytes += chunk.length
  return bytes
}

function expectBytes(bytes: number): void {
  if (bytes !== order.bytes) throw new Error(`the body has ${bytes} bytes; ${order.bytes} were sent`)
}

function expectMember(answer: unknown): void {
  const [name, value] = order.member
  if ((answer as Record<string, unknown>)[name] !== value)
    throw new Error(`the answer has no ${name} ${value}`)
}

function reset(): void {
  sent += requests
  ;[requests, errors, firstError] = [0, 0, '']
  collector.takeRecords()
  collections = []
}

function summary(cpu: number[], wall: number[]): PeerSample {
  collections.push(...collector.takeRecords())
  const collecting = collections.reduce((total, { duration }) => total + duration, 0)
  const sorted = latencies.subarray(0, requests).toSorted()
  const at = (share: number): number => (sorted[Math.ceil(share * requests) - 1] ?? NaN) * 1_000
  return {
    sent: sent + requests,
    requests,
    errors,
    first_error: firstError,
    cpu,
    wall,
    gc: (collecting * 1_000) / requests,
    p50: at(0.5),
    p99: at(0.99),
    p999: at(0.999),
    peak_rss_kb: process.resourceUsage().maxRSS,
  }
}
