/** `node:cluster`, known by its shape: all workers, and those to come. */
import type { EventEmitter } from 'node:events'
import type { Collector } from './collector.ts'
import type { Port } from './line.ts'

export interface ClusterLike {
  readonly on: Port['on']
  readonly off: Port['off']
  readonly workers?: Readonly<Record<string, Port | undefined>>
}

export function collectFrom(collector: Collector, from: Port | ClusterLike): Disposable {
  if (!('workers' in from)) return collector.add(from)
  const added = new Set<Disposable>()
  const add = (worker: Port): void => void added.add(collector.add(worker))
  for (const worker of Object.values(from.workers ?? {})) if (worker !== undefined) add(worker)
  const events = from as unknown as Pick<EventEmitter, 'on' | 'off'>
  events.on('fork', add)
  return {
    [Symbol.dispose]: () => {
      events.off('fork', add)
      for (const one of added) one[Symbol.dispose]()
    },
  }
}
