/**
 * Ends a process whose event loop stands still: it can do nothing about it itself, and what runs in circles may fill the
 * machine's memory. A thread of its own expects to hear from the event loop, and says why it kills.
 */
import { writeSync } from 'node:fs'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'

interface Watch {
  /** How long the event loop may stand still, in ms. */
  readonly longest: number
  /** What is said then. */
  readonly says: string
}

/** More than anything here needs, in bytes. */
const MOST_MEMORY = 3 * 1024 ** 3

/** Until the returned function is called. */
export async function watchEventLoop(watch: Watch): Promise<() => Promise<unknown>> {
  const worker = new Worker(new URL(import.meta.url), { workerData: watch })
  worker.unref()
  const beat = setInterval(() => worker.postMessage('here'), 200)
  await new Promise((resolve) => worker.once('online', resolve))
  return () => {
    clearInterval(beat)
    return worker.terminate()
  }
}

function stand({ longest, says }: Watch): void {
  let heard = performance.now()
  parentPort!.on('message', () => (heard = performance.now()))
  setInterval(() => {
    const silent = performance.now() - heard
    const memory = process.memoryUsage.rss()
    if (silent < longest && memory < MOST_MEMORY) return
    const facts = `the event loop stood still for ${Math.round(silent)} ms, the process holds ${Math.round(memory / 1024 ** 2)} MiB`
    writeSync(2, `✗ ${facts}. ${says}\n`)
    process.kill(process.pid, 'SIGKILL')
  }, 250)
}

if (!isMainThread && parentPort !== null && isWatch(workerData)) stand(workerData)

function isWatch(data: unknown): data is Watch {
  return typeof data === 'object' && data !== null && 'longest' in data && 'says' in data
}
