/** What a server counts at its own sockets, in memory that another thread can read while it counts. */
import type { Upstream } from './upstream.ts'

export type Counted = Pick<Upstream, 'connections' | 'requests'>

const cells = ['opened', 'open', 'requests'] as const
export type Cell = (typeof cells)[number]

export class Counts implements Counted {
  readonly memory: SharedArrayBuffer
  private readonly values: BigInt64Array

  /** @param memory of another `Counts`, to read and write the same numbers; default: memory of its own */
  constructor(memory = new SharedArrayBuffer(cells.length * BigInt64Array.BYTES_PER_ELEMENT)) {
    this.memory = memory
    this.values = new BigInt64Array(memory)
  }

  add(cell: Cell, by: 1 | -1): void {
    Atomics.add(this.values, cells.indexOf(cell), BigInt(by))
  }

  /** For a server whose thread ended before it could count its sockets' ends. */
  noneOpen(): void {
    Atomics.store(this.values, cells.indexOf('open'), 0n)
  }

  get connections(): Counted['connections'] {
    return { opened: this.read('opened'), open: this.read('open') }
  }

  get requests(): number {
    return this.read('requests')
  }

  private read(cell: Cell): number {
    return Number(Atomics.load(this.values, cells.indexOf(cell)))
  }
}
