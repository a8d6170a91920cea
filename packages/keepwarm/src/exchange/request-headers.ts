import type { DispatchOptions } from '../pool/lease.ts'

/**
 * The headers of one attempt, to be read and changed before it is sent. Names in any spelling; a name that comes more than
 * once has all its values. Methods as those of the platform's `Headers`.
 */
export class RequestHeaders implements Iterable<[name: string, value: string]> {
  private readonly values = new Map<string, string | string[]>()

  /** @internal @param given in any shape that undici understands. */
  constructor(given: DispatchOptions['headers']) {
    for (const [name, value] of pairsOf(given)) this.add(name, value)
  }

  /** Its value, several joined by a comma; null where there is none. */
  get(name: string): string | null {
    const value = this.values.get(name.toLowerCase())
    return value === undefined ? null : Array.isArray(value) ? value.join(', ') : value
  }

  has(name: string): boolean {
    return this.values.has(name.toLowerCase())
  }

  /** In place of what was there. */
  set(name: string, value: string): void {
    this.values.set(name.toLowerCase(), String(value))
  }

  /** Beside what was there. */
  append(name: string, value: string): void {
    this.add(name, String(value))
  }

  delete(name: string): void {
    this.values.delete(name.toLowerCase())
  }

  *[Symbol.iterator](): Generator<[string, string]> {
    for (const name of this.values.keys()) yield [name, this.get(name)!]
  }

  /** @internal As they are dispatched. */
  toWire(): Record<string, string | string[]> {
    return Object.fromEntries(this.values)
  }

  private add(name: string, value: string | readonly string[]): void {
    const lower = name.toLowerCase()
    const before = this.values.get(lower)
    const all = before === undefined ? value : [before, value].flat()
    this.values.set(lower, typeof all === 'string' ? all : [...all])
  }
}

/** Values, which no log should have, are not printed. */
Object.defineProperty(RequestHeaders.prototype, Symbol.for('nodejs.util.inspect.custom'), {
  value(this: RequestHeaders): string {
    return `RequestHeaders { ${Array.from(this, ([name]) => name).join(', ')} }`
  },
})

type Pair = readonly [name: string, value: string | string[]]

function pairsOf(given: DispatchOptions['headers']): Iterable<Pair> {
  if (given === undefined || given === null) return []
  if (Array.isArray(given)) {
    if (Array.isArray(given[0])) return given as unknown as Pair[]
    const flat = given as readonly string[]
    return Array.from({ length: flat.length / 2 }, (_, i): Pair => [flat[2 * i]!, flat[2 * i + 1]!])
  }
  if (Symbol.iterator in given) return given as Iterable<Pair>
  return Object.entries(given).filter((pair): pair is [string, string | string[]] => pair[1] !== undefined)
}
