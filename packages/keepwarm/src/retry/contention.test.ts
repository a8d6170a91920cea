/**
 * A hundred clients want to change one thing. Each reads its version, and writes; whoever wrote meanwhile makes it fail,
 * and it waits and begins again. How many calls it takes until all have succeeded shows what a backoff is worth.
 */
import { expect, test } from 'vitest'
import { ManualRuntime } from '../testing/manual-runtime.ts'
import { backoff, type Backoff } from './backoff.ts'

const CLIENTS = 100
const RUNS = 40

interface Message {
  readonly at: number
  readonly client: number
  /** The version that it writes over; undefined when it reads. */
  readonly version: number | undefined
}

/** A way through the network takes 10 ms, with a deviation of 2 ms. */
function wayOf(random: () => number): number {
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
  return Math.max(0, 10 + 2 * normal)
}

/** Reads and writes until all clients have succeeded. */
function calls(options: Backoff | undefined, random: () => number): number {
  const queue: Message[] = Array.from({ length: CLIENTS }, (_, client) => ({
    at: wayOf(random),
    client,
    version: undefined,
  }))
  const failures = Array<number>(CLIENTS).fill(0)
  let [version, count] = [0, 0]
  while (queue.length > 0) {
    const message = takeFirst(queue)
    const { at, client } = message
    const there = at + wayOf(random)
    count++
    if (message.version === undefined) {
      queue.push({ at: there + wayOf(random), client, version })
      continue
    }
    if (message.version === version) {
      version++
      continue
    }
    const retry = ++failures[client]!
    const wait = options === undefined ? 0 : backoff(options, retry, random())
    queue.push({ at: there + wait + wayOf(random), client, version: undefined })
  }
  return count
}

function takeFirst(queue: Message[]): Message {
  let first = 0
  for (let index = 1; index < queue.length; index++) if (queue[index]!.at < queue[first]!.at) first = index
  return queue.splice(first, 1)[0]!
}

function meanCalls(options: Backoff | undefined): number {
  const runtime = new ManualRuntime(1)
  let sum = 0
  for (let run = 0; run < RUNS; run++) sum += calls(options, () => runtime.random())
  return sum / RUNS
}

/** What is known of this contention with a base of 5 ms and a cap of 2 s. */
const known = { none: 4_849, withoutJitter: 3_713, fullJitter: 1_751 }

test('full jitter needs no more calls than are known for it, and chance is what makes it so', () => {
  const usual = { base: 5, multiplier: 2, cap: 2_000 }
  const full = meanCalls(usual)
  expect(full).toBeLessThan(known.fullJitter * 1.02)
  // The simulation is the one that the numbers are of: it finds the others too.
  expect(full).toBeGreaterThan(known.fullJitter * 0.95)
  expect(Math.abs(meanCalls({ ...usual, jitter: 0 }) / known.withoutJitter - 1)).toBeLessThan(0.05)
  expect(Math.abs(meanCalls(undefined) / known.none - 1)).toBeLessThan(0.05)
})
