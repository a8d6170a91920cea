/**
 * `npm run soak [-- --minutes 10] [--from <seed>]`: tries the pool's core with fresh seeds, on all processors, until the
 * time is over or a law breaks. Then it prints the seed and a short schedule that breaks the law too, and exits with 1.
 */
import { randomInt } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { trySeed } from '../packages/keepwarm/src/testing/pool-trial.ts'

const STEPS = 2_000
/** Far longer than a seed takes, with the shrinking of what it found. */
const STUCK_AFTER = 120_000
const REPORT_EVERY = 10_000

/** One thread tries every `stride`th seed from `first` on, and says in `shared` where it is. */
interface Share {
  readonly first: number
  readonly stride: number
  /** The seed it is at; how many it has tried. */
  readonly shared: Int32Array
}

if (isMainThread) await soak()
else trySeeds(workerData as Share)

function trySeeds({ first, stride, shared }: Share): void {
  for (let seed = first; ; seed += stride) {
    shared[0] = seed
    const failure = trySeed(seed, STEPS)
    if (failure !== undefined) return parentPort!.postMessage(failure)
    Atomics.add(shared, 1, 1)
  }
}

async function soak(): Promise<void> {
  const { minutes, from } = options()
  const stride = availableParallelism()
  const shares = Array.from({ length: stride }, (_, index) => ({
    first: from + index,
    stride,
    shared: new Int32Array(new SharedArrayBuffer(8)),
  }))
  console.log(`${minutes} min from seed ${from} on, ${stride} threads; the same again: --from ${from}`)
  const began = performance.now()
  const failure = await Promise.race([
    ...shares.map(work),
    stuck(shares),
    delay(minutes * 60_000, undefined),
    progress(shares, began),
  ])
  console.log(figures(shares, began))
  if (failure !== undefined) console.error(`✗ ${failure}`)
  process.exit(failure === undefined ? 0 : 1)
}

function options(): { minutes: number; from: number } {
  const { values } = parseArgs({
    options: { minutes: { type: 'string', default: '10' }, from: { type: 'string' } },
  })
  const minutes = Number(values.minutes)
  const from = values.from === undefined ? randomInt(1_000_000_000) : Number(values.from)
  if (!(minutes > 0 && minutes <= 10_000))
    refuse('--minutes', values.minutes, 'a number above 0, up to 10000')
  if (!(Number.isInteger(from) && from >= 0 && from <= 2_000_000_000))
    refuse('--from', values.from ?? '', 'a whole number from 0 to 2000000000')
  return { minutes, from }
}

function refuse(option: string, value: string, allowed: string): never {
  console.error(`✗ ${option} is "${value}"; it must be ${allowed}, as in: npm run soak -- ${option} 5`)
  process.exit(2)
}

/** Resolves with what a thread found. */
function work(share: Share): Promise<string> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(import.meta.filename, { workerData: share })
    worker.on('message', resolve)
    worker.on('error', reject)
  })
}

/** Resolves when a thread has been at the same seed for too long: the core runs in circles. */
function stuck(shares: readonly Share[]): Promise<string> {
  const last = shares.map(() => ({ count: -1, since: 0 }))
  return new Promise((resolve) => {
    setInterval(() => {
      for (const [index, { shared }] of shares.entries()) {
        const seen = last[index]!
        const count = Atomics.load(shared, 1)
        if (count !== seen.count) last[index] = { count, since: performance.now() }
        else if (performance.now() - seen.since > STUCK_AFTER)
          resolve(`seed ${shared[0]} does not come to its end: the core runs in circles`)
      }
    }, 1_000)
  })
}

/** Tells how far it is, for as long as the program runs. */
function progress(shares: readonly Share[], began: number): Promise<never> {
  return new Promise(() => setInterval(() => console.log(figures(shares, began)), REPORT_EVERY))
}

function figures(shares: readonly Share[], began: number): string {
  const seeds = shares.reduce((sum, { shared }) => sum + Atomics.load(shared, 1), 0)
  const seconds = (performance.now() - began) / 1_000
  const [steps, rate] = [(seeds * STEPS) / 1e6, (seeds * STEPS) / seconds / 1e6]
  return `${seconds.toFixed(0)} s: ${seeds} seeds, ${steps.toFixed(1)} million steps, ${rate.toFixed(2)} million a second`
}
